"""One pairing over one window, from reading to outcome. What blocks is done in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.clock import Clock
from bot.reconcile_settings import Depth, ReconcileSettings
from bot.reconciling.asking import ask_again
from bot.reconciling.reading import Tell, Unseen, nobody, read_both
from bot.reconciling.sides import NoSide, ReadSide, side_of, with_personal
from bot.reconciling.totals import by_totals, count_both
from checks.reconcile.compare import Comparison
from checks.reconcile.model import Outcome, Pairing, Role
from checks.reconcile.outcome import Sink
from checks.reconcile.window import Window
from checks.records import RecordSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What comparisons are made with. `systems` by the name in their section; `folder` takes about
    100 bytes a record while a comparison lasts (None: the machine's for temporary files). `tell`
    hears how far it is."""

    systems: Mapping[str, RecordSource]
    clock: Clock
    folder: Path | None = None
    tell: Tell = nobody


async def compare(settings: ReconcileSettings, window: Window, means: Means, sink: Sink) -> Outcome:
    """What the comparison came to; every difference goes to `sink`, in a thread of its own.

    Raises Unseen, in one sentence, when a side could not be read.
    """
    pairing = settings.pairing()
    totals = settings.depth is Depth.TOTALS
    try:
        sides = [side_of(settings, pairing, role, means.systems) for role in Role]
    except NoSide as error:
        if totals:
            return await count_both(pairing, window, means.systems, means.clock)
        raise Unseen(str(error)) from None
    pairing = with_personal(pairing, sides)
    with Comparison(pairing, window, read_at=means.clock.now(), folder=means.folder) as comparison:
        await read_both(comparison, sides, window, means.clock.now(), means.tell)
        if totals:
            await asyncio.to_thread(comparison.look)
            outcome = await asyncio.to_thread(comparison.settle, None, nobody)
            return by_totals(pairing, window, outcome)
        return await _one_by_one(comparison, pairing, sides, window, means, sink)


async def _one_by_one(
    comparison: Comparison,
    pairing: Pairing,
    sides: Sequence[ReadSide],
    window: Window,
    means: Means,
    sink: Sink,
) -> Outcome:
    keys = await asyncio.to_thread(comparison.look)
    again = await ask_again(pairing, keys, sides, window, means.clock, means.tell)
    outcome = await asyncio.to_thread(comparison.settle, again, sink)
    return replace(outcome, looked_at=again.at) if again else outcome
