"""What a schedule becomes when it is moved: cron lines, read by cronsim and written anew."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MINUTES, HOURS, WEEKDAYS = 60, 24, 7
FIELDS = 5
ANY = ("*", "*", "*")  # day of the month, month, day of the week
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def spacing(line: str) -> int:
    """The fewest minutes between two due times by the minute field alone, the hour taken as a
    circle; 60 for a line that is due once an hour or more seldom, 0 for one that cannot be read."""
    read = _read(line)
    if read is None:
        return 0
    minutes = sorted(read.minutes)
    following = [*minutes[1:], minutes[0] + MINUTES]
    return min(after - before for before, after in zip(minutes, following, strict=True))


def is_daily_or_rarer(line: str) -> bool:
    """Whether it is due once on its days."""
    read = _read(line)
    return read is not None and len(read.hours) == 1 and len(read.minutes) == 1


def is_seldom(line: str) -> bool:
    """Whether it is due once an hour at most, and in half of its days' hours at most: what is due
    in more of them has no calmer hours to go to."""
    read = _read(line)
    return read is not None and len(read.minutes) == 1 and len(read.hours) <= HOURS // 2


def later_by_minutes(line: str, minutes: int) -> str | None:
    """The line that is due so many minutes (0 to 59) later; None where no line says that simply.

    What is due every hour of every day may go over the full hour, what is not must stay in it.
    """
    read = _read(line)
    if read is None:
        return None
    fields = line.split()
    moved = [minute + minutes for minute in sorted(read.minutes)]
    all_day = len(read.hours) == HOURS and tuple(fields[2:]) == ANY
    if not all_day and moved[-1] >= MINUTES:
        return None
    return " ".join([_write({minute % MINUTES for minute in moved}, MINUTES), *fields[1:]])


def later_by_hours(line: str, hours: int) -> str | None:
    """The line of a seldom schedule so many hours later (or earlier, below zero) on the same days;
    None where an hour of it would fall on another day, or where it is due more often."""
    read = _read(line)
    if read is None or not is_seldom(line):
        return None
    minute, _, *days = line.split()
    moved = {hour + hours for hour in read.hours}
    on_its_days = all(0 <= hour < HOURS for hour in moved)
    return " ".join([minute, _write(moved, HOURS), *days]) if on_its_days else None


def later_by_days(line: str, days: int) -> str | None:
    """The line of a weekly schedule so many days later; None for any other."""
    read = _read(line)
    if read is None or not is_daily_or_rarer(line):
        return None
    *before, weekday = line.split()
    if tuple(before[2:]) != ANY[:2] or not weekday.isdigit():
        return None
    return " ".join([*before, str((int(weekday) + days) % WEEKDAYS)])


def dues(lines: Sequence[str], since: datetime, until: datetime, zone: ZoneInfo) -> list[datetime]:
    """When these lines are due from `since` on and before `until` (UTC), in order; they are read
    by the clock of `zone`. A line that cannot be read is never due."""
    found: set[datetime] = set()
    for line in lines:
        if _read(line) is not None:
            before = (since - timedelta(seconds=1)).astimezone(zone)  # what is given is left out
            ahead = (due.astimezone(UTC) for due in CronSim(line, before))
            found.update(takewhile(lambda due: due < until, ahead))
    return sorted(found)


@lru_cache(maxsize=1024)
def _read(line: str) -> CronSim | None:
    """None for what is no line of five fields. Its sets of minutes and hours are what is used."""
    try:
        return CronSim(line, _SOME_DAY) if len(line.split()) == FIELDS else None
    except CronSimError:
        return None


def _write(due: Collection[int], circle: int) -> str:
    """Minutes of the hour, or hours of the day, as a person would write them: "*/15", "5-59/15",
    "12,42", "9-17"."""
    ordered = sorted(due)
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]}-{ordered[-1]}"
    step = circle // len(ordered)
    even = ordered == list(range(ordered[0], circle, step)) and ordered[0] < step
    if even and len(ordered) > 2:
        return f"*/{step}" if ordered[0] == 0 else f"{ordered[0]}-{circle - 1}/{step}"
    return ",".join(map(str, ordered))
