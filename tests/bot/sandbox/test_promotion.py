"""When a sale of the made-up retailer is held, and how its settings tell of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.sandbox.declared import promotion_text
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.promotion import Promotion
from bot.sandbox.sandbox import Choice, Sandbox
from bot.settings import load_settings
from bot.slack.manifest import load as manifest

SALE = Promotion(name="Spring sale", times=2.5)


@pytest.mark.parametrize(
    ("now", "begins", "lasts_hours"),
    [
        pytest.param("2026-01-14 09:00", "2026-01-15 00:00", 24, id="in winter"),
        pytest.param("2026-07-14 09:00", "2026-07-14 23:00", 24, id="in summer time"),
        pytest.param("2026-07-14 23:30", "2026-07-15 23:00", 24, id="after local midnight"),
        pytest.param("2026-03-28 12:00", "2026-03-29 00:00", 23, id="the clock is put forward"),
        pytest.param("2026-10-24 12:00", "2026-10-24 23:00", 25, id="the clock is put back"),
    ],
)
def test_a_sale_lasts_the_retailers_whole_next_day(now: str, begins: str, lasts_hours: int) -> None:
    since, until = SALE.lasts(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert since == datetime.fromisoformat(begins).replace(tzinfo=UTC)
    assert until - since == timedelta(hours=lasts_hours)


def test_without_a_sale_nothing_is_declared() -> None:
    assert promotion_text(None, datetime(2026, 1, 14, tzinfo=UTC)) == ""


@pytest.mark.parametrize("scenario", ["promo_peak", "quiet_day"])
async def test_the_settings_declare_the_sale_that_the_estate_will_feel(
    scenario: str, tmp_path: Path
) -> None:
    short = EstateOptions(history_days=0)
    sandbox = Sandbox(manifest(), Choice(scenario=scenario, systems=True, speed=0, estate=short))
    await sandbox.start()
    try:
        declared = load_settings(sandbox.write_settings(tmp_path)).promotion
        company, now = sandbox.estate.company, sandbox.clock.now()
    finally:
        await sandbox.stop()
    told = [(each.name, each.first, each.last, each.times) for each in declared]
    day = SALE.day_after(now)
    assert told == ([("Spring sale", day, day, 2.5)] if scenario == "promo_peak" else [])
    company.advance(now + timedelta(minutes=1))
    felt = [(lift.since, lift.until, lift.times) for lift in company.volumes.lifts]
    assert felt == ([(*SALE.lasts(now), 2.5)] if scenario == "promo_peak" else [])


def test_a_sale_is_named_by_the_retailers_date() -> None:
    assert SALE.day_after(datetime(2026, 7, 14, 23, 30, tzinfo=UTC)) == date(2026, 7, 16)
