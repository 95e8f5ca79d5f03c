"""The buttons of an incident follow its state; each carries the incident and the version seen."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from slack_sdk.models.blocks import ButtonElement, ConfirmObject

from bot.incidents.model import Incident, State
from bot.slack.render.blocks import button, confirmation
from checks.durations import say_duration

ACK = "incident_ack"
UNACK = "incident_unack"
RESOLVE = "incident_resolve"
RUNBOOK = "incident_runbook"
TIMELINE = "incident_timeline"

STILL_FOUND = "the last look still found the problem"

_VALUE = re.compile(r"([0-9]{1,15}):([0-9]{1,15})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Which incident a button belongs to, and the version its reader was looking at."""

    incident_id: int
    version: int


def value_of(incident: Incident) -> str:
    return f"{incident.id}:{incident.version}"


def read_value(value: str) -> Pressed | None:
    """The other way round; None for anything that is not ours."""
    found = _VALUE.fullmatch(value)
    return Pressed(incident_id=int(found[1]), version=int(found[2])) if found else None


def while_it_stands(reopen_after: timedelta | None) -> str:
    """What happens to a problem that is still there after a person resolved its incident."""
    known = f"is still there after {say_duration(reopen_after)}" if reopen_after else "does not go"
    return f"it stays quiet until it has gone; if it {known}, a new incident says so"


def buttons_of(
    incident: Incident,
    *,
    still_stands: bool,
    has_runbook: bool,
    reopen_after: timedelta | None = None,
) -> list[ButtonElement]:
    """Only what applies now, so that nobody presses in vain; the server checks again anyway."""
    value = value_of(incident)
    runbook = [button("Runbook", RUNBOOK, value)] if has_runbook else []
    timeline = button("Timeline", TIMELINE, value)
    confirm = _confirm_resolve(reopen_after) if still_stands else None
    match incident.state:
        case State.TRIGGERED:
            return [
                button("Acknowledge", ACK, value, primary=True),
                button("Resolve", RESOLVE, value, confirm=confirm),
                *runbook,
                timeline,
            ]
        case State.ACKNOWLEDGED:
            return [
                button("Resolve", RESOLVE, value, primary=True, confirm=confirm),
                button("Un-acknowledge", UNACK, value),
                *runbook,
                timeline,
            ]
        case State.RESOLVED:
            return [timeline]


def _confirm_resolve(reopen_after: timedelta | None) -> ConfirmObject:
    found = STILL_FOUND[0].upper() + STILL_FOUND[1:]
    return confirmation(
        "It is still there",
        f"{found}. If you resolve it now, {while_it_stands(reopen_after)}.",
        "Resolve",
        "Not yet",
    )
