"""Reads the platform's past once, beside the rounds: whatever runs of the last days are not known.

It goes backwards page by page, each page asked for by time: 100 runs that started before the oldest
one known. So no page shifts while it is read, and what is covered in the store is all it has to
remember: a restart goes on where the last stop was, and a gap that a long stop left is closed.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.facts import BackfillFacts, save_backfill
from bot.store import Store, covered, runs
from bot.store.covered import Span
from checks.durations import say_duration
from checks.fetch import Budget, Unavailable, Unreadable
from checks.patchworks import MOST_PAGES, Patchworks
from checks.patchworks_pages import PER_PAGE
from checks.runs import Run
from checks.volume import INSTANT
from checks.words import say_count

log = logging.getLogger(__name__)

# How long the platform keeps run logs:
# https://doc.wearepatchworks.com/product-documentation/process-flows/error-reporting-and-exception-handling/run-logs-and-queue
KEPT = timedelta(days=7)
PART_OF_BUDGET = 3
PAUSE_SECONDS = 60.0


class Backfill:
    """Fills the gaps in what is known of the last `reach`, newest first, then is done.

    `calls_per_minute` is the budget of all calls to Patchworks, of which it spends a third at most;
    a call that has to be repeated counts once. `reach` must not be longer than raw data is kept.
    Everything is paced by the machine's own clock, so that a sandbox's may stand still.
    """

    def __init__(
        self,
        patchworks: Patchworks,
        store: Store,
        clock: Clock,
        calls_per_minute: int,
        *,
        reach: timedelta = KEPT,
        make_pace: Callable[[int], Budget] = Budget,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._patchworks, self._store, self._clock = patchworks, store, clock
        self._per_minute = max(1, calls_per_minute // PART_OF_BUDGET)
        self._reach, self._pace, self._sleep = reach, make_pace(self._per_minute), sleep
        self._pages, self._quarter = 1, 0
        self._trouble: type[Exception] | None = None
        now = clock.now()
        self._facts = BackfillFacts(began_at=now, since=now - reach, reached=now)

    async def run(self) -> None:
        """Return when the past is known. What goes wrong outside is waited out.

        Raises StoreRefused when another engine has taken the database over.
        """
        while self._facts.finished_at is None:
            try:
                await self._step()
            except (Unreadable, sqlite3.OperationalError) as error:
                await self._wait(error)
            else:
                self._go_on()

    async def _step(self) -> None:
        gap = await asyncio.to_thread(self._newest_gap)
        if gap is None:
            await asyncio.to_thread(self._finish)
        elif self._facts.total is None:
            await self._estimate()
        else:
            await self._read(gap)

    def _newest_gap(self) -> Span | None:
        oldest, reached = self._clock.now() - self._reach, self._facts.reached
        found = covered.gaps(self._store.db, oldest, reached) if oldest < reached else []
        return found[-1] if found else None

    async def _estimate(self) -> None:
        await self._pace.spend()
        total = await self._patchworks.count_runs(self._facts.since)
        await asyncio.to_thread(self._keep, replace(self._facts, total=total))
        estimate = estimated(total - self._facts.done, self._per_minute)
        await asyncio.to_thread(self._keep, replace(self._facts, estimate=estimate))
        log.info("reading the past of Patchworks beside the rounds: %s", estimate)

    async def _read(self, gap: Span) -> None:
        for _ in range(self._pages):
            await self._pace.spend()
        found, complete_since = await self._patchworks.runs_since(
            gap.since - INSTANT, until=gap.until, max_pages=self._pages
        )
        whole = complete_since < gap.since  # not at it: the page may end amid runs of that moment
        reached = gap.since if whole else complete_since + INSTANT
        if reached >= gap.until:
            self._read_more(gap)
            return
        self._pages = 1
        oldest = self._clock.now() - self._reach
        known = Span(since=known_since(gap, found, reached, oldest), until=gap.until)
        facts = replace(self._facts, reached=reached)
        await asyncio.to_thread(self._keep, facts, found, known)
        self._log_progress()

    def _read_more(self, gap: Span) -> None:
        """A page did not reach behind the one before: more runs of one moment than it holds."""
        if self._pages >= MOST_PAGES:
            self._pages = 1
            raise Unavailable(
                f"Patchworks' list of runs does not reach behind {_say(gap.until)}; does it ignore "
                "our filter?"
            )
        self._pages = min(2 * self._pages, MOST_PAGES)

    def _keep(
        self, facts: BackfillFacts, found: Sequence[Run] = (), known: Span | None = None
    ) -> None:
        """What was read, what that covers, and how far it has come: all of it or nothing."""
        with self._store.writing() as db:
            runs.save_runs(db, found)
            if known:
                covered.cover(db, known.since, known.until)
            done = runs.count_started(db, facts.since, facts.began_at)
            facts = replace(facts, done=done, waiting="")
            save_backfill(db, facts, self._clock.now())
        self._facts = facts

    def _finish(self) -> None:
        before = self._facts
        known = covered.covered(self._store.db, before.since, before.began_at)
        reached = known[0].since if known else before.began_at
        self._keep(replace(before, reached=reached, finished_at=self._clock.now()))
        if before.total is not None:
            done = say_count(self._facts.done, "run")
            log.info("the past of Patchworks is known back to %s, %s", _say(reached), done)

    def _log_progress(self) -> None:
        """At each quarter but the last, which is the end."""
        facts = self._facts
        quarter = min(3, int(4 * facts.share))
        if quarter > self._quarter:
            self._quarter = quarter
            told = (facts.done, facts.total, _say(facts.reached))
            log.info("the past of Patchworks: %d of about %d runs are read, back to %s", *told)

    async def _wait(self, error: Exception) -> None:
        """A minute, or as long as the platform asks; said once, not at every try."""
        why, rest = "the database is busy or its disk is full", None
        if isinstance(error, Unreadable):
            why, rest = error.what, error.retry_after
        if type(error) is not self._trouble:
            self._trouble = type(error)
            log.info("the past of Patchworks is not being read for now: %s", why)
            with suppress(sqlite3.OperationalError):
                await asyncio.to_thread(self._keep_waiting, why)
        await self._sleep(max(PAUSE_SECONDS, rest.total_seconds() if rest else 0))

    def _keep_waiting(self, why: str) -> None:
        self._facts = replace(self._facts, waiting=why)
        with self._store.writing() as db:
            save_backfill(db, self._facts, self._clock.now())

    def _go_on(self) -> None:
        if self._trouble is not None:
            self._trouble = None
            log.info("the past of Patchworks is being read again")


def known_since(gap: Span, found: Sequence[Run], reached: datetime, oldest: datetime) -> datetime:
    """From when on, at most until its end, everything in a gap is known.

    `found` is newest first and was read back to `reached`; `oldest` is how far back the platform
    remembers. At that end never and forgotten look alike: then it is known from the oldest run on.
    """
    if reached > gap.since:
        start = reached
    elif gap.since > oldest:
        start = gap.since
    else:
        start = found[-1].started_at if found else gap.until
    return min(max(start, oldest), gap.until)


def estimated(amount: int, per_minute: int) -> str:
    """ "about 14,200 runs, 142 calls, 4 min" for so many runs at so many calls a minute."""
    calls = max(1, -(-amount // PER_PAGE))
    takes = timedelta(minutes=-(-calls // per_minute))
    runs_left = f"about {max(0, amount):,} run{'' if amount == 1 else 's'}"
    return f"{runs_left}, {say_count(calls, 'call')}, {say_duration(takes)}"


def _say(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
