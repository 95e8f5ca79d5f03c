"""Whose a flow, an entity or a failure mode is: the matrix of responsibilities, asked. Pure.

The four parts are those of a responsibility assignment matrix, known as RACI: who does the work,
the one who answers for it, whose advice is asked for, who is told
(https://en.wikipedia.org/wiki/Responsibility_assignment_matrix).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.flow_settings import FlowSettings, by_flow
from bot.incidents.escalation import Target, TargetKind
from bot.incidents.routing import Labels, Owned
from checks.runs import Flow
from checks.words import plain


class PartyKind(StrEnum):
    PERSON = "person"
    TEAM = "team"
    ROTA = "rota"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Somebody with a part: a section of the settings, or WORDS of which nothing more is known."""

    kind: PartyKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names of the sections of each kind."""

    names: Mapping[PartyKind, Sequence[str]] = field(default_factory=dict)


def read_party(told: str, known: Known) -> Party:
    """ "team:stores", or a bare name: a person's before a team's before a rota's; else words."""
    kind, _, bare = told.partition(":")
    asked: tuple[PartyKind, ...] = (PartyKind.PERSON, PartyKind.TEAM, PartyKind.ROTA)
    name = told.strip()
    if kind in asked:
        asked, name = (PartyKind(kind),), bare.strip()
    for each in asked:
        for own in known.names.get(each, ()):
            if own.casefold() == name.casefold():
                return Party(kind=each, name=own)
    return Party(kind=PartyKind.WORDS, name=name)


