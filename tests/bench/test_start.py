"""How soon `--help` helps, and how soon after its start the bot answers."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from tests.bench.stage import (
    Figure,
    Slack,
    estate,
    program,
    running_bot,
    show,
    timed_slack,
    write_settings,
)

HELP_SECONDS, ANSWER_SECONDS = 0.5, 3.0
TRIES = 3


def time_of(*command: str) -> float:
    """Seconds from start to end of a command that succeeds."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


@pytest.mark.bench
def test_help_comes_at_once() -> None:
    seamwatch = Path(sys.executable).with_name("seamwatch")
    took = median(time_of(str(seamwatch), "--help") for _ in range(5))
    bare = median(time_of(sys.executable, "-c", "import click") for _ in range(5))
    figure = Figure(
        what="seamwatch --help, median of 5",
        measured=f"{took:.2f} s",
        reference=f"{bare:.2f} s (import click)",
        ratio=f"{took / bare:.2f}",
        hold=f"{HELP_SECONDS} s",
    )
    show("Help", [figure])
    assert took < HELP_SECONDS


async def first_answer(slack: Slack, app: AbstractAsyncContextManager[Any]) -> float:
    """Seconds from the start of an app's process to its first answer."""
    began = time.monotonic()
    async with app:
        told = await slack.ask("status")
    assert told["answers"] == 1
    return float(told["answered_at"] - began)


@pytest.mark.bench
async def test_the_first_answer_comes_soon_after_the_start(tmp_path: Path, past: Path) -> None:
    took, bare = [], []
    async with estate("quiet_day") as watched:
        for number in range(TRIES):
            async with timed_slack() as slack:
                bare.append(await first_answer(slack, program("bare_bolt.py", slack.api_url)))
            folder = tmp_path / str(number)
            folder.mkdir()
            async with timed_slack() as slack:
                settings = write_settings(folder, slack, watched, past)
                took.append(await first_answer(slack, running_bot(settings)))
    figure = Figure(
        what=f"first answer after start, median of {TRIES}",
        measured=f"{median(took):.2f} s",
        reference=f"{median(bare):.2f} s (bare Bolt)",
        ratio=f"{median(took) / median(bare):.2f}",
        hold=f"{ANSWER_SECONDS:.0f} s",
    )
    show("Start, with a year stored", [figure])
    assert median(took) < ANSWER_SECONDS
