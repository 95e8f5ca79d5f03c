"""Who usually spends a limit when its peak is due: by weekday and hour, and by the day at first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.foresight.peak_spending import spends_at_peak
from bot.store.columns import write_time
from forecasting.model import Kind, Reasons
from tests.checks.catalogue.forecast_cases import forecast, shipping

LONDON = ZoneInfo("Europe/London")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
NAMES = {"1": "Consents", "2": "Newsletter"}


@pytest.fixture
def called(store):
    def call(at: datetime, flow_id: str, calls: int, instance_id: str = "702") -> None:
        with store.writing() as db:
            row = [instance_id, flow_id, write_time(at), calls]
            db.execute("INSERT INTO calls VALUES (?, ?, ?, ?)", row)

    return call


def spends(store, noon, *, chance=0.83, kind=Kind.BIN, ahead=8 * HOUR):
    told = forecast(chance, chance / 4, reasons=Reasons(peak_at=noon + ahead))
    limit = replace(shipping(replace(told, kind=kind)), instance_ids=("702",))
    found = spends_at_peak(store.db, limit, NAMES, LONDON, noon)
    return [(each.flow_name, each.amount) for each in found]


def test_they_are_those_of_the_same_hour_and_weekday(store, noon, called):
    called(noon - HOUR, "1", 90)  # of late another flow spends most
    for weeks in (1, 2):
        at = noon + 8 * HOUR - weeks * WEEK
        called(at, "2", 1000 * weeks)
        called(at + timedelta(minutes=30), "1", 60)
    assert spends(store, noon) == [("Newsletter", 1500.0), ("Consents", 60.0)]


def test_before_a_week_is_known_they_are_those_of_the_same_hour_of_past_days(store, noon, called):
    for days in (1, 2, 3):
        called(noon + 8 * HOUR - days * DAY, "2", 100 * days)
        called(noon + 6 * HOUR - days * DAY, "1", 900)
    assert spends(store, noon) == [("Newsletter", 200.0)]


def test_of_what_adds_up_they_are_those_of_the_whole_day(store, noon, called):
    at = noon.replace(hour=3) + DAY - WEEK
    called(at, "1", 400)
    called(at + 12 * HOUR, "2", 100)
    called(at - 5 * HOUR, "2", 9999)  # the day before
    found = spends(store, noon, kind=Kind.QUOTA, ahead=DAY)
    assert found == [("Consents", 400.0), ("Newsletter", 100.0)]


def test_calls_of_other_instances_do_not_count(store, noon, called):
    called(noon + 8 * HOUR - WEEK, "1", 400, instance_id="701")
    assert spends(store, noon) == []


def test_nobody_is_asked_for_where_no_peak_is_likely(store, noon, called):
    called(noon + 8 * HOUR - WEEK, "1", 400)
    assert spends(store, noon, chance=0.1) == []