class Role(StrEnum):
    """The part that somebody has."""

    RESPONSIBLE = "responsible"
    ACCOUNTABLE = "accountable"
    CONSULTED = "consulted"
    INFORMED = "informed"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What is asked about; "" for what is not known or not meant. `flow` is a name."""

    flow: str = ""
    flow_id: str = ""
    entity: str = ""
    check: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a part of the matrix is for; "" is all. `flow` is a name or an id."""

    flow: str = ""
    entity: str = ""
    check: str = ""

    def __str__(self) -> str:
        named = [("the flow", self.flow), ("the entity", self.entity), ("the check", self.check)]
        return ", ".join(f"{what} {name!r}" for what, name in named if name) or "everything"

    @property
    def folded(self) -> Scope:
        """For comparing: names are told apart without regard to case."""
        flow, entity = self.flow.casefold(), self.entity.casefold()
        return Scope(flow=flow, entity=entity, check=self.check.casefold())

    @property
    def weight(self) -> int:
        """The most specific wins: a flow counts for more than an entity with a failure mode, and
        an entity for more than a failure mode."""
        return 4 * bool(self.flow) + 2 * bool(self.entity) + bool(self.check)

    def takes_in(self, other: Scope) -> bool:
        """Whether everything that the other is for is within it."""
        own, its = self.folded, other.folded
        pairs = ((own.flow, its.flow), (own.entity, its.entity), (own.check, its.check))
        return all(not mine or mine == theirs for mine, theirs in pairs)

    def holds_for(self, about: About) -> bool:
        own = self.folded
        flows = (_same(about.flow), _same(about.flow_id))
        return (
            (not own.flow or _same(own.flow) in flows)
            and own.entity in ("", about.entity.casefold())
            and own.check in ("", about.check.casefold())
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One place of the matrix: who has which part in it. `by_owner`: a flow's `owner` says it."""

    scope: Scope
    parties: Mapping[Role, tuple[Party, ...]]
    by_owner: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Who has one part, and the place of the matrix that says so."""

    role: Role
    parties: tuple[Party, ...]
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """The matrix. `told` are the `[[flow]]` sections: the owner of one is responsible for it as if
    a place of the matrix for this flow said so, and that comes before it."""

    rules: tuple[Rule, ...] = ()
    told: tuple[FlowSettings, ...] = ()
    known: Known = field(default_factory=Known)

    def parts(self, about: About) -> tuple[Part, ...]:
        """Each part that somebody has, by the most specific place that names anybody for it."""
        about = self.completed(about)
        ordered = sorted(
            (rule for rule in self.rules_for(about) if rule.scope.holds_for(about)),
            key=lambda rule: -rule.scope.weight,
        )
        found = ((role, next((r for r in ordered if r.parties.get(role)), None)) for role in Role)
        return tuple(
            Part(role=role, parties=rule.parties[role], rule=rule)
            for role, rule in found
            if rule is not None
        )

    def responsible(self, about: About) -> tuple[Party, ...]:
        """Who puts it right; nobody where nobody is named."""
        found = (part for part in self.parts(about) if part.role is Role.RESPONSIBLE)
        return next((part.parties for part in found), ())

    def completed(self, about: About) -> About:
        """With the entity that the flow's own section tells."""
        own = self._section(about)
        if own is None or about.entity:
            return about
        return About(flow=about.flow, flow_id=about.flow_id, entity=own.entity, check=about.check)

    def owned(self, labels: Labels) -> Owned:
        """The team, and who else, an incident with these labels is for."""
        parties = self.responsible(about_labels(labels))
        teams = [each.name for each in parties if each.kind is PartyKind.TEAM]
        kinds = {PartyKind.PERSON: TargetKind.PERSON, PartyKind.ROTA: TargetKind.ROTA}
        return Owned(
            team=teams[0] if teams else "",
            first=tuple(
                Target(kind=kinds[each.kind], name=each.name)
                for each in parties
                if each.kind in kinds
            ),
        )

    @property
    def is_used(self) -> bool:
        """Whether anybody is named for anything."""
        return bool(self.rules) or any(each.owner for each in self.told)

    @property
    def entities(self) -> tuple[str, ...]:
        """What flows carry, as far as anybody said."""
        named = [*(each.entity for each in self.told), *(rule.scope.entity for rule in self.rules)]
        folded: dict[str, str] = {}
        for each in named:
            if each:
                folded.setdefault(each.casefold(), each)
        return tuple(folded.values())

    def rules_for(self, about: About) -> Iterator[Rule]:
        """Every place of the matrix, that of the flow's own section included."""
        yield from self.rules
        own = self._section(about)
        if own is not None and own.owner:
            yield Rule(
                scope=Scope(flow=own.called),
                parties={Role.RESPONSIBLE: (read_party(own.owner, self.known),)},
                by_owner=True,
            )

    def _section(self, about: About) -> FlowSettings | None:
        if not (about.flow or about.flow_id):
            return None
        own = [each for each in self.told if each.id is not None and each.id == about.flow_id]
        name = plain(about.flow)
        named = [each for each in self.told if each.name is not None and plain(each.name) == name]
        return next(iter([*own, *named]), None)


def _same(name: str) -> str:
    """For comparing names of flows: verdicts tell them on one line, and clipped."""
    return plain(name).casefold()


def about_labels(labels: Labels) -> About:
    """What an incident with these labels is about."""
    return About(
        flow=labels.get("flow", ""),
        flow_id=labels.get("flow_id", ""),
        entity=labels.get("entity", ""),
        check=labels.get("check", ""),
    )


def unowned(ownership: Ownership, flows: Sequence[Flow]) -> tuple[Flow, ...]:
    """The deployed flows for which nobody is responsible."""
    return tuple(
        flow
        for flow in flows
        if flow.deployed is not False
        and not ownership.responsible(About(flow=flow.name, flow_id=flow.id))
    )


def unmatched(ownership: Ownership, flows: Sequence[Flow]) -> tuple[str, ...]:
    """What `[[flow]]` and `[[responsibility]]` call flows that Patchworks does not have."""
    found = {id(each) for each in by_flow(ownership.told, flows).values()}
    strange = [each.called for each in ownership.told if id(each) not in found]
    known = {_same(name) for flow in flows for name in (flow.id, flow.name)}
    named = (rule.scope.flow for rule in ownership.rules)
    strange += [name for name in named if name and _same(name) not in known]
    return tuple(dict.fromkeys(strange))
