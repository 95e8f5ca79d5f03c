"""The bot as `seamwatch run` builds it, with rounds as fast as they go; tells how each went.

Its own call budget would make two hundred rounds last for minutes, so it is lifted here, and the
timetable's next round is put far off. Arguments: settings file, number of rounds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from bot import facts
from bot.build import Bot, build
from bot.settings import Settings, load_settings

PLENTY = 1_000_000


def unhurried(settings: Settings) -> Settings:
    patchworks = settings.patchworks.model_copy(update={"budget_per_minute": PLENTY})
    watch = settings.watch.model_copy(update={"every": timedelta(days=30)})
    return settings.model_copy(update={"patchworks": patchworks, "watch": watch})


async def live(path: Path, rounds: int) -> None:
    stop = asyncio.Event()
    async with build(unhurried(load_settings(path))) as bot, asyncio.TaskGroup() as group:
        group.create_task(bot.run(stop))
        while facts.find_round(bot.store.db) is None:  # the timetable's own first round
            await asyncio.sleep(0.05)
        for _ in range(rounds):
            await one_round(bot)
        stop.set()


async def one_round(bot: Bot) -> None:
    calls_before = spent(bot)
    began = time.perf_counter()
    await bot.watch.run_round()
    took = time.perf_counter() - began
    told = {"took": took, "calls": spent(bot) - calls_before}
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def spent(bot: Bot) -> int:
    """Calls of the last minute, so that the difference is right in the bot's first minute."""
    told = facts.find_round(bot.store.db)
    return told.calls_last_minute if told else 0


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), int(sys.argv[2])))
