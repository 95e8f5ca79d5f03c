"""The one message of a storm, as it stands when it is sent."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.storm import StormView, storm_message
from bot.store import handling, incidents
from bot.store.outbox import Row


def storm_of(desk: Desk, row: Row) -> Message:
    """Raises LookupError when there is no such storm."""
    db = desk.store.db
    storm = handling.find_storm(db, int(row.topic.partition("/")[2]))
    if storm is None:
        raise LookupError(f"there is no {row.topic}")
    told = [incidents.find_incident(db, number) for number in handling.in_storm(db, storm.id)]
    found = [incident for incident in told if incident is not None]
    alerts = incidents.alerts_of(db, [incident.id for incident in found])
    view = StormView(
        since=storm.since,
        until=storm.until,
        now=desk.clock.now(),
        incidents=tuple(found),
        alerts=alerts,
        limit=desk.rules.noise.storm,
    )
    return storm_message(view)
