"""What sections about people name and no section has: found before anybody is missed at night."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from bot.incidents.matchers import NotAMatcher, Op, read_matchers
from checks.registry import discover

Told = Mapping[str, object]

NAMING = {
    "team": {"members": "person", "policy": "policy"},
    "route": {"team": "team", "policy": "policy"},
    "response": {"policy": "policy"},
    "person": {"pagers": "pager"},
}
"""By section and key, of which kind of section the name is."""
GIVEN = ("members", "channel", "policy", "working")
"""What a team is there for."""
MATCHING = {"route": "match", "silence": "matchers", "maintenance": "matchers"}
"""By section, the key of its matchers."""


def response_faults(told: Told) -> Iterator[str]:
    """One sentence for each name without a section. `told` is the file as it stands."""
    for section, keys in NAMING.items():
        for table in _tables(told, section):
            for key, kind in keys.items():
                for name in _names(table.get(key)):
                    yield from _unknown(told, f"[[{section}]] {key}", kind, name)
    for policy in _tables(told, "policy"):
        yield from _targets(told, policy)
    yield from _empty(_tables(told, "team"))
    yield from _unreachable(_tables(told, "route"))
    for section, key in MATCHING.items():
        for table in _tables(told, section):
            yield from _unknown_checks(f"[[{section}]] {key}", table.get(key))


def _empty(teams: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for team in teams:
        if not any(team.get(key) for key in GIVEN):
            name = str(team.get("name", ""))[:80]
            yield f"[[team]] {name!r} is empty; expected at least one of {', '.join(GIVEN)}"


def _unreachable(routes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """The first route that matches is taken, so what follows one for everything never is."""
    for place, route in enumerate(routes[:-1], 1):
        if not str(route.get("match", "")).strip():
            yield (
                f"[[route]] {place} has no match, so it takes everything and those after it are "
                "never reached; put it last"
            )
            return


def _unknown_checks(where: str, text: object) -> Iterator[str]:
    """Of matchers that cannot be read nothing is said here."""
    try:
        matchers = read_matchers(text)[0] if isinstance(text, str) else ()
    except NotAMatcher:
        return
    known = list(discover())
    for each in matchers:
        if each.label == "check" and each.op is not Op.LIKE and each.value.casefold() not in known:
            near = get_close_matches(each.value, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"
            yield f"{where} names the check {each.value[:80]!r}, which does not exist; {hint}"


def _targets(told: Told, policy: Mapping[str, Any]) -> Iterator[str]:
    named = [target for step in _tables(policy, "step") for target in _names(step.get("tell"))]
    for target in dict.fromkeys((*named, *_names(policy.get("fallback")))):
        kind, _, name = target.partition(":")
        if kind in ("person", "rota", "pager"):
            yield from _unknown(told, f"[[policy]] {policy.get('name')!r}", kind, name)


def _unknown(told: Told, where: str, kind: str, name: str) -> Iterator[str]:
    known = [str(table.get("name")) for table in _tables(told, kind)]
    if name.casefold() not in map(str.casefold, known):
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected the name of a [[{kind}]]"
        yield f"{where} names the {kind} {name[:80]!r}, which does not exist; {hint}"


def _tables(told: Told, section: str) -> list[Mapping[str, Any]]:
    found = told.get(section)
    tables = found if isinstance(found, list) else [found]
    return [each for each in tables if isinstance(each, Mapping)]


def _names(told: object) -> list[str]:
    each = told if isinstance(told, list | tuple) else [told]
    return [name for name in each if isinstance(name, str)]
