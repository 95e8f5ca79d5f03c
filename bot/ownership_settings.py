"""`[[responsibility]]`: who does, answers for, advises on and hears of what, as a matrix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from bot.ownership import Known, PartyKind, Role, Rule, Scope, read_party
from bot.section import Section
from checks.registry import discover

MOST = 20
COMPARED = "orders"
"""What a [[reconcile]] compares that does not say."""
Told = Mapping[str, object]
Tables = Sequence[Told]


def _listed(told: object) -> object:
    return [told] if isinstance(told, str) else told


def _check_mode(told: str) -> str:
    """The failure mode by its name in the settings or by its title: both give the former."""
    checks = discover()
    titles = {check.title.casefold(): name for name, check in checks.items()}
    found = told if not told or told in checks else titles.get(told.casefold())
    if found is None:
        names = [*checks, *titles]
        near = get_close_matches(told.casefold(), names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(checks)}"
        raise ValueError(f"there is no failure mode {told[:60]!r}; {hint}")
    return found


Words = Annotated[str, Field(min_length=1, max_length=80)]
Parties = Annotated[tuple[Words, ...], BeforeValidator(_listed), Field(max_length=MOST)]
Mode = Annotated[str, AfterValidator(_check_mode)]


class ResponsibilitySettings(Section):
    """Who has which part in what. What is left out of `flow`, `entity` and `check` is all."""

    flow: str = Field(default="", description="the flow, by its name or id in Patchworks")
    entity: str = Field(default="", description="what flows carry, as their [[flow]] says: orders")
    check: Mode = Field(
        default="", description='the failure mode, such as "silent_loss" or "Silent Data Loss"'
    )
    responsible: Parties = Field(
        default=(), description='who puts it right: "Priya", "team:integrations", "rota:night"'
    )
    accountable: Words | None = Field(default=None, description="the one who answers for it")
    consulted: Parties = Field(default=(), description="whose advice is asked for")
    informed: Parties = Field(default=(), description="who wants to hear of it")

    @classmethod
    def conflicts(cls, told: Told) -> Iterator[str]:
        if not any(told.get(role.value) for role in Role):
            yield f"names nobody; expected at least one of {', '.join(role.value for role in Role)}"
        answers = told.get("accountable")
        if isinstance(answers, list):
            yield f"accountable names {len(answers)}; expected exactly one, who answers for it"

    @property
    def scope(self) -> Scope:
        return Scope(flow=self.flow, entity=self.entity, check=self.check)

    def rule(self, known: Known) -> Rule:
        told = {
            Role.RESPONSIBLE: self.responsible,
            Role.ACCOUNTABLE: (self.accountable,) if self.accountable else (),
            Role.CONSULTED: self.consulted,
            Role.INFORMED: self.informed,
        }
        return Rule(
            scope=self.scope,
            parties={
                role: tuple(read_party(name, known) for name in names)
                for role, names in told.items()
                if names
            },
        )


def ownership_faults(told: Told) -> Iterator[str]:
    """One sentence for each person, team and rota that is named and has no section, for each entity
    that nothing carries, for each place of the matrix that stands twice, and for each for which
    nobody answers."""
    known = known_in(told)
    sections = _tables(told, "responsibility")
    for section in sections:
        for role in Role:
            for name in _names(section.get(role.value)):
                yield from _unknown(f"[[responsibility]] {role.value}", name, known)
    for flow in _tables(told, "flow"):
        for name in _names(flow.get("owner")):
            yield from _unknown("[[flow]] owner", name, known)
    yield from _uncarried(sections, told)
    yield from _twice([_scope(section) for section in sections])
    yield from _unanswered(sections)


def known_in(told: Told) -> Known:
    """Who has a section, of settings as they stand in the file."""
    names = {
        kind: tuple(str(each["name"]) for each in _tables(told, kind.value) if "name" in each)
        for kind in (PartyKind.PERSON, PartyKind.TEAM, PartyKind.ROTA)
    }
    return Known(names=names)


def _unknown(where: str, name: str, known: Known) -> Iterator[str]:
    """Words without a kind before them may be anything."""
    kind, colon, bare = name.partition(":")
    if not colon or kind not in list(PartyKind) or kind == PartyKind.WORDS:
        return
    names = known.names.get(PartyKind(kind), ())
    if bare.strip().casefold() not in map(str.casefold, names):
        near = get_close_matches(bare, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected the name of a [[{kind}]]"
        yield f"{where} names the {kind} {bare[:80]!r}, which does not exist; {hint}"


def _uncarried(sections: Tables, told: Told) -> Iterator[str]:
    """What a flow carries only its `[[flow]]` says, so that another entity never comes up."""
    pairs = _tables(told, "reconcile")
    carried = [str(each.get("entity") or "") for each in _tables(told, "flow")]
    carried += [str(each.get("entity") or COMPARED) for each in pairs]
    known = {each.casefold(): each for each in carried if each}
    for name in (str(each.get("entity") or "") for each in sections):
        if name and name.casefold() not in known:
            near = get_close_matches(name.casefold(), known, n=1)
            hint = f"did you mean {known[near[0]]!r}?" if near else "expected entity in a [[flow]]"
            yield (
                f"[[responsibility]] names the entity {name[:60]!r}, which no [[flow]] carries and "
                f"no [[reconcile]] compares; {hint}"
            )


def _twice(scopes: Sequence[Scope]) -> Iterator[str]:
    seen: set[Scope] = set()
    for scope in scopes:
        if scope.folded in seen:
            yield (
                f"[[responsibility]] stands twice for {scope}, so that two could be accountable "
                "for the same; expected one section"
            )
        seen.add(scope.folded)


def _unanswered(sections: Tables) -> Iterator[str]:
    """Somebody is accountable by the section itself, or by one that takes it in."""
    answered = [_scope(each) for each in sections if each.get("accountable")]
    for scope in map(_scope, sections):
        if not any(each.takes_in(scope) for each in answered):
            yield (
                f"[[responsibility]] for {scope} has nobody accountable; expected accountable in "
                "it, or in one for everything"
            )


def _scope(section: Told) -> Scope:
    flow, entity, check = (str(section.get(key) or "") for key in ("flow", "entity", "check"))
    titles = {each.title.casefold(): name for name, each in discover().items()}
    return Scope(flow=flow, entity=entity, check=titles.get(check.casefold(), check))


def _tables(told: Told, section: str) -> list[Told]:
    found = told.get(section)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []


def _names(told: object) -> list[str]:
    each = told if isinstance(told, list | tuple) else [told]
    return [name for name in each if isinstance(name, str)]
