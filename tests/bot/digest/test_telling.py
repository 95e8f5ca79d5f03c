"""Each digest is told once, across restarts and clock changes, and covers all since the last."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.digest.period import Form
from bot.digest.telling import (
    begin_looking,
    is_beside_daily,
    period_told,
    read_topic,
    tell_digests,
    topic_of,
)
from bot.store import Store
from tests.bot.digest.scene import DAY, EIGHT, HOUR, MINUTE, TIMETABLE

PLACES = ("slack/C1", "dm/U0PRIYA", "pager/mail", "slack/C1")


def look(store, now, timetable=TIMETABLE, places=PLACES):
    with store.writing() as db:
        return tell_digests(db, timetable, places, now)


def rows(store):
    sql = "SELECT topic, destination, purpose FROM outbox ORDER BY number"
    return store.db.execute(sql).fetchall()


def test_the_first_look_of_all_tells_nothing(store):
    assert look(store, EIGHT) == []
    assert look(store, EIGHT + HOUR) == []


def test_one_due_between_the_start_and_the_first_look_is_told(store):
    with store.writing() as db:
        begin_looking(db, EIGHT - MINUTE)
    assert look(store, EIGHT + MINUTE) == ["digest/2026-11-21"]


def test_a_second_start_does_not_begin_anew(store):
    for moment in (EIGHT - MINUTE, EIGHT + HOUR):
        with store.writing() as db:
            begin_looking(db, moment)
    assert len(look(store, EIGHT + HOUR + MINUTE)) == 1


def test_it_is_told_once_to_each_place(store):
    look(store, EIGHT - HOUR)
    told = [look(store, EIGHT + n * MINUTE) for n in range(-5, 60)]
    assert [each for each in told if each] == [["digest/2026-11-21"]]
    assert rows(store) == [
        ("digest/2026-11-21", "slack/C1", "root"),
        ("digest/2026-11-21", "dm/U0PRIYA", "root"),
        ("digest/2026-11-21", "pager/mail", "page"),
    ]


def test_a_restart_tells_it_neither_twice_nor_not_at_all(store, tmp_path):
    look(store, EIGHT - HOUR)
    look(store, EIGHT + MINUTE)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = tmp_path / "copy.db"
    shutil.copy(store.path, copy)
    with closing(Store(copy)) as again:
        assert look(again, EIGHT + 2 * MINUTE) == []
        assert look(again, EIGHT + DAY) == ["digest/2026-11-22"]


def test_whoever_was_away_is_told_of_all_the_time_at_once(store):
    look(store, EIGHT - HOUR)
    look(store, EIGHT)
    assert look(store, EIGHT + 4 * DAY + HOUR) == ["digest/2026-11-25"]
    period = period_told(store.db, TIMETABLE, "digest/2026-11-25")
    assert (period.since, period.until) == (EIGHT, EIGHT + 4 * DAY)


def test_one_that_is_hours_late_is_told_that_day(store):
    look(store, EIGHT - HOUR)
    assert look(store, EIGHT + 11 * HOUR) == ["digest/2026-11-21"]


def test_one_of_a_day_that_is_over_waits_for_the_next(store):
    look(store, EIGHT - HOUR)
    look(store, EIGHT)
    assert look(store, EIGHT + DAY + 20 * HOUR) == []
    assert look(store, EIGHT + 2 * DAY) == ["digest/2026-11-23"]
    period = period_told(store.db, TIMETABLE, "digest/2026-11-23")
    assert (period.since, period.until) == (EIGHT, EIGHT + 2 * DAY)


def test_one_due_just_before_midnight_is_still_told_after_it(store):
    timetable = replace(TIMETABLE, at=time(23, 59))
    look(store, EIGHT, timetable)
    assert look(store, EIGHT + 15 * HOUR + 31 * MINUTE, timetable) == ["digest/2026-11-21"]


def test_a_weekly_one_is_told_however_late(store):
    timetable = replace(TIMETABLE, weekly=5)
    look(store, EIGHT - HOUR, timetable)
    assert look(store, EIGHT + DAY + 20 * HOUR, timetable) == ["digest/weekly/2026-11-21"]


def test_one_that_is_sent_late_covers_the_same_time(store):
    look(store, EIGHT - HOUR)
    look(store, EIGHT)
    look(store, EIGHT + 2 * DAY)
    before = period_told(store.db, TIMETABLE, "digest/2026-11-23")
    look(store, EIGHT + 3 * DAY)
    assert period_told(store.db, TIMETABLE, "digest/2026-11-23") == before
    assert before.length == 2 * DAY


def test_it_is_remembered_for_a_while_only(store):
    for n in range(60):
        look(store, EIGHT + n * DAY)
    body = store.db.execute("SELECT body FROM snapshots WHERE name = 'digests'").fetchone()[0]
    assert len(body) < 2000


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23.5)], ids=["back", "forward"]
)
def test_where_the_clocks_are_changed_each_date_is_told_once(store, day, hours):
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    timetable = replace(TIMETABLE, at=TIMETABLE.at.replace(hour=1, minute=30))
    told = []
    for n in range(4 * 24 * 4):
        told += look(store, at + n * 15 * MINUTE, timetable)
    dates = [read_topic(each)[1] for each in told]
    assert dates == [day + n * DAY for n in range(-1, 3)]
    lengths = [period_told(store.db, timetable, each).length for each in told]
    assert timedelta(hours=hours) in lengths


def test_all_forms_of_one_day_are_told(store):
    timetable = replace(TIMETABLE, weekly=5, monthly=21)
    look(store, EIGHT - HOUR, timetable)
    assert look(store, EIGHT, timetable) == [
        "digest/2026-11-21", "digest/weekly/2026-11-21", "digest/monthly/2026-11-21",
    ]  # fmt: skip


def test_without_a_recipient_nothing_is_intended(store):
    look(store, EIGHT - HOUR, places=())
    look(store, EIGHT, places=())
    assert rows(store) == []


@pytest.mark.parametrize("form", Form)
def test_topics_are_read_as_they_are_written(form):
    assert read_topic(topic_of(form, date(2026, 11, 21))) == (form, date(2026, 11, 21))


@pytest.mark.parametrize("topic", ["digest/", "digest/yearly/2026-11-21", "digest/21"])
def test_other_topics_are_refused(topic):
    with pytest.raises(ValueError, match="valid"):
        read_topic(topic)


def test_a_weekly_one_knows_whether_the_daily_one_is_told_beside_it(store):
    timetable = replace(TIMETABLE, weekly=5)
    look(store, EIGHT - HOUR, timetable)
    daily, weekly = look(store, EIGHT, timetable)
    assert is_beside_daily(store.db, weekly)
    assert not is_beside_daily(store.db, daily)
    assert not is_beside_daily(store.db, "digest/weekly/2026-11-14")
