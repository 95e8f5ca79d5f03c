"""Whose an incident is: the matrix of responsibilities, asked for what its alerts are about."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.model import Alert, Incident
from bot.incidents.routing import labels_of
from bot.ownership import About, Ownership, Part, about_labels


def about_incident(incident: Incident, alerts: Sequence[Alert]) -> About:
    """What its first alert that stands is about: as routing sees it."""
    standing = [alert for alert in alerts if alert.cleared_at is None] or alerts
    if not standing:
        return About()
    alert = standing[0]
    return about_labels(labels_of(alert.check, alert.subject, alert.facts, incident.severity))


def parts_of(ownership: Ownership, incident: Incident, alerts: Sequence[Alert]) -> tuple[Part, ...]:
    """Who has which part in it."""
    return ownership.parts(about_incident(incident, alerts))
