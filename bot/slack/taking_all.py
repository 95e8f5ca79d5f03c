"""Taking everything in hand that the summary of a storm tells."""

from __future__ import annotations

from bot.incidents.events import Acknowledge
from bot.incidents.lifecycle import Change
from bot.incidents.model import Incident, State
from bot.slack.changing import do
from bot.slack.desk import Desk
from bot.slack.render.answers import taken_all
from bot.slack.render.message import Message
from bot.slack.storms import storm_named, told_by
from bot.slack.verbs import Ask

AT_ONCE = 100
"""Incidents that one press takes, so that nobody waits for it."""


def gravest_of(desk: Desk, text: str) -> int | None:
    """The gravest open incident of the storm that is meant, whose channel the rights go by."""
    storm_id = storm_named(desk, text)
    standing = _untaken(desk, storm_id) if storm_id is not None else []
    return standing[0].id if standing else None


def take_all(desk: Desk, ask: Ask, storm_id: int) -> Message:
    """Everything that a storm tells and that nobody has is in this person's hand from now on; the
    gravest first, and no more than so many at once. What somebody else took meanwhile is theirs."""
    standing = _untaken(desk, storm_id)
    asked = [do(desk, ask, each.id, Acknowledge()) for each in standing[:AT_ONCE]]
    done = [each.incident.holder == ask.user_id for each in asked if isinstance(each, Change)]
    others = done.count(False)  # pressed at the same moment: what they took first is theirs
    return taken_all(storm_id, done.count(True), others, len(_untaken(desk, storm_id)))


def _untaken(desk: Desk, storm_id: int) -> list[Incident]:
    found = [each for each in told_by(desk, storm_id) if each.state is State.TRIGGERED]
    return sorted(found, key=lambda incident: (-incident.severity, incident.id))
