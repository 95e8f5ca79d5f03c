"""Has each digest told once: its form and local date are its topic, claimed before it is built."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.digest.period import Due, Form, Period, Timetable, due_digests, period_of
from bot.saying import intend
from bot.store import Database, outbox, runs
from bot.store.outbox import Purpose

TOPIC = "digest"
LOOKED = "digests"
OVERLAP = timedelta(minutes=1)
KEPT_EVERY = timedelta(minutes=10)


def begin_looking(db: Database, now: datetime) -> None:
    """Digests are told from the first start of all on, however long the first look lets wait for
    itself. Inside a write transaction."""
    if runs.find_snapshot(db, LOOKED) is None:
        runs.save_snapshot(db, LOOKED, now, {})


def due_now(db: Database, timetable: Timetable, now: datetime) -> list[Due]:
    """What fell due since the last look and is not told yet."""
    looked = runs.find_snapshot(db, LOOKED)
    due = due_digests(timetable, looked[0], now) if looked is not None else []
    return [each for each in due if not outbox.is_intended(db, topic_of(each.form, each.date))]


def tell_digests(
    db: Database, timetable: Timetable, places: Sequence[str], now: datetime
) -> list[str]:
    """Intend the messages of each digest that fell due since the last look; their topics. Inside a
    write transaction.

    The first look of all tells nothing. What is said is put together when it is sent: a row holds
    its topic alone. That one is told once is for the outbox to say, so that the time of the look
    need not be kept at each of them. `places` are destinations: slack/C0123, dm/U0123, pager/NAME.
    """
    looked = runs.find_snapshot(db, LOOKED)
    if looked is None:
        begin_looking(db, now)
        return []
    since, told = looked
    due = due_now(db, timetable, now)
    for each in due:
        _intend(db, each, places, now)
    if due or now - since >= KEPT_EVERY:
        runs.save_snapshot(db, LOOKED, max(since, now - OVERLAP), _with(told, due))
    return [topic_of(each.form, each.date) for each in due]


def period_told(db: Database, timetable: Timetable, topic: str) -> Period:
    """What the digest of a topic covers: all since the one told before it. Raises ValueError for
    what is no topic of a digest."""
    form, day = read_topic(topic)
    found = runs.find_snapshot(db, LOOKED)
    moments: Mapping[str, Any] = found[1] if found else {}
    before = moments.get(_before(form, day))
    told = datetime.fromisoformat(before) if before else None
    return period_of(timetable, form, day, told=told)


def is_beside_daily(db: Database, topic: str) -> bool:
    """Whether a longer digest is told on a date of which the daily one is told too, in the same
    places: what both would say is said once. Raises ValueError for another topic."""
    form, day = read_topic(topic)
    return form is not Form.DAILY and outbox.is_intended(db, topic_of(Form.DAILY, day))


def topic_of(form: Form, day: date) -> str:
    """ "digest/2026-11-21", "digest/weekly/2026-11-23" """
    kind = "" if form is Form.DAILY else f"{form.value}/"
    return f"{TOPIC}/{kind}{day.isoformat()}"


def read_topic(topic: str) -> tuple[Form, date]:
    """Raises ValueError."""
    kind, _, day = topic.removeprefix(f"{TOPIC}/").rpartition("/")
    return Form(kind or Form.DAILY), date.fromisoformat(day)


def purpose_of(place: str) -> Purpose:
    return Purpose.PAGE if place.startswith("pager/") else Purpose.ROOT


def _intend(db: Database, due: Due, places: Sequence[str], now: datetime) -> None:
    for place in dict.fromkeys(places):
        intend(db, topic_of(due.form, due.date), place, purpose_of(place), now, step=0)


def _with(told: Mapping[str, Any], due: Sequence[Due]) -> dict[str, str]:
    """When each form was last told, and, by its topic, when the one before it was: so that a digest
    that is sent late, or again, covers the same time."""
    kept = dict(told)
    for each in due:
        last = kept.get(each.form.value)
        if last and last != each.at.isoformat():  # looked at twice within the overlap
            kept[_before(each.form, each.date)] = last
        kept[each.form.value] = each.at.isoformat()
    newest = {form.value: kept[form.value] for form in Form if form.value in kept}
    before = sorted(key for key in kept if key.startswith("before "))
    return newest | {key: kept[key] for key in before[-2 * KEPT :]}


def _before(form: Form, day: date) -> str:
    return f"before {day.isoformat()} {form.value}"


KEPT = 10
"""Of so many of each form it is remembered what they cover."""
