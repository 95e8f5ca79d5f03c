"""The hand-over message: who takes over from whom, and what they should know."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.matchers import say_matchers
from bot.incidents.model import State
from bot.incidents.silences import Silence
from bot.oncall.handover import Briefing, Expiry, Open
from bot.slack.render.blocks import context, section
from bot.slack.render.incident import STILL_THERE
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.lists import say_resolved
from bot.slack.render.message import Message, message
from bot.slack.render.text import count, foreign, mention, when
from checks.durations import say_duration

NAME = 60
SENTENCE = 160
MOST = 10


def handover_message(briefing: Briefing) -> Message:
    """One sentence first: whoever starts is mentioned, whoever ends is only named."""
    first = f"{_who(briefing)} {_how_much(briefing)}"
    groups = [
        Group.of("*Open*", briefing.incidents, _incident, most=MOST),
        Group.of("*Resolved by a person, and still there*", briefing.left, _left, most=MOST),
        Group.of("*Silenced*", briefing.silences, _silence, most=MOST),
        Group.of("*Ends in this shift*", briefing.expiries, _expiry, most=MOST),
    ]
    small = ["`/seam oncall` shows the rota; `cover` and `swap` change it."]
    return message(first, [section(first), *in_sections(groups), *context(small)])


def _who(briefing: Briefing) -> str:
    """ "Priya takes over integrations from Alex, until ..." """
    told = briefing.handover
    rota = f"*{foreign(told.rota, NAME)}*"
    ending = _and([foreign(name, NAME) for name in told.ending])
    until = f" until {when(told.until)}" if told.until else ""
    if not told.starting:
        staying = _and([foreign(name, NAME) for name in told.staying])
        left = f"{staying} still {_is(told.staying)} on call" if staying else "*nobody is on call*"
        return f"{ending} {_is(told.ending)} off call for {rota}; {left}{until}."
    starting = _and([_mention(briefing, name) for name in told.starting])
    if ending:
        verb = "takes" if len(told.starting) == 1 else "take"
        return f"{starting} {verb} over {rota} from {ending}{until}."
    beside = _and([foreign(name, NAME) for name in told.staying])
    also = f", beside {beside}" if beside else ""
    return f"{starting} {_is(told.starting)} on call for {rota} now{also}{until}."


def _how_much(briefing: Briefing) -> str:
    told = (briefing.incidents, briefing.left, briefing.silences, briefing.expiries)
    if not any(told):
        return "Nothing is open, silenced or about to end."
    parts = [
        count(len(briefing.incidents), "open incident"),
        *([f"{len(briefing.left)} resolved and still there"] if briefing.left else []),
        count(len(briefing.silences), "silence"),
        f"{count(len(briefing.expiries), 'expiry').replace('expirys', 'expiries')} in the shift",
    ]
    return f"{', '.join(parts)}."


def _incident(each: Open) -> str:
    incident = each.incident
    state = incident.state.value
    if incident.holder:
        state += f" by {mention(incident.holder)}"
    if incident.state is State.SNOOZED and incident.snoozed_until:
        state += f" until {when(incident.snoozed_until)}"
    said = foreign(each.sentence, SENTENCE)
    why = f": {said}" if said else ""
    return f"• *#{incident.id}* {incident.severity.word}, {state}, {say_duration(each.age)}{why}"


def _left(each: Open) -> str:
    incident = each.incident
    said = foreign(each.sentence, SENTENCE)
    why = f": {said}" if said else ""
    ended = f"{say_resolved(incident)}, and {STILL_THERE}"
    return f"• *#{incident.id}* {incident.worst.word}, {ended}{why}"


def _silence(each: Silence) -> str:
    what = foreign(say_matchers(each.matchers), SENTENCE)
    return f"• {foreign(each.label, NAME)}: {what} until {when(each.until)} ({_reason(each)})"


def _reason(each: Silence) -> str:
    by = f"{mention(each.by)}: " if each.by else ""
    return f"{by}{foreign(each.reason, SENTENCE)}"


def _expiry(each: Expiry) -> str:
    return f"• {foreign(each.system, NAME)}, {foreign(each.what, NAME)}: {when(each.at)}"


def _mention(briefing: Briefing, name: str) -> str:
    user_id = briefing.users.get(name)
    return mention(user_id) if user_id else foreign(name, NAME)


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _and(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]])) if names else ""
