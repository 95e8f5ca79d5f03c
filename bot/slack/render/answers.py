"""Short private answers: what a person's act came to, or why nothing was done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.incidents.ending import was_compared
from bot.incidents.lifecycle import Change, Refusal, Why
from bot.incidents.model import Alert, Incident, Kind, State
from bot.slack.render.blocks import button, context, section
from bot.slack.render.buttons import (
    ACK,
    ASSIGN,
    CONFIRM,
    ESCALATE,
    NOTE,
    RESOLVE,
    SNOOZE,
    STILL_FOUND,
    TAKE,
    UNACK,
    UNSNOOZE,
    value_of,
    while_it_stands,
)
from bot.slack.render.lists import LISTED, numbers, row
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import code, count, foreign, lasted, mention, when
from bot.slack.words import is_numbers

LABELS = {
    "ack": ("Acknowledge", ACK),
    "unack": ("Un-acknowledge", UNACK),
    "resolve": ("Resolve", RESOLVE),
    "take": ("Take", TAKE),
    "confirm": ("Still on it", CONFIRM),
    "assign": ("Assign", ASSIGN),
    "note": ("Note", NOTE),
    "snooze": ("Snooze", SNOOZE),
    "unsnooze": ("End snooze", UNSNOOZE),
    "escalate": ("Escalate", ESCALATE),
}
LOOK = "`/seam incidents` lists them."


def outcome(incident_id: int, done: Change | Refusal | None, user_id: str) -> Message:
    """What an act came to. `done` is None when there is no such incident."""
    if done is None:
        return no_such(incident_id)
    if isinstance(done, Refusal):
        return answer(_refused(done))
    return answer(_done(done, user_id))


def resolved(incident: Incident, stands: bool, reopen_after: timedelta | None) -> Message:
    """A person resolved it. `stands` says that the last look still found the problem."""
    until = incident.resolved_at or incident.opened_at
    last_look = "The last look did not find the problem any more."
    if stands:
        last_look = f"But {STILL_FOUND}: {while_it_stands(reopen_after)}."
    after = lasted(incident.opened_at, until)
    return answer(f"#{incident.id} is resolved, after {after}. {last_look}")


def no_storm() -> Message:
    return answer(f"No storm is on, and nothing of an older one is open. {LOOK}")


def taken_all(storm_id: int, taken: int, others: int, left: int) -> Message:
    """What a person took of all that a storm tells, what somebody else took at the same moment, and
    what is in nobody's hand yet."""
    if not taken and not others:
        return answer("Nothing that the storm tells is in nobody's hand, so nothing was changed.")
    said = f"You have {count(taken, 'incident')} of storm {storm_id} in hand now."
    if others:
        said += f" Somebody else took {count(others, 'other')} just before you."
    again = f"{left:,} more are in nobody's; {code(f'/seam ack storm {storm_id}')} takes the next."
    return answer(said, again if left else "")


def no_such(incident_id: int) -> Message:
    return answer(f"There is no incident #{incident_id}. {LOOK}")


def no_incident(typed: str, more: str = "") -> Message:
    """For what was typed where one incident's number is expected, and is not one."""
    said = f"{code(typed, 60)} is no incident; incidents are numbers such as 42"
    if is_numbers(typed):
        said = "Only one incident at a time"
    return answer(f"{said}, so nothing was done. {more or LOOK}")


def none_open() -> Message:
    return answer("No incident is open. `/seam incidents` shows what was resolved lately.")


def needs_number(verb: str) -> Message:
    """Several incidents are open and none was named."""
    return answer(f"Which incident? Name it: {code(f'/seam {verb} 42')}. {LOOK}")


def which(verb: str, standing: Sequence[Incident], alerts: Mapping[int, list[Alert]]) -> Message:
    """Offers the open incidents, each with its button, when none was named. What was typed beside
    is not carried along: where a button needs more, it asks for it."""
    if verb not in LABELS:
        return needs_number(verb)
    label, action_id = LABELS[verb]
    first = standing[:LISTED]
    rows = [
        section(
            row(incident, alerts.get(incident.id, [])),
            button(label, action_id, value_of(incident)),
        )
        for incident in first
    ]
    asked = f"{count(len(standing), 'incident')} are open. Which one?"
    more = f" The {len(first)} gravest are here. {LOOK}" if len(standing) > len(first) else ""
    return message(f"{asked} {numbers(first)}.{more}", [section(asked + more), *rows])


def snoozed(incident: Incident, expected: datetime | None = None) -> Message:
    """It was put off; says which moment was understood, and when what it warns of is `expected`
    where that is before."""
    until = when(incident.snoozed_until) if incident.snoozed_until else "a time"
    ahead = f" What it warns of is expected before that, {when(expected)}: " if expected else ""
    wakes = "if it happens, the snooze ends at once." if expected else ""
    return answer(
        f"#{incident.id} is snoozed until {until}. It then comes back, and you are told first."
        f"{ahead}{wakes}",
        small=[f"`/seam unsnooze {incident.id}` ends it before; if it clears meanwhile, it ends."],
    )


def until_when(fault: str) -> Message:
    """What was typed tells no time for a snooze; `fault` says why, and holds nothing foreign."""
    return answer(
        f"Until when? {fault}",
        "`/seam snooze 42 1h` or `/seam snooze 42 until morning` puts it off. Not snoozed.",
    )


def no_assignee(typed: str) -> Message:
    """Nobody was named, or nobody that is known."""
    who = f"I do not know who {code(typed, 60)} is" if typed else "Who should take it"
    end = "." if typed else "?"
    return answer(
        f"{who}{end} Nobody was asked. Name a [[person]] of the settings, mention them in the "
        "thread (`@Seamwatch assign @alex`), or choose them under More in its message."
    )


