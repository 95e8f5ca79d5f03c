"""Commands come fifty a second: how long people wait, beside the least a Bolt app can do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from tests.bench.past import INCIDENTS
from tests.bench.stage import (
    Figure,
    estate,
    fitted,
    newest_round,
    program,
    resident_mb,
    running_bot,
    show,
    timed_slack,
    until_rounds_run,
    with_systems,
    write_settings,
)

RATE, SECONDS = 50, 20
HOLD_SECONDS, HOLD_RATIO = 0.100, 2.0
HOLD_MB = 300
SHARES = {"p50": 0.50, "p95": 0.95, "p99": 0.99, "max": 1.0}
SOME = range(7, INCIDENTS, 97)
"""Incidents that people ask for, from all over the year."""
TEXTS = [
    text
    for number in SOME
    for text in ("queue", "status", "incidents", f"show {number}", f"runbook #{number}", "help")
]
RIGHT: Mapping[str, str] = {
    "queue": r"runs? .*Read <!date",
    "status": r"round of <!date",
    "incidents": r"^1\d incidents are open",
    "show": r"#{number} .*Flow",
    "runbook": r"Runbook: .*\(#{number}\)",
    "help": r"queue, status, incidents",
}
"""What an answer says when it is one, by verb."""

Told = Mapping[str, Any]


def wait_at(share: float, told: Sequence[Told]) -> float:
    """The wait that this share of people does not exceed (nearest rank), in seconds."""
    waits: list[float] = sorted(each["answer"] for each in told if each["answer"] is not None)
    return waits[max(0, ceil(share * len(waits)) - 1)]


def is_right(each: Told) -> bool:
    verb, _, number = each["text"].partition(" ")
    wanted = RIGHT[verb].replace("{number}", number.removeprefix("#"))
    return bool(re.search(wanted, each["said"], re.DOTALL))


async def load_bare() -> list[dict[str, Any]]:
    """Half of the load; once before and once after ours, so that a busier moment hits both."""
    async with timed_slack() as slack, program("bare_bolt.py", slack.api_url):
        await slack.ask("help")
        return await slack.load(TEXTS, rate=RATE, number=RATE * SECONDS // 2)


async def load_ours(folder: Path, past: Path) -> tuple[list[dict[str, Any]], float]:
    """The whole load while rounds run, a queue stalls, an incident opens and forecasts are fitted
    in worker processes; memory after it."""
    database = folder / "seamwatch.db"
    async with timed_slack() as slack, estate("stuck_queue") as watched:
        settings = write_settings(folder, slack, watched, past)
        await with_systems(settings, watched)
        async with running_bot(settings) as bot:
            await slack.ask("help")
            await until_rounds_run(database)
            before, learned = newest_round(database), fitted(database)
            told = await slack.load(TEXTS, rate=RATE, number=RATE * SECONDS)
            assert newest_round(database) != before, "no round ran meanwhile"
            assert fitted(database) > learned, "no forecast was fitted meanwhile"
            return told, resident_mb(bot.pid)


def compare(told: Sequence[Told], bare: Sequence[Told]) -> list[Figure]:
    figures = []
    for name, share in SHARES.items():
        ours, theirs = wait_at(share, told), wait_at(share, bare)
        hold = f"{HOLD_SECONDS * 1e3:.0f} ms or ratio {HOLD_RATIO:.0f}" if name == "p99" else ""
        figures.append(
            Figure(
                what=f"wait, {name}",
                measured=f"{ours * 1e3:.1f} ms",
                reference=f"{theirs * 1e3:.1f} ms",
                ratio=f"{ours / theirs:.2f}",
                hold=hold,
            )
        )
    return figures


def faults(told: Sequence[Told]) -> dict[str, int]:
    return {
        "answers missing": sum(not each["answers"] for each in told),
        "answers twice": sum(each["answers"] > 1 for each in told),
        "not acknowledged": sum(each["ack"] is None or each["ack"] > 3 for each in told),
    }


@pytest.mark.bench
@pytest.mark.timeout(240)
async def test_answers_come_in_time_at_fifty_commands_a_second(tmp_path: Path, past: Path) -> None:
    bare = await load_bare()
    told, memory = await load_ours(tmp_path, past)
    bare += await load_bare()
    wrong = [each for each in told if not is_right(each)]
    late = max(each["late"] for each in (*told, *bare))
    counts = {**faults(told), "wrong answers": len(wrong)}
    show(
        f"Slash commands: {len(told)}, {RATE} a second, beside a bare Bolt handler",
        [
            *compare(told, bare),
            *(Figure(what=name, measured=str(n), hold="0") for name, n in counts.items()),
            Figure(what="generator late, at most", measured=f"{late * 1e3:.1f} ms"),
            Figure(what="memory after it", measured=f"{memory:.0f} MB", hold=f"{HOLD_MB} MB"),
        ],
    )
    assert faults(bare) == dict.fromkeys(faults(bare), 0)
    assert counts == dict.fromkeys(counts, 0), wrong[:3]
    assert wait_at(0.99, told) <= max(HOLD_SECONDS, HOLD_RATIO * wait_at(0.99, bare))
    assert memory < HOLD_MB
