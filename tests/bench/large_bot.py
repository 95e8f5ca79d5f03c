"""Surveys and rounds over a large estate, as fast as they go; tells how each went.

Arguments: settings file; start and speed of the clock; how many times.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import closing
from pathlib import Path

import httpx

from bot import facts
from bot.build import make_watch
from bot.build_outside import make_http, make_patchworks, make_surveyor
from bot.keep import Keeper
from bot.rules import Rules
from bot.settings import Settings, load_settings
from bot.store import Store, open_store
from bot.survey import Surveyor
from bot.watch import Watch
from checks.budget import Budget
from tests.bench.large import FastClock
from tests.bench.stage import resident_mb

PLENTY = 1_000_000
TICK = 0.005
KEPT_EVERY = 10
"""Times between two roll-ups, as the bot has ten minutes between them and one between rounds."""


class Longest:
    """The longest time for which the loop did not come round."""

    def __init__(self) -> None:
        self._found = 0.0

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            self._found = max(self._found, time.perf_counter() - began - TICK)

    def take(self) -> float:
        found, self._found = self._found, 0.0
        return found


async def live(settings: Settings, clock: FastClock, times: int) -> None:
    with closing(open_store(settings.watch.database)) as store:
        async with make_http() as http:
            surveyor = make_surveyor(settings, store, clock, http)
            watch = make_large_watch(settings, store, clock, http)
            keeper = Keeper(store, clock, settings.watch)
            longest = Longest()
            stopwatch = asyncio.create_task(longest.watch())
            for number in range(times):
                if number % KEPT_EVERY == KEPT_EVERY - 1:
                    await keeper.prune()
                told = await once(surveyor, watch, longest)
                told |= (await http.post(f"{settings.patchworks.core_url}/told")).json()
                told["blind"] = sum(bool(each.blind_since) for each in facts.find_systems(store.db))
                sys.stdout.write(json.dumps(told) + "\n")
                sys.stdout.flush()
            stopwatch.cancel()
            await surveyor.close()


def make_large_watch(
    settings: Settings, store: Store, clock: FastClock, http: httpx.AsyncClient
) -> Watch:
    """As the bot makes it, but with calls to spare: its own budget would make rounds wait."""
    budget = Budget(PLENTY)
    patchworks = make_patchworks(settings.patchworks, http, budget, clock)
    rules = Rules(policies=settings.policies, destination="nowhere")
    return make_watch(settings, store, clock, patchworks, budget, rules, lambda: None)


async def once(surveyor: Surveyor, watch: Watch, longest: Longest) -> dict[str, float]:
    """How long a survey and a round took and held the loop, in seconds."""
    began, cpu = time.perf_counter(), time.process_time()
    await surveyor.survey()
    surveyed, survey_cpu, survey_held = time.perf_counter(), time.process_time(), longest.take()
    verdicts = await watch.look()
    return {
        "survey": surveyed - began,
        "survey_cpu": survey_cpu - cpu,
        "survey_held": survey_held,
        "round": time.perf_counter() - surveyed,
        "round_cpu": time.process_time() - survey_cpu,
        "round_held": longest.take(),
        "verdicts": len(verdicts),
        "mb": resident_mb(os.getpid()),
    }


if __name__ == "__main__":
    given = FastClock(float(sys.argv[2]), float(sys.argv[3]))
    asyncio.run(live(load_settings(Path(sys.argv[1])), given, int(sys.argv[4])))
