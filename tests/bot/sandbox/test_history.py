"""The older volumes that the demo imports: one series with what its runs call from then on."""

from __future__ import annotations

import csv
import math
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.sandbox.estate.company import FLOWS, INSTANCES
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Run as PlayedRun
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.story import operations
from bot.sandbox.estate.vendors import all_shops
from bot.sandbox.estate.vendors.dotdigital import AN_HOUR
from bot.sandbox.estate.volumes import HOUR
from bot.sandbox.history import drawn, volumes, write_history
from bot.sandbox.scenarios import find
from checks.runs import Direction, Run, RunStatus, Step
from checks.volume import spread

Calls = Counter[tuple[datetime, str]]
NOW = datetime(2026, 3, 4, 9, 14, 7, tzinfo=UTC)
INSTANCE_OF = {
    shop.name: str(instance.id)
    for shop in all_shops()
    for instance in INSTANCES
    if shop.system == instance.system.name
}


def opened(scenario: str = "quiet_day", days: int = 0, now: datetime = NOW) -> Estate:
    found = find(scenario)
    estate = Estate(
        now=now,
        opens=found.opens,
        growth=found.growth,
        options=EstateOptions(history_days=days),
    )
    estate.play(found.steps)
    return estate


def as_the_bot_counts(estate: Estate) -> Calls:
    """Calls by hour and instance id, worked out from the runs by the bot's own method."""
    hours: Calls = Counter()
    for run in estate.queue.runs.values():
        if run.has_ended(estate.now):
            for each in spread(told(run), steps(run)):
                hours[each.minute.replace(minute=0), each.instance_id] += each.calls
    return hours


def told(run: PlayedRun) -> Run:
    received, sent = operations(run)
    return Run(
        id=str(run.id),
        flow_id=str(run.flow.id),
        flow_name=run.flow.name,
        status=RunStatus.SUCCESS,
        started_at=run.started_at,
        finished_at=run.ends_at,
        received=received,
        sent=sent,
    )


def steps(run: PlayedRun) -> tuple[Step, ...]:
    flow = run.flow
    ways = ((flow.source, Direction.RECEIVE), (flow.target, Direction.SEND))
    return tuple(
        Step(id="", name="", instance_id=str(instance.id), direction=way) for instance, way in ways
    )


def test_the_file_has_every_hour_of_every_system_until_now(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_history(opened(), path, weeks=2)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["time", "system", "calls"]
    assert rows[0]["time"] == "2026-02-18T09:00:00Z"
    assert rows[-1]["time"] == "2026-03-04T08:00:00Z"
    assert len(rows) == 14 * 24 * len(INSTANCE_OF)
    assert {row["system"] for row in rows} == set(INSTANCE_OF)
    assert all(int(row["calls"]) >= 0 for row in rows)


@pytest.fixture(scope="module")
def played() -> Estate:
    return opened(days=3)


@pytest.fixture(scope="module")
def bots(played: Estate) -> Calls:
    return as_the_bot_counts(played)


def hours_of(estate: Estate) -> tuple[datetime, datetime]:
    """The first and the end of the last whole hour of which it has runs."""
    first, last = (at.replace(minute=0, second=0) for at in (estate.began_at, estate.now))
    return first + HOUR, last


@pytest.mark.parametrize("system", sorted(INSTANCE_OF))
def test_what_is_drawn_agrees_with_what_the_bot_counts_from_runs(
    system: str, played: Estate, bots: Calls
) -> None:
    """The same three days once drawn and once played: a few per cent, and what chance adds."""
    since, until = hours_of(played)
    hours = drawn(played, since, until)
    count = sum(
        calls
        for (hour, instance), calls in bots.items()
        if instance == INSTANCE_OF[system] and since <= hour < until
    )
    told = sum(calls for (_, name), calls in hours.items() if name == system)
    assert count > 100
    assert told == pytest.approx(count, rel=0.02, abs=4 * math.sqrt(count))


def test_hours_of_which_there_are_runs_are_told_as_the_bot_counts_them(
    played: Estate, bots: Calls
) -> None:
    since, until = hours_of(played)
    rows = {(each.hour, each.system): each.calls for each in volumes(played, weeks=1)}
    off = [
        abs(rows[hour, "dotdigital-newsletters"] - bots[hour, "710"])
        for hour in (since + n * HOUR for n in range((until - since) // HOUR))
    ]
    assert max(off) <= 20, "at most the run that goes on across the hour"


def test_what_follows_is_as_recorded_hour_by_hour() -> None:
    estate = opened("promo_peak")
    estate.advance(NOW + timedelta(hours=30))
    counted = as_the_bot_counts(estate)
    flow = estate.flow("Consents to Dotdigital")
    for number in range(1, 30):
        hour = NOW.replace(minute=0, second=0) + number * HOUR
        foreseeable = flow.records_an_hour * estate.volumes.share(
            flow, hour + timedelta(minutes=36)
        )
        if foreseeable < 1500:
            assert counted[hour, "710"] == pytest.approx(foreseeable, rel=0.03, abs=15), hour


def test_the_same_sandbox_tells_the_same_history() -> None:
    assert list(volumes(opened(), weeks=1)) == list(volumes(opened(), weeks=1))


def test_eight_weeks_are_told_in_a_moment() -> None:
    estate = opened()
    began = time.process_time()
    assert len(list(volumes(estate))) == 8 * 7 * 24 * len(INSTANCE_OF)
    assert time.process_time() - began < 3  # about 0.5 s on an idle machine


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(datetime(2026, 4, 12, 9, 14, tzinfo=UTC), id="two weeks into summer time"),
        pytest.param(datetime(2026, 11, 8, 9, 14, tzinfo=UTC), id="two weeks into winter time"),
    ],
)
def test_a_peak_keeps_its_hour_by_the_retailers_clock(now: datetime) -> None:
    """The recording's own clock was put back within these weeks, too."""
    estate = opened("near_limit", now=now)
    flow = estate.flow("Consents to Dotdigital")
    peaks = set()
    for week in range(6):
        hours = [estate.now - timedelta(weeks=week, hours=n) for n in range(7 * 24)]
        peak = max(hours, key=lambda hour: estate.volumes.share(flow, hour))
        peaks.add(peak.astimezone(ZoneInfo("Europe/London")).hour)
    assert len(peaks) == 1


def test_a_growing_peak_has_passed_the_allowance_only_of_late() -> None:
    past = [v for v in volumes(opened("near_limit")) if v.system == "dotdigital-newsletters"]
    passed = [each.hour for each in past if each.calls >= AN_HOUR]
    assert 1 <= len(passed) <= 4
    assert sum(hour < NOW - timedelta(days=9) for hour in passed) <= 1


def test_no_schedule_of_the_company_tells_one_day_from_another() -> None:
    """The arithmetic of hours relies on it."""
    crons = [flow.cron for flow in FLOWS if flow.cron]
    assert crons
    assert all(cron.split()[2:] == ["*"] * 3 for cron in crons)
