"""Series of calls: observed before imported, gaps that stay gaps, changes that are seen."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.foresight.call_history import CallHistory, Source
from bot.store.call_hours import changed_hours
from bot.store.columns import write_time
from bot.store.imports import ImportedHour, add_hours, of_instance, of_system

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ZONE = ZoneInfo("Europe/London")
ERP = Source(parts=(("instance/702", of_instance("702")),))
ROLLUP = (
    "INSERT OR REPLACE INTO rollups (subject, metric, hour, count, total, busiest, observed,"
    " refusals) VALUES (?, 'calls', ?, ?, ?, ?, ?, ?)"
)


def observe(store, subject, hour, total, *, busiest=0.0, observed=1.0, refusals=0):
    row = [subject, write_time(hour), round(60 * observed), total, busiest, observed, refusals]
    with store.writing() as db:
        db.execute(ROLLUP, row)


def imported(store, subject, hour, calls, *, minutes=0, busiest=None, replace=False) -> int:
    told = ImportedHour(
        subject=subject,
        hour=hour,
        minutes=minutes,
        calls=calls,
        busiest=calls / 60 if busiest is None else busiest,
        observed=1.0,
    )
    with store.writing() as db:
        return add_hours(db, [told], replace=replace)


def series(store, now, source=ERP, width=HOUR, history=None):
    history = history or CallHistory()
    history.refresh(store.db, [source], now)
    return history.series("x", source, width, ZONE)


def values(store, now, source=ERP, width=HOUR, history=None) -> list[float | None]:
    found = series(store, now, source, width, history)
    return [None if np.isnan(each) else float(each) for each in found.values] if found else []


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"total": 60.0}, 60.0),
        ({"total": 60.0, "refusals": 4}, 64.0),
        ({"total": 60.0, "observed": 0.75}, 80.0),
        ({"total": 60.0, "refusals": 4, "observed": 0.8}, 80.0),
        ({"total": 60.0, "observed": 0.74}, None),
        ({"total": 0.0}, 0.0),
    ],
    ids=[
        "calls",
        "refusals are demand too",
        "what was not seen is as what was",
        "refusals of an hour that was not seen whole",
        "seen too little",
        "nothing was called",
    ],
)
def test_demand_is_attempts_and_an_hour_hardly_seen_is_not_known(store, noon, told, expected):
    observe(store, "instance/702", noon - 2 * HOUR, 7.0)
    observe(store, "instance/702", noon - HOUR, **told)
    assert values(store, noon) == [7.0, expected]


def test_a_series_ends_with_the_last_hour_that_is_over(store, noon):
    for back in (0, 1, 3):
        observe(store, "instance/702", noon - back * HOUR, 10.0 + back)
    found = series(store, noon + 59 * MINUTE)
    assert (found.start, found.until, found.zone) == (noon - 3 * HOUR, noon, ZONE)
    assert values(store, noon + 59 * MINUTE) == [13.0, None, 11.0]


def test_what_is_known_of_nothing_makes_no_series(store, noon):
    assert series(store, noon) is None


@pytest.mark.parametrize(
    ("width", "expected"),
    [(MINUTE, 12.0), (5 * MINUTE, 12.0), (30 * MINUTE, 30.0), (HOUR, 60.0)],
    ids=["busiest minute", "no less than its minute", "no less than its share", "all of it"],
)
def test_the_fullest_window_of_an_hour_is_no_less_than_is_known(store, noon, width, expected):
    observe(store, "instance/702", noon - HOUR, 60.0, busiest=12.0)
    assert values(store, noon, width=width) == [expected]


def test_observed_hours_go_before_imported_ones(store, noon):
    imported(store, of_instance("702"), noon - 3 * HOUR, 1.0)
    for back in (1, 2):
        imported(store, of_instance("702"), noon - back * HOUR, 100.0)
    observe(store, "instance/702", noon - HOUR, 5.0)
    observe(store, "instance/702", noon - 2 * HOUR, 5.0, observed=0.2)
    assert values(store, noon) == [1.0, 100.0, 5.0]


def test_a_system_of_several_instances_is_their_sum_where_each_is_known(store, noon):
    both = Source(
        parts=(("instance/1",), ("instance/2", of_instance("2"))), whole=of_system("Shop")
    )
    for back in (1, 2, 3):
        observe(store, "instance/1", noon - back * HOUR, 10.0, busiest=4.0)
    observe(store, "instance/2", noon - HOUR, 5.0, busiest=3.0)
    imported(store, of_instance("2"), noon - 2 * HOUR, 7.0)
    imported(store, of_system("shop"), noon - 3 * HOUR, 99.0)
    imported(store, of_system("shop"), noon - HOUR, 99.0)
    assert values(store, noon, both) == [99.0, 17.0, 15.0]
    assert values(store, noon, both, MINUTE)[-1] == 7.0


def test_busiest_minutes_of_several_instances_add_up_to_no_more_than_the_hour(store, noon):
    both = Source(parts=(("instance/1",), ("instance/2",)))
    observe(store, "instance/1", noon - HOUR, 10.0, busiest=10.0)
    observe(store, "instance/2", noon - HOUR, 5.0, busiest=5.0)
    observe(store, "instance/1", noon - 2 * HOUR, 120.0, busiest=4.0)
    observe(store, "instance/2", noon - 2 * HOUR, 60.0, busiest=3.0)
    assert values(store, noon, both, MINUTE) == [7.0, 15.0]


def test_busiest_minutes_that_were_not_told_are_as_far_above_the_average_as_those_that_were(
    store, noon
):
    imported(store, of_instance("702"), noon - 30 * HOUR, 120.0)
    assert values(store, noon, width=MINUTE)[0] == 2.0
    for back in range(1, 25):
        observe(store, "instance/702", noon - back * HOUR, 60.0, busiest=3.0)
    assert values(store, noon, width=MINUTE)[0] == pytest.approx(6.0)


def test_minutes_that_a_file_told_are_taken_as_they_are(store, noon):
    imported(store, of_instance("702"), noon - HOUR, 120.0, minutes=60, busiest=50.0)
    assert values(store, noon, width=MINUTE) == [50.0]


def test_importing_again_changes_nothing_unless_it_is_asked_to(store, noon):
    assert imported(store, of_instance("702"), noon - HOUR, 1.0) == 1
    assert imported(store, of_instance("702"), noon - HOUR, 2.0) == 0
    assert values(store, noon) == [1.0]
    assert imported(store, of_instance("702"), noon - HOUR, 2.0, replace=True) == 1
    assert values(store, noon) == [2.0]


def test_a_kept_series_is_the_same_object_until_something_changes(store, noon):
    history = CallHistory()
    observe(store, "instance/702", noon - HOUR, 1.0)
    first = series(store, noon, history=history)
    assert series(store, noon + 5 * MINUTE, history=history) is first
    observe(store, "instance/702", noon - HOUR, 2.0)
    assert values(store, noon + 6 * MINUTE, history=history) == [2.0]


def test_every_change_of_an_hour_has_a_later_version(store, noon):
    version, _ = changed_hours(store.db, 0)
    for hour in (noon, noon, noon - HOUR, noon - HOUR):
        observe(store, "instance/702", hour, 1.0)
        before, (version, changed) = version, changed_hours(store.db, version)
        assert changed == [hour]
        assert version > before


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["observe", "import", "hour", "long", "back", "other"]),
        st.integers(0, 30),
        st.floats(0, 100),
    ),
    max_size=20,
)
OTHER = Source(parts=(("instance/704",),), whole=of_system("x"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(steps=STEPS)
def test_what_is_kept_is_what_a_fresh_look_would_read(store, noon, steps):
    store.db.execute("DELETE FROM rollups")
    history, now, source = CallHistory(), noon, ERP
    for step, number, amount in steps:
        if step == "observe":
            observe(store, "instance/702", now - number * HOUR, amount, observed=amount / 100)
        elif step == "import":
            imported(store, of_instance("702"), now - number * HOUR, amount, replace=number > 15)
        elif step == "other":
            source = OTHER if source is ERP else ERP
        else:
            now += {"hour": number % 3, "long": 84 * 24 + number, "back": -number}[step] * HOUR
        kept, fresh = (series(store, now, source, MINUTE, each) for each in (history, None))
        assert (kept is None) == (fresh is None)
        if kept is not None and fresh is not None:
            assert kept.start == fresh.start
            np.testing.assert_array_equal(kept.values, fresh.values)
