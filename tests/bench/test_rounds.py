"""What rounds cost: their time beside the time of their calls, and the memory they leave behind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from bot.sandbox.estate.server import EstateServer
from tests.bench.stage import (
    Figure,
    estate,
    lines_of,
    program,
    resident_mb,
    show,
    timed_slack,
    write_settings,
)

LATENCY_SECONDS = 0.05
TIMED_ROUNDS = 20
HOLD_RATIO = 2.5
"""A round of few calls has little to hide its own work behind; hundreds of calls will hide more."""
EARLY_ROUND, LATE_ROUND = 20, 200
HOLD_GROWTH, HOLD_MB = 0.05, 300


@asynccontextmanager
async def rounds(
    folder: Path, past: Path, watched: EstateServer, number: int
) -> AsyncIterator[tuple[int, AsyncIterator[dict[str, Any]]]]:
    """A bot that does so many rounds: its process id, and how each round went."""
    async with timed_slack() as slack:
        settings = write_settings(folder, slack, watched, past)
        async with program("rounds.py", str(settings), str(number)) as process:
            yield process.pid, lines_of(process)


async def slow_down(watched: EstateServer) -> None:
    """From now on every call takes `LATENCY_SECONDS`."""
    fault = {"path_prefix": "/api/", "delay": LATENCY_SECONDS}
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{watched.url}/control/fault", json=fault)
        answer.raise_for_status()


@pytest.mark.bench
async def test_a_round_takes_little_longer_than_its_calls(tmp_path: Path, past: Path) -> None:
    async with estate("stuck_queue") as watched:
        await slow_down(watched)
        async with rounds(tmp_path, past, watched, TIMED_ROUNDS) as (_, told):
            done = [each async for each in told]
    assert len(done) == TIMED_ROUNDS
    calls = median(each["calls"] for each in done)
    took = median(each["took"] for each in done)
    waited = calls * LATENCY_SECONDS
    figure = Figure(
        what=f"one round of {calls:.0f} calls, median of {TIMED_ROUNDS}",
        measured=f"{took * 1e3:.0f} ms",
        reference=f"{waited * 1e3:.0f} ms (calls x latency)",
        ratio=f"{took / waited:.2f}",
        hold=f"ratio {HOLD_RATIO}",
    )
    show(f"A round, with {LATENCY_SECONDS * 1e3:.0f} ms a call", [figure])
    assert calls > 0
    assert took <= HOLD_RATIO * waited


@pytest.mark.bench
async def test_two_hundred_rounds_leave_no_memory_behind(tmp_path: Path, past: Path) -> None:
    memory: dict[int, float] = {}
    number = 0
    async with (
        estate("stuck_queue", speed=60) as watched,
        rounds(tmp_path, past, watched, LATE_ROUND) as (pid, told),
    ):
        async for _ in told:
            number += 1
            if number in (EARLY_ROUND, LATE_ROUND):
                memory[number] = resident_mb(pid)
    early, late = memory[EARLY_ROUND], memory[LATE_ROUND]
    growth = late / early - 1
    figures = [
        Figure(
            what=f"memory after round {LATE_ROUND} (reference: round {EARLY_ROUND})",
            measured=f"{late:.1f} MB",
            reference=f"{early:.1f} MB",
            ratio=f"{late / early:.3f}",
            hold=f"ratio {1 + HOLD_GROWTH}, {HOLD_MB} MB",
        )
    ]
    show("Memory", figures)
    assert growth < HOLD_GROWTH
    assert late < HOLD_MB
