"""Flows that keep what was promised for them and flows that do not, for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from checks.catalogue.broken_promise import judge
from checks.model import Fact
from checks.promises.model import Kept, Promise, PromiseEvidence, Served
from checks.promises.policy import Policy

NOW = datetime(2026, 3, 2, 10, 4, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ORDERS = "5"
PROMISE = Promise(success=0.99, within=10 * MINUTE, share=0.95, over=DAY)


def served(good: int = 500, bad: int = 0, late: int = 0, waiting: tuple[int, ...] = ()) -> Served:
    """Good runs take 40 s; `late` of them 22 min."""
    seconds = {40: good - late} | ({1320: late} if late else {})
    return Served(good=good, bad=bad, seconds=seconds, waiting=waiting)


def kept(whole: Served, lately: Served | None = None, **told: object) -> Kept:
    """Lately as bad as ever, unless told otherwise."""
    given: dict[str, object] = {
        "flow_id": ORDERS,
        "flow_name": "Orders to NetSuite",
        "promise": PROMISE,
        "served": whole,
        "lately": whole if lately is None else lately,
        "before": Served(good=9980, bad=20, seconds={40: 9900, 300: 80}),
    }
    return Kept(**(given | told))  # type: ignore[arg-type]


def evidence(*flows: Kept, blind: str = "") -> PromiseEvidence:
    return PromiseEvidence(flows=flows, blind=blind)


def facts_of(whole: Served, **told: object) -> Mapping[str, Fact]:
    """What the page of the check is given."""
    (found,) = judge(evidence(kept(whole, **told)), Policy(), NOW)  # type: ignore[arg-type]
    return found.facts


SITUATIONS: Mapping[str, Mapping[str, Fact]] = {
    "failing": facts_of(served(486, 14)),
    "failing-of-few": facts_of(served(38, 2), before=None),
    "slow": facts_of(served(500, late=40)),
    "slow-with-queue": facts_of(served(500, late=40), from_queue=True),
    "well-again": facts_of(served(500)),
    "too-few": facts_of(served(3)),
    "no-incident": {},
}
