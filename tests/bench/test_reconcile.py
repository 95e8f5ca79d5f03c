"""What it costs to compare a million orders a side, beside pandas' merge of the same orders."""

from __future__ import annotations

import pytest

from tests.bench.reconciling import CUT, LOST
from tests.bench.stage import Figure, lines_of, program, show

ORDERS = 1_000_000
HOLD_MB, HOLD_RATIO = 150, 8


@pytest.mark.bench
@pytest.mark.timeout(900)
async def test_a_million_records_a_side_are_compared_in_little_memory() -> None:
    told = {}
    for how in ("ours", "pandas"):
        async with program("reconciling.py", how, str(ORDERS)) as process:
            (told[how],) = [each async for each in lines_of(process)]
    ours, merged = told["ours"], told["pandas"]
    ratio = ours["took"] / merged["took"]
    cost = Figure(
        what=f"{ORDERS:,} orders a side, made and compared (time of the processor)",
        measured=f"{ours['took']:.1f} s",
        reference=f"{merged['took']:.1f} s (pandas' merge)",
        ratio=f"{ratio:.2f}",
        hold=f"ratio {HOLD_RATIO}",
    )
    memory = Figure(
        what="the most memory",
        measured=f"{ours['peak_mb']:.0f} MB",
        reference=f"{merged['peak_mb']:.0f} MB",
        ratio=f"{ours['peak_mb'] / merged['peak_mb']:.3f}",
        hold=f"{HOLD_MB} MB",
    )
    show("Reconciliation", [cost, memory])
    assert ours["missing"] == merged["missing"] == (ORDERS - 1) // LOST + 1
    assert ours["cut"] == merged["cut"]
    assert ours["cut"] >= ORDERS // CUT - 1
    assert ours["peak_mb"] <= HOLD_MB
    assert ratio < HOLD_RATIO
