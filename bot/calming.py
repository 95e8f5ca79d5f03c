"""What is no longer grave before a storm let its first message out is told in the summary only.

Slack takes about one message a second in a channel
(https://docs.slack.dev/apis/web-api/rate-limits), so that what was announced in a storm may wait
for minutes; by then nobody needs a message of its own about what pages nobody any more.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot import handling
from bot.incidents.announcing import IN_SUMMARY
from bot.incidents.escalation import stop
from bot.incidents.events import Hold
from bot.incidents.lifecycle import Change
from bot.incidents.model import Actor, Kind, Severity, State
from bot.store import Database, incidents
from bot.store import handling as handlings
from bot.store.handling import Handling
from bot.store.outbox import incident_topic
from bot.store.withdrawing import withdraw

BY_THE_STORM = Actor(who="storm", via=handling.TIMER)
WHY = "its severity fell to low before anybody was told, and the summary of the storm tells it"


def leave_to_summary(
    db: Database, change: Change, known: Handling | None, now: datetime
) -> Handling | None:
    """Take back the announcement of what fell to low severity while it waited behind a storm.

    Inside a write transaction; the handling after it. Nothing is taken back once a message was
    attempted, or when a person called somebody.
    """
    if known is None or known.announced_at is None or not _calmed(change):
        return known
    storm_id = handlings.open_storm(db, known.home)
    if storm_id is None or _a_person_acted(db, change.incident.id):
        return known
    if not withdraw(db, incident_topic(change.incident.id)):
        return known
    waiting = replace(
        known,
        announced_at=None,
        held=IN_SUMMARY,
        storm_id=storm_id,
        escalation=replace(stop(known.escalation, handling.NOT_ANNOUNCED), position=0),
    )
    handlings.save_handling(db, waiting)
    handling.record(db, change.incident, Hold(reason=WHY, unsaid=True), BY_THE_STORM, now)
    return waiting


def _calmed(change: Change) -> bool:
    incident = change.incident
    fell = change.entry.kind is Kind.EASED and incident.severity is Severity.LOW
    return fell and incident.state is State.TRIGGERED


def _a_person_acted(db: Database, incident_id: int) -> bool:
    return any(entry.actor.is_person for entry in incidents.timeline(db, incident_id))
