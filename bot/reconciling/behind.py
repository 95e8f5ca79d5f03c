"""How far the comparisons of a pairing lag behind: what is due and not compared is not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from bot.reconcile_settings import ReconcileSettings
from bot.store import Database, reconciliations
from checks.words import plain, say_count

GRACE = timedelta(minutes=15)
"""So long a comparison that is due may take before it is said that it waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A pairing is known up to `until` (UTC); so many `waiting` periods later are due."""

    pair: str
    until: datetime
    waiting: int


def behind_of(
    db: Database, settings: ReconcileSettings, zone: tzinfo, now: datetime
) -> Behind | None:
    """None: not behind, or nothing was compared at all yet. `zone` is the estate's."""
    until = reconciliations.looked_until(db, settings.name, settings.entity)
    waiting = settings.ripe(zone, until, now - GRACE) if until else ()
    if until is None or not waiting:
        return None
    return Behind(pair=settings.name, until=until, waiting=len(waiting))


def all_behind(
    db: Database, pairs: Iterable[ReconcileSettings], zone: tzinfo, now: datetime
) -> tuple[Behind, ...]:
    found = (behind_of(db, each, zone, now) for each in pairs)
    return tuple(each for each in found if each is not None)


def say_behind(behind: Behind, zone: tzinfo, now: datetime) -> str:
    """ "Compared up to 11:00 only: how 4 later periods stand is not known yet, ..." """
    until = behind.until.astimezone(zone)
    same = until.date() == now.astimezone(zone).date()
    at = f"{until:%H:%M}" if same else f"{until:%-d %b %H:%M}"
    later = f"{say_count(behind.waiting, 'later period')} {'is' if behind.waiting == 1 else 'are'}"
    return (
        f"Compared up to {at} only: {later} due and not known yet, as comparing takes longer than "
        "a period lasts (calls_per_minute of the systems may be too small)"
    )


def name_behind(behind: Behind, zone: tzinfo, now: datetime) -> str:
    """The same with the name of the pairing, foreign text."""
    said = say_behind(behind, zone, now)
    return f"{plain(behind.pair)}: {said[:1].lower()}{said[1:]}."
