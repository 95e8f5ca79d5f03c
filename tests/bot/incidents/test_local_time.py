"""Times that a clock skips, and those that it shows twice."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.local_time import first_instant, last_instant, wall_of

ZONES = ["Europe/London", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "UTC"]


def wall(text):
    return datetime.fromisoformat(text)


def at(text):
    return wall(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown", "first", "last"),
    [
        ("Europe/London", "2026-07-01 09:00", "2026-07-01 08:00", "2026-07-01 08:00"),
        ("Europe/London", "2027-03-28 00:59:59", "2027-03-28 00:59:59", "2027-03-28 00:59:59"),
        ("Europe/London", "2027-03-28 01:00", "2027-03-28 01:00", "2027-03-28 01:00"),
        ("Europe/London", "2027-03-28 01:30", "2027-03-28 01:00", "2027-03-28 01:00"),
        ("Europe/London", "2027-03-28 02:00", "2027-03-28 01:00", "2027-03-28 01:00"),
        ("Europe/London", "2026-10-25 01:30", "2026-10-25 00:30", "2026-10-25 01:30"),
        ("Europe/London", "2026-10-25 02:00", "2026-10-25 02:00", "2026-10-25 02:00"),
        ("Europe/Berlin", "2027-03-28 02:30", "2027-03-28 01:00", "2027-03-28 01:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:10", "2026-10-03 15:30", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2027-04-04 01:45", "2027-04-03 14:45", "2027-04-03 15:15"),
        ("America/Santiago", "2026-09-06 00:00", "2026-09-06 04:00", "2026-09-06 04:00"),
        ("America/Santiago", "2027-04-03 23:30", "2027-04-04 02:30", "2027-04-04 03:30"),
        ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00", "2011-12-30 10:00"),
        ("Asia/Kolkata", "2026-10-25 01:30", "2026-10-24 20:00", "2026-10-24 20:00"),
    ],
)
def test_when_a_clock_shows_a_time(zone, shown, first, last):
    assert first_instant(wall(shown), ZoneInfo(zone)) == at(first)
    assert last_instant(wall(shown), ZoneInfo(zone)) == at(last)


@given(minute=st.integers(0, 3_000_000), zone=st.sampled_from(ZONES).map(ZoneInfo))
def test_every_instant_lies_between_the_first_and_the_last_showing_of_its_time(minute, zone):
    moment = datetime.fromtimestamp(1_700_000_000 // 60 * 60 + minute * 60, tz=UTC)
    shown = wall_of(moment, zone)
    assert first_instant(shown, zone) <= moment <= last_instant(shown, zone)
    assert moment in (first_instant(shown, zone), last_instant(shown, zone))
