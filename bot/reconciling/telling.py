"""Has the thread of an incident told what was found, with the list as a file: once for each time
that something else was found."""

from __future__ import annotations

from datetime import datetime

from bot import transitions
from bot.incidents.events import Compare
from bot.incidents.model import Actor
from bot.rules import Rules
from bot.store import Database, Store, incidents, reconciliations
from bot.store.reconciliations import Kept
from checks.catalogue.reconciliation import CHECK_NAME

BY = Actor(who=CHECK_NAME, via="check")


def tell_differences(store: Store, rules: Rules, now: datetime) -> int:
    """How many incidents were told something. What is shown is looked up when it is sent."""
    told = 0
    for incident_id, kept in _untold(store.db):
        with store.writing() as db:
            told += _tell(db, incident_id, kept, rules, now)
    return told


def _untold(db: Database) -> list[tuple[int, Kept]]:
    open_alerts = incidents.open_alerts(db).values()
    ours = [alert for alert in open_alerts if alert.check == CHECK_NAME]
    found = [(each.incident_id, reconciliations.find(db, number_of(each.facts))) for each in ours]
    return [
        (incident_id, kept)
        for incident_id, kept in found
        if kept is not None and kept.fingerprint and kept.fingerprint != kept.told
    ]


def number_of(facts: object) -> int:
    """Which reconciliation an alert is about; 0: none."""
    told = facts.get("reconciliation") if isinstance(facts, dict) else None
    return int(told or 0)


def _tell(db: Database, incident_id: int, kept: Kept, rules: Rules, now: datetime) -> int:
    incident = incidents.find_incident(db, incident_id)
    reconciliations.keep_told(db, kept.compared.id, kept.fingerprint)
    if incident is None or not incident.is_open:
        return 0
    event = Compare(reconciliation=kept.compared.id, again=bool(kept.told))
    transitions.pass_time(db, incident, event, BY, rules.destination, now)
    return 1
