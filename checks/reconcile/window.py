"""Which span of time is compared, and when. Pure; `now` is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_AT_ONCE = 24
"""After a long stop the latest windows are compared, not all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """From `since` until before `until` (UTC).

    `settle` is how long a record may be on its way, `skew` how far the systems' clocks may be
    apart. Both sides are read a margin wider than the window: what was created at the source just
    before midnight arrives after it. A record belongs to the one window that its source's moment
    falls into, so that windows side by side find together what one over both finds.
    """

    since: datetime
    until: datetime
    settle: timedelta = timedelta(minutes=30)
    skew: timedelta = timedelta(minutes=2)

    @property
    def margin(self) -> timedelta:
        return self.settle + self.skew

    @property
    def read_since(self) -> datetime:
        return self.since - self.margin

    @property
    def read_until(self) -> datetime:
        return self.until + self.margin

    def holds(self, at: datetime) -> bool:
        return self.since <= at < self.until

    def is_ripe(self, now: datetime) -> bool:
        """Whether everything of it has had its time to arrive."""
        return now >= self.read_until


def start_of(at: datetime, every: timedelta, zone: tzinfo) -> datetime:
    """The start (UTC) of the period that `at` falls into.

    Days begin at midnight of `zone` and have 23 to 25 hours; shorter periods are counted in UTC.
    """
    if every < DAY:
        return EPOCH + (at - EPOCH) // every * every
    return _midnight(at, zone)


def end_of(start: datetime, every: timedelta, zone: tzinfo) -> datetime:
    if every < DAY:
        return start + every
    return _midnight(start + 1.5 * DAY, zone)


def _midnight(at: datetime, zone: tzinfo) -> datetime:
    day = at.astimezone(zone).date()
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def ripe_windows(
    *,
    every: timedelta,
    zone: tzinfo,
    done_until: datetime | None,
    now: datetime,
    settle: timedelta,
    skew: timedelta,
) -> tuple[Window, ...]:
    """The windows to compare now, oldest first: ripe, and after `done_until`.

    None: nothing was compared yet, and the latest ripe window is the first.
    """
    found: list[Window] = []
    end = start_of(now - settle - skew, every, zone)
    while len(found) < (1 if done_until is None else MOST_AT_ONCE):
        start = start_of(end - timedelta(seconds=1), every, zone)
        if done_until is not None and start < done_until:
            break
        found.append(Window(since=start, until=end, settle=settle, skew=skew))
        end = start
    return tuple(reversed(found))
