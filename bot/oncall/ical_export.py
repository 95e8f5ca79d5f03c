"""Writes who is on call as a calendar feed (iCalendar, RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from bot.incidents.rota import Override, Rota, shifts

MARGIN = timedelta(days=35)
"""Shifts are told whole, also those that began before or end later."""
PRODUCT = "-//Seamwatch//on call//EN"


def export(rota: Rota, overrides: Iterable[Override], since: datetime, until: datetime) -> bytes:
    """One event for each shift that touches this time, in UTC.

    The same shift always has the same UID, so that a calendar that subscribes keeps one event.
    """
    import icalendar

    wide = shifts(rota, overrides, since - MARGIN, until + MARGIN)
    told = [shift for shift in wide if shift.since < until and since < shift.until]
    calendar = icalendar.Calendar.new(
        prodid=PRODUCT,
        uid=_uid(rota.name),
        name=_line(f"On call: {rota.name}"),
        subcomponents=[
            icalendar.Event.new(
                uid=_uid(rota.name, shift.person, shift.layer, shift.since.isoformat()),
                stamp=since,
                start=shift.since,
                end=shift.until,
                summary=_line(f"{shift.person} on call: {rota.name}"),
                description=_line(shift.layer),
            )
            for shift in told
        ],
    )
    return bytes(calendar.to_ical())


def _uid(*parts: str) -> str:
    return f"{uuid5(NAMESPACE_URL, '/'.join(parts))}@seamwatch"


def _line(text: str) -> str:
    return " ".join(text.split())
