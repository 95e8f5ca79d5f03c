"""Whether the one who has an incident still has it: when to ask, and when to give up. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.events import Lapse, Remind, Wake
from bot.incidents.model import Incident, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """After `remind_after` the holder is asked, and after `answer_within` more without an answer
    nobody has it in hand (Grafana OnCall asks every 1 to 10 h and waits 5 to 45 min). None: never.
    """

    remind_after: timedelta | None = timedelta(hours=3)
    answer_within: timedelta = timedelta(minutes=30)


def next_question(incident: Incident, patience: Patience) -> tuple[datetime, datetime] | None:
    """When the holder of an incident is, or was, asked whether they still have it, and when nobody
    has it without an answer; None when nobody is ever asked."""
    held = incident.confirmed_at or incident.acknowledged_at
    if patience.remind_after is None or held is None:
        return None
    asked = incident.reminded_at or held + patience.remind_after
    return asked, asked + patience.answer_within


def timer_event(
    incident: Incident, patience: Patience, now: datetime
) -> Remind | Lapse | Wake | None:
    """What time alone does to an incident now, if anything."""
    if incident.state is State.SNOOZED and incident.snoozed_until is not None:
        due = incident.snoozed_until
        return Wake(due=due) if due <= now else None
    if incident.state is not State.ACKNOWLEDGED or patience.remind_after is None:
        return None
    held, since = incident.confirmed_at or incident.acknowledged_at, incident.held_since
    if held is None or since is None:
        return None
    if incident.reminded_at is None:
        return Remind(held_since=since) if now - held >= patience.remind_after else None
    return Lapse(held_since=since) if now - incident.reminded_at >= patience.answer_within else None
