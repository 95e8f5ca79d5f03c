"""Which windows of a pairing are to be compared now: what is ripe, and what differed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, tzinfo

from bot.reconcile_settings import HOUR, ReconcileSettings
from bot.store.reconciliations import Kept
from checks.reconcile.window import Window

HOURLY_FOR = timedelta(hours=6)
SELDOMER = 2
"""Later on it is looked at whenever half of its age has gone by: where every period differs, that
makes 13 looks an hour and not 168."""
BLIND_AGAIN = timedelta(minutes=15)
AT_ONCE = 24


def due_windows(
    settings: ReconcileSettings,
    *,
    zone: tzinfo,
    done_until: datetime | None,
    unsettled: Iterable[Kept],
    now: datetime,
) -> tuple[Window, ...]:
    """The new ones before those to be looked at again, each the oldest first; `zone` is the
    estate's."""
    new = settings.ripe(zone, done_until, now)
    again = list(_again(settings, unsettled, now))[:AT_ONCE]
    return (*new, *again)


def _again(
    settings: ReconcileSettings, unsettled: Iterable[Kept], now: datetime
) -> Iterator[Window]:
    for kept in unsettled:
        told = kept.compared
        if now - told.until <= settings.look_again_for and now >= next_look(settings, kept):
            yield Window(
                since=told.since, until=told.until, settle=settings.settle, skew=settings.skew
            )


def next_look(settings: ReconcileSettings, kept: Kept) -> datetime:
    """When a period that is not known to be whole is looked at again (UTC): with the next window
    and at least every hour, after six hours less and less often."""
    told = kept.compared
    if not kept.looks:
        return kept.first_at  # it was cut off
    newest = max(filter(None, (told.looked_at, told.blind_at)), default=kept.first_at)
    often = min(settings.every, HOUR)
    if told.blind:
        often = min(often, BLIND_AGAIN)
    age = newest - told.until
    return newest + (often if age < HOURLY_FOR else max(often, age / SELDOMER))
