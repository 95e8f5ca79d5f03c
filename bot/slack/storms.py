"""The one message of a storm, as it stands when it is sent, and which storm somebody means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from bot import inventory
from bot.incidents.announcing import IN_SUMMARY
from bot.incidents.model import Alert, Incident
from bot.inventory import Inventory
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.storm import StormView, storm_message
from bot.store import handling, incidents
from bot.store.outbox import Row

_STORM = re.compile(r"storm(?:[ /#]+([0-9]{1,9}))?", re.IGNORECASE)


def storm_of(desk: Desk, row: Row) -> Message:
    """Raises LookupError when there is no such storm."""
    db = desk.store.db
    storm = handling.find_storm(db, int(row.topic.partition("/")[2]))
    if storm is None:
        raise LookupError(f"there is no {row.topic}")
    found = told_by(desk, storm.id)
    alerts = incidents.alerts_of(db, [incident.id for incident in found])
    view = StormView(
        id=storm.id,
        since=storm.since,
        until=storm.until,
        now=desk.clock.now(),
        incidents=tuple(found),
        alerts=alerts,
        limit=desk.rules.noise.storm,
        zone=desk.zone,
        titles=desk.check_titles,
        systems=_systems(alerts, inventory.find_inventory(db)),
        held=_held(desk, storm.id),
    )
    return storm_message(view)


def is_about_a_storm(text: str) -> bool:
    """Whether "storm" or "storm 3" was typed, whether or not there is one."""
    return _STORM.fullmatch(text.strip()) is not None


def storm_named(desk: Desk, text: str) -> int | None:
    """The storm that is meant by "storm 3", or by "storm" alone: the newest that is not over, or
    of which something still stands; None when none is meant, or there is none."""
    found = _STORM.fullmatch(text.strip())
    if found is None:
        return None
    if found[1]:
        known = handling.find_storm(desk.store.db, int(found[1]))
        return known.id if known else None
    return handling.newest_storm(desk.store.db)


def told_by(desk: Desk, storm_id: int) -> list[Incident]:
    """What its summary tells, oldest first."""
    db = desk.store.db
    told = [incidents.find_incident(db, number) for number in handling.in_storm(db, storm_id)]
    return [incident for incident in told if incident is not None]


def _held(desk: Desk, storm_id: int) -> dict[int, str]:
    """By incident, what holds it back besides the storm."""
    found = handling.held_in_storm(desk.store.db, storm_id)
    return {number: why for number, why in found.items() if why != IN_SUMMARY}


def _systems(alerts: Mapping[int, Sequence[Alert]], known: Inventory | None) -> dict[int, str]:
    """By incident, the system that it concerns: the one that its check names, or else the one to
    which its flow writes last."""
    targets = _targets(known) if known else {}
    found: dict[int, str] = {}
    for number, each in alerts.items():
        if each:
            facts, subject = each[0].facts, each[0].subject
            system = facts.get("instance") or facts.get("system") or targets.get(subject.id, "")
            found[number] = str(system)
    return found


def _targets(known: Inventory) -> dict[str, str]:
    """By flow id, the instance that its last step calls."""
    names = {each.id: each.name for each in known.instances}
    last = {flow.id: flow.steps[-1].instance_id for flow in known.flows if flow.steps}
    return {flow_id: names.get(instance_id, "") for flow_id, instance_id in last.items()}
