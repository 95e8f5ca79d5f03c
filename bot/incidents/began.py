"""Since when it was so, before it was noticed. Pure."""

from __future__ import annotations

from datetime import datetime

from bot.incidents.model import Alert

BEGAN = ("since", "first_failed_at")
"""Facts in which checks say since when it has been so."""


def began(alert: Alert) -> datetime:
    """As far as its check tells; else when it was noticed."""
    told = [str(alert.facts[key]) for key in BEGAN if alert.facts.get(key)]
    return min([alert.opened_at, *filter(None, map(_read, told))])


def _read(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
