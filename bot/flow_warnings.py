"""What `[[flow]]` and `[[reconcile]]` name and the settings do not have: told by `config check`.

It is no fault, because Patchworks may have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from bot.settings import Settings

NEAR = 0.6
"""How like (difflib's ratio) a name has to be to be offered instead."""


def flow_warnings(settings: Settings) -> Iterator[str]:
    """One sentence for each system that is none of the settings, and for each flow that is compared
    and has no section. Without any `[[system]]` there is nothing to set systems against."""
    systems = [each.name for each in settings.system]
    for flow in settings.flow if systems else ():
        for role, name in (("source", flow.source), ("target", flow.target)):
            if name and not _is_one(name, systems):
                yield (
                    f"The {role} {name!r} of the [[flow]] {flow.called!r} is the name of no "
                    f"[[system]], so that nothing known of one is tied to the flow; "
                    f"{_instead(name, systems)}"
                )
    flows = [name for each in settings.flow for name in (each.name, each.id) if name]
    for pair in settings.reconcile:
        if pair.flow and not _is_one(pair.flow, flows):
            yield (
                f"The [[reconcile]] {pair.name!r} is of the flow {pair.flow!r}, which has no "
                f"[[flow]] section; {_instead(pair.flow, flows)} Once it runs, `seamwatch doctor` "
                "says whether Patchworks has such a flow."
            )


def _is_one(name: str, known: Sequence[str]) -> bool:
    return name.casefold() in map(str.casefold, known)


def _instead(name: str, known: Sequence[str]) -> str:
    folded = {each.casefold(): each for each in known}
    near = get_close_matches(name.casefold(), folded, n=1, cutoff=NEAR)
    if near:
        return f"did you mean {folded[near[0]]!r}?"
    return f"expected one of {', '.join(known)}." if known else "its owner and costs are not known."
