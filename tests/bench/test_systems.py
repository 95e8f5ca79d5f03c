"""What five hundred systems cost: a survey beside its bound, a round, and the memory of both."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from bot.settings import WatchSettings
from tests.bench.large import FLOWS, fill, write_settings
from tests.bench.stage import Figure, lines_of, program, show

LATENCY_SECONDS = 0.3
AT_ONCE = WatchSettings().systems_at_once
SURVEYS = 4
HOLD_RATIO = 1.2
HOLD_ROUND_SECONDS = 5.0  # a twelfth of the minute between two rounds
HOLD_LOOP_SECONDS = 0.5
FEWER_FLOWS, FAST = 100, 120.0  # a survey and a round: about a minute of the estate
EARLY_ROUND, LATE_ROUND = 20, 200
HOLD_GROWTH = 0.05


@asynccontextmanager
async def watched(
    folder: Path, *, flows: int, latency: float, speed: float, times: int
) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """An estate of so many flows with a week behind it, surveyed and judged so many times.

    Gives how each time went.
    """
    fill(folder / "past.db", datetime.now(UTC), flows)
    shutil.move(folder / "past.db", folder / "seamwatch.db")
    clock = (str(time.time()), str(speed))  # from now on: filling took half a minute
    async with program("large_world.py", str(latency), str(flows), *clock) as world:
        assert world.stdout is not None
        url = (await world.stdout.readline()).decode().strip()
        settings = write_settings(folder, url, flows)
        async with program("large_bot.py", str(settings), *clock, str(times)) as bot:
            yield lines_of(bot)


@pytest.mark.bench
@pytest.mark.timeout(600)
async def test_five_hundred_systems_are_surveyed_and_judged_in_time(tmp_path: Path) -> None:
    async with watched(
        tmp_path, flows=FLOWS, latency=LATENCY_SECONDS, speed=1.0, times=SURVEYS
    ) as told:
        done = [each async for each in told]
    later = done[1:]  # the first also logs in, and reads what is usual
    took, calls = (median(each[name] for each in later) for name in ("survey", "calls"))
    bound = calls * LATENCY_SECONDS / AT_ONCE
    a_round, held = (median(each[name] for each in later) for name in ("round", "round_held"))
    figures = [
        Figure(
            what=f"survey of {calls:.0f} calls, {AT_ONCE} at once",
            measured=f"{took:.2f} s",
            reference=f"{bound:.2f} s (calls x latency / at once)",
            ratio=f"{took / bound:.2f}",
            hold=f"ratio {HOLD_RATIO}",
        ),
        Figure(
            what="round after it",
            measured=f"{a_round:.2f} s",
            reference=f"first {done[0]['round']:.2f} s",
            hold=f"{HOLD_ROUND_SECONDS} s",
        ),
        Figure(
            what="longest hold of the loop by a round",
            measured=f"{held * 1e3:.0f} ms",
            hold=f"{HOLD_LOOP_SECONDS * 1e3:.0f} ms",
        ),
    ]
    show(f"{FLOWS // 2} systems, {LATENCY_SECONDS * 1e3:.0f} ms a call, {FLOWS:,} flows", figures)
    assert len(done) == SURVEYS
    assert all(each["blind"] == 0 for each in done)
    assert max(each["most"] for each in done) <= AT_ONCE
    assert took <= HOLD_RATIO * bound
    assert a_round < HOLD_ROUND_SECONDS
    assert held < HOLD_LOOP_SECONDS


@pytest.mark.bench
@pytest.mark.timeout(900)
async def test_surveys_and_rounds_leave_no_memory_behind(tmp_path: Path) -> None:
    async with watched(
        tmp_path, flows=FEWER_FLOWS, latency=0.0, speed=FAST, times=LATE_ROUND
    ) as told:
        done = [each async for each in told]
    assert len(done) == LATE_ROUND
    early, late = done[EARLY_ROUND - 1]["mb"], done[LATE_ROUND - 1]["mb"]
    figure = Figure(
        what=f"memory after survey and round {LATE_ROUND} (reference: {EARLY_ROUND})",
        measured=f"{late:.1f} MB",
        reference=f"{early:.1f} MB",
        ratio=f"{late / early:.3f}",
        hold=f"ratio {1 + HOLD_GROWTH}",
    )
    show(f"Memory, {FEWER_FLOWS // 2} systems", [figure])
    assert late / early - 1 < HOLD_GROWTH
