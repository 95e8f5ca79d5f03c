"""How soon `--help` helps, and how soon after its start the bot answers."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from tests.bench.stage import (
    Figure,
    estate,
    running_bot,
    show,
    timed_slack,
    write_settings,
)

HELP_SECONDS, ANSWER_SECONDS = 0.5, 3.0


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


@pytest.mark.bench
async def test_the_first_answer_comes_soon_after_the_start(tmp_path: Path, past: Path) -> None:
    took = []
    async with timed_slack() as slack, estate("quiet_day") as watched:
        for _ in range(5):
            settings = write_settings(tmp_path, slack, watched, past)
            began = time.monotonic()
            async with running_bot(settings):
                told = await slack.ask("status")
                took.append(told["answered_at"] - began)
            for leftover in tmp_path.glob("seamwatch.db*"):
                leftover.unlink()
    figure = Figure(
        what="process start to first /seam answer, median of 5",
        measured=f"{median(took):.2f} s",
        hold=f"{ANSWER_SECONDS:.0f} s",
    )
    show("Start", [figure])
    assert median(took) < ANSWER_SECONDS
