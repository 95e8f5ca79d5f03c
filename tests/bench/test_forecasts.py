"""What a thousand forecasts cost beside Prophet as it comes, and how good they are beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.stage import Figure, lines_of, program, show

SERIES, TIMED = 1000, 12
HOLD_RATIO, HOLD_MB = 100, 400
RECORDED = "SEAMWATCH_SERIES"
"""Names a directory laid out for `seamwatch backtest`; without it the package's own series do."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where programs started from here leave their temporary files; each has one core."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    return tmp_path


@pytest.mark.bench
@pytest.mark.timeout(600)
async def test_a_refresh_of_a_thousand_forecasts(scratch: Path) -> None:
    async with program("forecasts.py", str(SERIES), str(TIMED)) as process:
        (told,) = [each async for each in lines_of(process)]
    plain = told["plain"] * SERIES
    ratio = plain / told["refresh"]
    cost = Figure(
        what=f"refresh of {SERIES:,} series, 60 days, 72 h ahead",
        measured=f"{told['refresh']:.1f} s",
        reference=f"{plain:.0f} s (Prophet's own loop, {TIMED} timed)",
        ratio=f"{ratio:.0f}",
        hold=f"ratio {HOLD_RATIO}",
    )
    memory = Figure(what="the most memory", measured=f"{told['peak_mb']:.0f} MB", hold="400 MB")
    left = Figure(what="files left behind", measured=f"{told['left']}", hold="0")
    apart = Figure(
        what="calibration of a series, timed apart", measured=f"{told['rehearse']:.2f} s"
    )
    show("Forecasts: cost", [cost, memory, left, apart])
    assert ratio >= HOLD_RATIO
    assert told["peak_mb"] < HOLD_MB
    assert told["left"] == 0


@pytest.mark.bench
@pytest.mark.timeout(600)
async def test_they_are_better_than_those_of_prophet_as_it_comes(scratch: Path) -> None:
    folder = os.environ.get(RECORDED, "")
    async with program("forecast_skill.py", *([folder] if folder else [])) as process:
        (told,) = [each async for each in lines_of(process)]
    figures = [
        Figure(
            what=f"Brier skill, {hours} h ahead",
            measured=f"{told['ours'][hours]:+.3f}",
            reference=f"{told['prophet'][hours]:+.3f} (Prophet's defaults)",
            hold="above the reference",
        )
        for hours in ("24", "72")
    ]
    show(f"Forecasts: skill ({told['forecasts']} of {told['series']} recorded series)", figures)
    for hours in ("24", "72"):
        assert told["ours"][hours] > told["prophet"][hours]
