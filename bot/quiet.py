"""How a fault that a person resolved while it stood is kept quiet, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bot.incidents.events import Settle
from bot.incidents.severity import severity_of
from bot.incidents.watchpoint import Peace, Step, Watchpoint
from bot.store import Database, incidents
from checks.durations import say_duration
from checks.model import FORESEEN, Level, Verdict


def peace_of(db: Database, point: Watchpoint, verdict: Verdict, now: datetime) -> Peace:
    """Whoever resolves a warning knows what is expected: it is said again when it happens or gets
    graver, and not because it is still expected."""
    if point.quiet_incident is None or not verdict.level.is_trouble:
        return Peace.FOR_A_WHILE
    resolved = incidents.find_incident(db, point.quiet_incident)
    if resolved is None or not _was_foreseen(db, point):
        return Peace.FOR_A_WHILE
    if verdict.level is Level.BREACH or severity_of(verdict, now) > resolved.severity:
        return Peace.BROKEN
    return Peace.WHILE_FORESEEN if verdict.signal == FORESEEN else Peace.FOR_A_WHILE


def ending_of(
    db: Database, before: Watchpoint, step: Step, after: Iterable[Watchpoint], now: datetime
) -> Settle | None:
    """What is said in the thread of the resolved incident when the quiet `before` has ended with
    this step; None while others of its faults, by all watchpoints `after`, are still quiet."""
    resolved_id, since = before.quiet_incident, before.quiet_since
    if resolved_id is None or since is None:
        return None
    if step in (Step.OPEN, Step.STILL_STANDING):
        following = incidents.last_incident_of(db, before.key)
        return Settle(said=f"It did not go away: #{following} goes on with it.", next_id=following)
    if step is not Step.FINE or any(point.quiet_incident == resolved_id for point in after):
        return None
    if _was_foreseen(db, before):
        return None  # how a warning turned out is told by itself
    return Settle(said=f"It is gone now, {say_duration(now - since)} after it was resolved.")


def _was_foreseen(db: Database, point: Watchpoint) -> bool:
    """Whether nothing but a forecast told of it when its incident was resolved."""
    if point.quiet_incident is None:
        return False
    alerts = incidents.alerts_of(db, [point.quiet_incident])[point.quiet_incident]
    last = next((each for each in reversed(alerts) if each.key == point.key), None)
    return last is not None and last.signal == FORESEEN
