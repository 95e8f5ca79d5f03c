"""What a storm leaves is told in one message when it is much, inside a write transaction."""

from __future__ import annotations

import logging
from datetime import datetime

from bot import handling
from bot.rules import Rules
from bot.saying import intend
from bot.store import Database, incidents
from bot.store import handling as handlings
from bot.store.outbox import Purpose

log = logging.getLogger(__name__)


def tell_what_is_left(db: Database, rules: Rules, now: datetime) -> None:
    """Once a storm has settled: the summary is told anew, below everything else, with all that
    still stands, and its policies begin. What is few is left to be announced one by one."""
    settled = now - rules.noise.settling
    for storm_id, left in handlings.left_of_storms(db, settled).items():
        alerts = incidents.alerts_of(db, [each.incident_id for each in left])
        free = [
            (held, incident)
            for held in left
            if (incident := incidents.find_incident(db, held.incident_id)) is not None
            and handling.why_held(db, held, incident, alerts[incident.id], rules, now) is None
        ]
        if len(free) <= rules.noise.singly:
            continue
        for held, incident in free:
            handling.announce_in_summary(db, held, incident, rules, now)
        intend(db, f"storm/{storm_id}", free[0][0].home, Purpose.ROOT, now)
        log.info("storm %d left %d incidents; they are told together", storm_id, len(free))
