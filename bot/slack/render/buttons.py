"""The buttons of an incident follow its state; each carries the incident and the version seen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from slack_sdk.models.blocks import ButtonElement, StaticSelectElement

from bot.incidents.model import Incident, State
from bot.slack.render.blocks import Element, button, confirmation, menu
from checks.durations import say_duration

ACK = "incident_ack"
UNACK = "incident_unack"
RESOLVE = "incident_resolve"
ESCALATE = "incident_escalate"
SNOOZE = "incident_snooze"
UNSNOOZE = "incident_unsnooze"
CONFIRM = "incident_confirm"
TAKE = "incident_take"
ASSIGN = "incident_assign"
NOTE = "incident_note"
SILENCE = "incident_silence"
CHECK = "incident_check"
VOTE = "incident_vote"
RUNBOOK = "incident_runbook"
TIMELINE = "incident_timeline"
REPORT = "incident_report"
MORE = "incident_more"
HOME = "home_refresh"
OVERRIDE = "oncall_override"
LIST = "incident_list"
STORM = "storm"
"""All that the summary of a storm tells, where one incident is named else: `ack storm`."""

WHILE_FORESEEN = timedelta.max
"""How long what is only foreseen stays quiet after a person resolved it: until it no longer is."""
STILL_FOUND = "the last look still found the problem"
MORNING = "morning"
SPANS = (
    ("30 minutes", "30m"),
    ("1 hour", "1h"),
    ("2 hours", "2h"),
    ("4 hours", "4h"),
    ("8 hours", "8h"),
    ("24 hours", "24h"),
    ("Until next working morning", MORNING),
)
"""As PagerDuty and Rootly offer them; each is what would be typed after `snooze 42`."""
TAKING = (("Take it over", "take"), ("Assign…", "assign"), ("Note…", "note"))
READING = (("Runbook", "runbook"), ("Timeline", "timeline"))
JUDGING = (("Silence…", "silence"), ("It is wrong", "wrong"), ("It is noisy", "noisy"))

_VALUE = re.compile(r"([0-9]{1,15}):([0-9]{1,15})(?::([\w ./=~!\"-]{1,200}))?")
_PART = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Which incident a button belongs to, the version its reader was looking at, and what was
    chosen in a menu."""

    incident_id: int
    version: int
    choice: str = ""


def value_of(incident: Incident, choice: str = "") -> str:
    told = f"{incident.id}:{incident.version}"
    return f"{told}:{choice}" if choice else told


def read_value(value: str) -> Pressed | None:
    """The other way round; None for anything that is not ours."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return None
    return Pressed(incident_id=int(found[1]), version=int(found[2]), choice=found[3] or "")


def apart(action_id: str, part: str) -> str:
    """The same act as a button of its own, because no two of a block may share an action id."""
    return f"{action_id}{_PART}{part}"


def act_of(action_id: str) -> str:
    """What `apart` was given."""
    return action_id.partition(_PART)[0]


def while_it_stands(reopen_after: timedelta | None) -> str:
    """What happens to a problem that is still there after a person resolved its incident."""
    if reopen_after == WHILE_FORESEEN:
        return (
            "it stays quiet while it is foreseen; if it happens, or gets graver, a new incident "
            "says so"
        )
    known = f"is still there after {say_duration(reopen_after)}" if reopen_after else "does not go"
    return f"it stays quiet until it has gone; if it {known}, a new incident says so"


def buttons_of(incident: Incident, *, has_runbook: bool) -> list[Element]:
    """Only what applies now, so that nobody presses in vain; the server checks again anyway."""
    value = value_of(incident)
    ack = button("Acknowledge", ACK, value, primary=True)
    resolve = button("Resolve", RESOLVE, value)
    more = _more(incident, has_runbook)
    match incident.state:
        case State.TRIGGERED:
            escalate = button("Escalate", ESCALATE, value)
            return [ack, resolve, escalate, _snooze(incident), more]
        case State.ACKNOWLEDGED:
            unack = button("Un-acknowledge", UNACK, value)
            return [*_still_on_it(incident), resolve, unack, _snooze(incident), more]
        case State.SNOOZED:
            return [ack, button("End snooze", UNSNOOZE, value), resolve, more]
        case State.RESOLVED:
            return _looking_back(incident)


def take_all(storm_id: int, untaken: Sequence[Incident]) -> list[Element]:
    """For what the summary of a storm tells: the rights are those of the gravest of them."""
    if not untaken:
        return []
    value = value_of(untaken[0], f"{STORM}/{storm_id}")
    asked = "Everything that this storm still tells is then in your hand."
    confirm = confirmation("Take all of these?", asked, "Take all", "Not now")
    label = f"Acknowledge all {len(untaken)}" if len(untaken) > 1 else "Acknowledge it"
    return [button(label, apart(ACK, STORM), value, confirm=confirm)]


def turning(back: str, on: str) -> list[Element]:
    """To the pages before and after, by what would be typed; "" where there is none, and no button
    for what a button cannot carry."""
    offered = (("◀ Before", "before", back), ("More ▶", "more", on))
    values = ((label, part, f"0:0:{typed}") for label, part, typed in offered if typed)
    return [
        button(label, apart(LIST, part), value)
        for label, part, value in values
        if read_value(value)
    ]


def _still_on_it(incident: Incident) -> list[ButtonElement]:
    """For the holder who was asked."""
    if incident.reminded_at is None:
        return []
    return [button("Still on it", CONFIRM, value_of(incident), primary=True)]


def _snooze(incident: Incident) -> StaticSelectElement:
    """Without a choice the button's own dialog asks for a time."""
    offered = [(label, value_of(incident, span)) for label, span in SPANS]
    return menu("Snooze", SNOOZE, [*offered, ("Another time…", value_of(incident))])


def _more(incident: Incident, has_runbook: bool) -> StaticSelectElement:
    """Each choice is the word that would be typed."""
    reading = [each for each in READING if has_runbook or each[1] != "runbook"]
    offered = [(label, value_of(incident, word)) for label, word in (*TAKING, *reading, *JUDGING)]
    return menu("More", MORE, offered)


def _looking_back(incident: Incident) -> list[Element]:
    return [
        button("Timeline", TIMELINE, value_of(incident)),
        button("Report", REPORT, value_of(incident)),
        button("It was wrong", apart(VOTE, "wrong"), value_of(incident, "wrong")),
        button("It was noisy", apart(VOTE, "noisy"), value_of(incident, "noisy")),
    ]
