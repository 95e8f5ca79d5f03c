"""What is said of an odd flow, of an instance and of the queue: one plain sentence each."""

from __future__ import annotations

from datetime import datetime, timedelta

from checks.durations import say_duration
from checks.oddities.evidence import Failed, Oddity
from checks.oddities.look import Together
from checks.oddities.strength import Strength
from checks.words import say_count, say_number

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAMED = 3


def say_slow(name: str, oddity: Oddity, slow: Strength, until: datetime) -> str:
    """One plain sentence: how long its runs take, beside usual, and since when."""
    measured, usual = shown(oddity, slow)
    takes = f"Runs of {name} take {say_seconds(measured)}, usually {say_seconds(usual)}"
    if slow is Strength.SUDDEN:
        return f"{takes} at this hour. Two of the last three hours were slow."
    return f"{takes}. That has been so{_since(oddity, until)}."


def say_deep(oddity: Oddity, deep: Strength, until: datetime) -> str:
    """The same of the queue."""
    measured, usual = shown(oddity, deep)
    waits = f"{say_number(measured)} runs wait in the queue on average, usually {say_number(usual)}"
    if deep is Strength.SUDDEN:
        return f"{waits} at this hour. Two of the last three hours were like that."
    return f"{waits}. That has been so{_since(oddity, until)}."


def say_failing(name: str, failed: Failed) -> str:
    """And of failures, which are not many enough in a row to call the flow failing."""
    of = f"{failed.failed} of {say_count(failed.runs, 'run')} of {name} failed within an hour"
    return f"{of}; usually {usual_failed(failed)} at this time of day."


def say_together(each: Together) -> str:
    """Many flows of one instance are slow: most likely it is what they share."""
    if not each.looks:
        return f"The flows of {each.name} take no longer than usual, or few of them do."
    names = [look.name for look in each.looks[:NAMED]]
    more = len(each.looks) - len(names)
    named = ", ".join(names) + (f" and {more} more" if more else "")
    return (
        f"{len(each.looks)} of {each.flows} flows of {each.name} take longer than usual ({named}); "
        f"most likely {each.name} is slow itself."
    )


def shown(oddity: Oddity, how: Strength) -> tuple[float, float]:
    """What is measured beside what is usual: of the newest hour, or of the past half day."""
    if how is Strength.SLOW:
        return oddity.recent, oddity.recent_usual
    return oddity.measured or 0.0, oddity.usual or 0.0


def say_seconds(seconds: float) -> str:
    """ "2.4 s", "38 s", "4 min 20 s"."""
    short = seconds < 10
    return f"{say_number(seconds)} s" if short else say_duration(timedelta(seconds=seconds))


def usual_failed(failed: Failed) -> str:
    """How many usually fail: "1 in 160", "none of 90"."""
    if not failed.usual_failed:
        return f"none of {failed.usual_runs}"
    return f"1 in {say_number(failed.usual_runs / failed.usual_failed)}"


def _since(oddity: Oddity, until: datetime) -> str:
    if oddity.since is None:
        return " for some time"
    age = until - oddity.since
    if age >= 2 * DAY:
        return f" for about {say_count(round(age / DAY), 'day')}"
    return f" for about {say_count(max(1, round(age / HOUR)), 'hour')}"
