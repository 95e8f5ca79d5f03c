"""Which of our connectors reads the system that Patchworks names? Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from checks.declare import Connector


def kinds_of(system: str, connectors: Mapping[str, Connector]) -> tuple[str, ...]:
    """The kinds of connector that a system's name in Patchworks may mean, the likeliest first.

    Names are compared by their words, since Patchworks writes "NetSuite" or "Oracle NetSuite" and
    a connector is titled "NetSuite (REST)": the more words they share, the likelier. A name that
    shares no word of weight with any title means none.
    """
    named = _words(system)
    ranked = []
    for kind, connector in connectors.items():
        titled = _words(connector.title) | _words(kind)
        shared = named & titled
        if shared:
            ranked.append((-len(shared), len(titled - named), kind))
    most = min((rank for rank, *_ in ranked), default=0)
    return tuple(kind for rank, _, kind in sorted(ranked) if rank == most)


WITHOUT_WEIGHT = {
    *("api", "app", "adobe", "and", "as", "by", "cloud", "commerce", "connector", "descartes"),
    *("for", "graphql", "legacy", "live", "microsoft", "on", "one", "online", "oracle"),
    *("production", "rest", "retail", "s", "sandbox", "sap", "series", "service", "store", "the"),
    *("uk", "us", "eu", "v1", "v2"),
}


def _words(name: str) -> set[str]:
    """The words that tell one system from another, joined ones whole and taken apart."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = set(re.findall(r"[a-z0-9]+", f"{apart} {name}".casefold()))
    return words - WITHOUT_WEIGHT or words