def not_reachable(account: str, why: str) -> Message:
    """An account that may not act cannot be asked to take an incident."""
    return answer(
        f"{mention(account)} cannot take an incident, so nobody was asked. {foreign(why, 300)}"
    )


def unlinked(said: Message, account: str) -> Message:
    """The same answer, for somebody who can be told in Slack and in no other way."""
    more = (
        f"{mention(account)} is no [[person]] of the settings: told here in Slack, and not called "
        "by any pager. `/seam link`, typed by them, changes that."
    )
    return Message(text=said.text, blocks=(*said.blocks, *context([more])))


def how_to_vote() -> Message:
    return answer("Is it wrong or noisy? `/seam vote 42 wrong` or `/seam vote 42 noisy` says so.")


def voted_already(incident_id: int, word: str) -> Message:
    return answer(
        f"You called #{incident_id} {code(word, 20)} already, and that counts; nothing was changed."
    )


def step_done(number: int, incident_id: int, done: bool) -> Message:
    said = "is done" if done else "is not done after all"
    return answer(f"Step {number} of #{incident_id} {said}. Its timeline says so, with your name.")


def no_step(typed: str) -> Message:
    named = f"{code(typed, 40)} is no step of its runbook. " if typed else "Which step? "
    return answer(
        f"{named}`/seam runbook 42` numbers them; `/seam check 42 step 3` ticks the third off."
    )


def standing(incident: Incident) -> str:
    """How an incident stands, as the end of a sentence: "acknowledged by ... today at 14:03"."""
    if incident.state is State.RESOLVED and incident.resolved_at:
        by = incident.resolved_by
        alone = " by a later comparison" if was_compared(incident) else " by itself"
        who = f" by {mention(by.who)}" if by and by.is_person else alone
        return f"resolved{who} {when(incident.resolved_at)}"
    if incident.holder and incident.acknowledged_at:
        return f"acknowledged by {mention(incident.holder)} {when(incident.acknowledged_at)}"
    if incident.snoozed_until and incident.snoozed_by:
        return f"snoozed by {mention(incident.snoozed_by)} until {when(incident.snoozed_until)}"
    return "triggered, and nobody has it in hand"


def _done(change: Change, user_id: str) -> str:
    incident = change.incident
    said = DONE.get(change.entry.kind, "{number} is {stands}.")
    return said.format(
        number=f"#{incident.id}",
        stands=standing(incident),
        you=mention(user_id),
        assignee=mention(incident.assignee or ""),
        told=foreign(str(change.entry.data.get("told", "")), 600),
    )


DONE = {
    Kind.ACKNOWLEDGED: "You have {number} in hand now. Its message and its thread say so.",
    Kind.SECONDED: "{number} is already {stands}, who keeps it. Its timeline now says that {you} "
    "is on it too.",
    Kind.UNACKNOWLEDGED: "Nobody has {number} in hand any more; it is triggered again.",
    Kind.TAKEN: "You have {number} in hand now. Its thread tells whoever had it.",
    Kind.ASSIGNED: "{assignee} is asked to take {number}.",
    Kind.NOTED: "Your note stands in the thread and in the timeline of {number}.",
    Kind.CONFIRMED: "Thank you: {number} stays in your hand.",
    Kind.WOKEN: "{number} is awake again; nobody has it in hand.",
    Kind.ESCALATED: "{number} was escalated. Told: {told}",
    Kind.VOTED: "Thank you. {number} keeps your vote for the digest.",
    Kind.REVOTED: "Your vote on {number} is changed: the digest counts the new one only.",
}


def _refused(refusal: Refusal) -> str:
    number, stands = f"#{refusal.incident.id}", standing(refusal.incident)
    return REFUSED.get(refusal.why, NOTHING_NEW).format(number=number, stands=stands)


NOTHING_NEW = "That changes nothing about {number}; it is {stands}."
REFUSED = {
    Why.RESOLVED: "{number} is already {stands}, so nothing was changed. If it comes back, it will "
    "be a new incident.",
    Why.YOURS_ALREADY: "You have {number} in hand already; nothing was changed.",
    Why.THEIRS_ALREADY: "{number} is theirs already; nothing was changed.",
    Why.NOT_ACKNOWLEDGED: "{number} is not acknowledged, so there is nothing to give back.",
    Why.NOTHING_TO_CONFIRM: "{number} is {stands}, so there is nothing to confirm. "
    "`/seam ack {number}` takes it in hand.",
    Why.NOT_YOURS: "{number} is {stands}, and only who has it can say that. "
    "`/seam take {number}` makes it yours.",
    Why.NOT_SNOOZED: "{number} is not snoozed: it is {stands}.",
    Why.NOT_AHEAD: "That time is over already, so {number} was not snoozed.",
    Why.CHANGED_SINCE: "{number} has changed since you saw it: it is {stands}. Nothing was done; "
    "look at its message again.",
    Why.ESCALATED_SINCE: "{number} was escalated since you saw it. Nothing more was done; look at "
    "its thread.",
    Why.HELD: "{number} is held back by a silence or by maintenance, so nobody is told. End that "
    "first: `/seam silence` and `/seam maintenance` list them.",
    Why.VOTED: "You called {number} that already, and it counts; nothing was changed.",
    Why.NO_STEP_LEFT: "{number} has nobody left to tell: no escalation policy is set for it. "
    "Ask somebody yourself, or `/seam assign` it.",
}
