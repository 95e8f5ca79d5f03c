"""How incidents end of which nobody said that they are over. Pure."""

from __future__ import annotations

from bot.incidents.model import Actor, Incident
from checks.catalogue.reconciliation import CHECK_NAME


def was_compared(incident: Incident) -> bool:
    """Whether a comparison found all records in their place: what was lost or wrong was made good,
    it did not clear by itself; the incident's `resolution` says what it was."""
    return by_comparison(incident.resolved_by)


def by_comparison(actor: Actor | None) -> bool:
    return actor is not None and not actor.is_person and actor.who == CHECK_NAME
