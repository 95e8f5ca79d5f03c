"""What it depends on whether an incident is told now: what is stored, and what silences it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.incidents.announcing import Circumstances, Held
from bot.incidents.model import Alert, Incident
from bot.incidents.routing import Labels, labels_of
from bot.rules import Rules
from bot.store import Database, handling
from bot.store.handling import Handling


def circumstances_of(
    db: Database,
    held: Handling,
    incident: Incident,
    alerts: Sequence[Alert],
    rules: Rules,
    now: datetime,
) -> Circumstances:
    """Of an incident that has not been announced."""
    expected = [alert.expected_at for alert in alerts if alert.expected_at is not None]
    return Circumstances(
        severity=incident.severity,
        opened_at=incident.opened_at,
        expected_at=min(expected, default=None),
        mute=mute_of(db, held, incident, alerts, rules, now),
        unattended=handling.unattended(
            db, held.home, rules.noise.storm, incident.severity, but=incident.id
        ),
        storm_ended_at=handling.storm_ended_at(db, held.storm_id) if held.storm_id else None,
    )


def mute_of(
    db: Database,
    held: Handling,
    incident: Incident,
    alerts: Sequence[Alert],
    rules: Rules,
    now: datetime,
) -> Held | None:
    """What silences an incident: something that silences every alert of it that stands."""
    standing = [alert for alert in alerts if alert.cleared_at is None] or alerts
    mutes = [rules.mute(db, labels_named(alert, incident, held.team), now) for alert in standing]
    return mutes[0] if mutes and all(mutes) else None


def labels_named(alert: Alert, incident: Incident, team: str) -> Labels:
    """What can be named of one alert of an incident."""
    return labels_of(alert.check, alert.subject, alert.facts, incident.severity, team)
