"""Reads who is on call from a calendar (iCalendar, RFC 5545), recurrences included."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from bot.incidents.local_time import first_instant, last_instant
from bot.incidents.rota import Shift

CALENDAR = "calendar"
LARGEST = 5_000_000  # bytes
MOST = 20_000  # events
_TOO_OFTEN = re.compile(rb"(?im)^(?:RRULE|EXRULE)[^\r\n]*FREQ=(?:SECONDLY|MINUTELY)")


class BadCalendar(ValueError):
    """It cannot be read; the message is one sentence that names nothing of its content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """The shifts in order, and the titles of events that name nobody we know."""

    shifts: tuple[Shift, ...]
    strangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    name: str
    email: str | None = None


def read_shifts(
    body: bytes, people: Iterable[Person], zone: ZoneInfo, since: datetime, until: datetime
) -> Imported:
    """The shifts that touch the time from `since` to `until`.

    On call is whoever attends an event, by e-mail or else by name, and has not declined; without
    such a guest, whoever its title names. Cancelled events do not count. Whole days, and times
    without a zone, are by the clocks of `zone`. Raises BadCalendar.
    """
    known = list(people)
    shifts: list[Shift] = []
    strangers: set[str] = set()
    for event in _events(body, since, until):
        begin, end = _span(event, zone)
        if end <= begin or str(event.get("STATUS", "")).upper() == "CANCELLED":
            continue
        found = _guests(event, known) or _named(str(event.get("SUMMARY", "")), known)
        if not found:
            strangers.add(str(event.get("SUMMARY", "")) or "(without a title)")
        shifts += [Shift(person=each, since=begin, until=end, layer=CALENDAR) for each in found]
    ordered = sorted(shifts, key=lambda shift: (shift.since, shift.until, shift.person))
    return Imported(shifts=tuple(ordered), strangers=tuple(sorted(strangers)))


def _events(body: bytes, since: datetime, until: datetime) -> list[Any]:
    """Every event, repeated as its rule says
    (https://github.com/niccokunzmann/python-recurring-ical-events)."""
    import icalendar
    import recurring_ical_events

    if len(body) > LARGEST:
        raise BadCalendar(f"it is larger than {LARGEST / 1e6:.0f} MB")
    if _TOO_OFTEN.search(body.replace(b"\r\n ", b"").replace(b"\n ", b"")):
        raise BadCalendar("it has an event that repeats every minute or more often")
    try:
        calendar = icalendar.Calendar.from_ical(body)
        if len(calendar.walk("VEVENT")) > MOST:
            raise BadCalendar(f"it has more than {MOST:,} events")
        return list(recurring_ical_events.of(calendar).between(since, until))
    except BadCalendar:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise BadCalendar(f"it is no calendar that can be read ({type(error).__name__})") from None


def _span(event: Any, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """UTC. The library gives every event an end."""
    begin, end = event["DTSTART"].dt, event["DTEND"].dt
    return _instant(begin, zone, last=False), _instant(end, zone, last=True)


def _instant(told: date | datetime, zone: ZoneInfo, *, last: bool) -> datetime:
    if isinstance(told, datetime) and told.tzinfo is not None:
        return told.astimezone(UTC)
    wall = told if isinstance(told, datetime) else datetime.combine(told, time(0))
    return last_instant(wall, zone) if last else first_instant(wall, zone)


def _guests(event: Any, people: Iterable[Person]) -> list[str]:
    """Who attends: ATTENDEE;CN=Priya Shah;PARTSTAT=ACCEPTED:mailto:priya@example.com"""
    told = event.get("ATTENDEE", [])
    found: dict[str, None] = {}
    by_mail, by_name = _by(people)
    for guest in told if isinstance(told, list) else [told]:
        params = {str(key).upper(): str(value) for key, value in guest.params.items()}
        if params.get("PARTSTAT", "").upper() == "DECLINED":
            continue
        mail = str(guest).strip().casefold().removeprefix("mailto:")
        name = by_mail.get(mail) or by_name.get(params.get("CN", "").strip().casefold())
        if name:
            found[name] = None
    return list(found)


def _by(people: Iterable[Person]) -> tuple[Mapping[str, str], Mapping[str, str]]:
    known = list(people)
    mails = {each.email.casefold(): each.name for each in known if each.email}
    return mails, {each.name.casefold(): each.name for each in known}


def _named(title: str, people: Iterable[Person]) -> list[str]:
    """Those whose name or address stands in a title as words of their own, longest names first."""
    return [name for _, name in sorted(_places(title.casefold(), people))]


def _places(title: str, people: Iterable[Person]) -> Iterator[tuple[int, str]]:
    for person in sorted(people, key=lambda each: -len(each.name)):
        for word in (person.name.casefold(), (person.email or "").casefold()):
            place = re.search(rf"(?<![\w.@-]){re.escape(word)}(?![\w@-])", title) if word else None
            if place:
                title = title[: place.start()] + " " * len(place[0]) + title[place.end() :]
                yield place.start(), person.name
                break
