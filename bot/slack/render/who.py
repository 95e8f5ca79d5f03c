"""Whose something is, part by part, and who is on call for it now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.oncall.duty import Duty
from bot.ownership import Part, Party, PartyKind, Role
from bot.slack.asking_who import MODE, Topic
from bot.slack.render.blocks import context, section
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.message import Message, answer, message
from bot.slack.render.oncall import Find
from bot.slack.render.text import code, count, foreign, mention, when
from checks.runs import Flow

NAME = 80
FLOWS = 8
DOES = {
    Role.RESPONSIBLE: "puts it right",
    Role.ACCOUNTABLE: "answers for it",
    Role.CONSULTED: "is asked for advice",
    Role.INFORMED: "hears of it",
}
FLOWS_OF = {"system": "*Its flows*", MODE: "*In these flows*"}
WHOSE_FLOWS = {MODE: "whoever has the flow in which it happens puts it right"}
NOBODY = "Nobody is named for it: `owner` of its `[[flow]]`, or a `[[responsibility]]`, says who."


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """The answer: who has which part, which of its flows are whose, the team that its incidents go
    to ("" for none), and the rotas that are on call for it."""

    topic: Topic
    parts: tuple[Part, ...]
    flows: tuple[tuple[Flow, tuple[Party, ...]], ...] = ()
    team: str = ""
    duties: tuple[Duty, ...] = ()


def which(command: str) -> Message:
    """Nothing was asked about."""
    return answer(
        f"Whose is what? Name a flow, what it carries, a system, a failure mode or an incident: "
        f"{code(f'{command} orders')} or {code(f'{command} #42')}."
    )


def who_answer(whose: Whose, find: Find) -> Message:
    said = _first(whose, find)
    groups = [
        Group(title="", lines=[_part(part, find) for part in whose.parts]),
        Group(title="", lines=list(_around(whose, find))),
        Group.of(
            FLOWS_OF.get(whose.topic.kind, "*The flows that carry it*"),
            whose.flows,
            lambda each: f"• {foreign(each[0].name, NAME)}: {_parties(each[1], find) or 'nobody'}",
            most=FLOWS,
        ),
    ]
    small = "The most specific place wins: a flow before an entity before a failure mode."
    return message(
        said, [section(said), *in_sections(groups), *context([small if whose.parts else ""])]
    )


def _first(whose: Whose, find: Find) -> str:
    """Who it is, in one sentence."""
    name = foreign(whose.topic.name, NAME)
    parties = next((p.parties for p in whose.parts if p.role is Role.RESPONSIBLE), ())
    if parties:
        verb = "is" if len(parties) == 1 else "are"
        return f"*{name}:* {_parties(parties, find)} {verb} responsible."
    if whose.parts:
        part = whose.parts[0]
        return f"*{name}:* nobody is responsible; {_parties(part.parties, find)} is {part.role}."
    if whose.topic.owners:
        owners = ", ".join(foreign(each, NAME) for each in whose.topic.owners)
        return f"*{name}:* its credentials are looked after by {owners}."
    if any(parties for _, parties in whose.flows):
        return f"*{name}:* {WHOSE_FLOWS.get(whose.topic.kind, 'it is whose its flows are')}."
    return f"⚪ *{name}:* {NOBODY}"


def _part(part: Part, find: Find) -> str:
    """ "• Accountable (answers for it): Omar, by `[[responsibility]]` for everything"."""
    how = f"by `[[responsibility]]` for {foreign(str(part.rule.scope), NAME * 2)}"
    if part.rule.by_owner:
        how = "as owner of its `[[flow]]`"
    label = f"{part.role.value.capitalize()} ({DOES[part.role]})"
    return f"• {label}: {_parties(part.parties, find)}, {how}"


def _around(whose: Whose, find: Find) -> Iterator[str]:
    """Who looks after its credentials, who is on call, where its incidents go."""
    if whose.topic.owners and whose.parts:
        owners = ", ".join(foreign(each, NAME) for each in whose.topic.owners)
        yield f"Credentials: {owners}"
    for duty in whose.duties:
        yield _duty(duty, find)
    if not whose.duties and whose.parts:
        yield "⚪ No rota is told of it, so nobody is on call for it."
    if whose.team:
        yield f"Its incidents go to the team {foreign(whose.team, NAME)}."


def _duty(duty: Duty, find: Find) -> str:
    rota = foreign(duty.rota.name, NAME)
    if not duty.people:
        return f"🔴 On call now ({rota}): nobody"
    names = ", ".join(_person(name, find) for name in duty.people)
    until = f" until {when(duty.until)}" if duty.until else ""
    return f"On call now ({rota}): {names}{until}"


def _parties(parties: Sequence[Party], find: Find) -> str:
    shown = [_party(each, find) for each in parties]
    if len(shown) > FLOWS:
        shown = [*shown[:FLOWS], count(len(shown) - FLOWS, "other")]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _party(party: Party, find: Find) -> str:
    name = foreign(party.name, NAME)
    match party.kind:
        case PartyKind.PERSON:
            return _person(party.name, find)
        case PartyKind.TEAM:
            return f"team {name}"
        case PartyKind.ROTA:
            return f"whoever is on call ({name})"
        case PartyKind.WORDS:
            return name


def _person(name: str, find: Find) -> str:
    user_id = find(name)
    return mention(user_id) if user_id else foreign(name, NAME)
