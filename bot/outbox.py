"""Sends what the outbox holds: claims a row, looks it up when it may have gone out, sends, records.

Nothing here knows Slack; a destination does. The promise: no message is lost, and each stands
exactly once, unless the destination cannot be read back after an ambiguous send; then the message
is sent again and marked as a possible repeat.
"""

from __future__ import annotations

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Protocol

from bot.clock import Clock
from bot.saying import told_again
from bot.store import Store, outbox
from bot.store.outbox import Purpose, Row

log = logging.getLogger(__name__)

LONGEST_SLEEP = 5.0
LONGEST_BACK_OFF = 300.0
FIRST_BACK_OFF = 1.0
PERSON_BACK_OFF = 60.0
STORE_BACK_OFF = 5.0
"""A database that takes nothing (locked, full, read-only) is tried again so often."""
CLOCK_SLACK = 1.0
"""Seconds by which the machine's clock may be set back without anybody minding."""
SETTLE_SECONDS = 2.0
"""A message on its way when its sender died has arrived, or never will, after this long."""


class Undelivered(Exception):
    """A message was not delivered; `problem` is a short code or phrase, never a secret."""

    def __init__(self, problem: str, after: float | None = None) -> None:
        super().__init__(problem)
        self.problem, self.after = problem, after


class TryLater(Undelivered):
    """Certainly not sent: busy, unreachable, rate limited for `after` seconds."""


class Ambiguous(Undelivered):
    """It may have been accepted: look it up before sending it again."""


class NeedsPerson(Undelivered):
    """Somebody has to mend something (invite the bot, renew a token) before it can be sent."""


class RootGone(Undelivered):
    """The message that this one edits or replies to has been deleted."""


class CannotLook(Undelivered):
    """The destination cannot be read back."""


class Needless(Exception):
    """Another message says it already, or it has become untrue: it is not sent at all."""


class Destination(Protocol):
    """Where messages go; one file a kind."""

    async def turn(self) -> None:
        """Wait until this destination may be sent to again."""
        ...

    async def deliver(self, row: Row) -> str:
        """Render the row from the state as it is now, and send it; returns where it stands.

        Raises Undelivered, or Needless.
        """
        ...

    async def find(self, row: Row) -> str | None:
        """Where the row's message stands, if it was sent. Raises CannotLook or TryLater."""
        ...


class Outbox:
    """One sender over all destinations; a destination that fails does not hold up the others."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        find_destination: Callable[[str], Destination],
        awake: asyncio.Event,
        fallback: str | None = None,
    ) -> None:
        """`awake` is set by whoever writes rows; `fallback` is told of destinations in trouble."""
        self._store, self._clock = store, clock
        self._find_destination, self._fallback = find_destination, fallback
        self._awake = awake
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._troubled: dict[str, str] = {}
        self._ahead = _clock_ahead()

    async def run(self) -> None:
        """Send until cancelled."""
        with self._store.writing() as db:
            outbox.bring_forward(db, 0.0, at_most=time.time() + LONGEST_BACK_OFF)
            found = outbox.recover(db, self._store.fence, time.time() + SETTLE_SECONDS)
        if found:
            log.warning(
                "%d messages may have gone out before the last stop; looking them up", found
            )
        try:
            while True:
                self._awake.clear()
                self._mind_the_clock()
                self._start_due()
                await self._sleep()
        finally:
            for task in self._busy.values():
                task.cancel()
            await asyncio.gather(*self._busy.values(), return_exceptions=True)

    async def flush(self, seconds: float) -> None:
        """Wait until nothing that is due is left, or until so many seconds are over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            due = outbox.due_rows(self._store.db, time.time(), ())
            if not due and not self._busy:
                return
            self._awake.set()
            await asyncio.sleep(0.05)

    def _mind_the_clock(self) -> None:
        """Whatever waits would wait as much longer as the machine's clock was set back."""
        ahead = _clock_ahead()
        back = self._ahead - ahead
        if back > CLOCK_SLACK:
            with suppress(sqlite3.Error):  # else it is done with the next look
                with self._store.writing() as db:
                    outbox.bring_forward(db, back)
                log.warning("the machine's clock was set back by %.0f s", back)
                self._ahead = ahead
        else:
            self._ahead = ahead

    def _start_due(self) -> None:
        for row in outbox.due_rows(self._store.db, time.time(), self._busy):
            task = asyncio.create_task(self._try(row), name=f"outbox {row.destination}")
            self._busy[row.destination] = task
            task.add_done_callback(partial(self._done, row.destination))

    def _done(self, destination: str, task: asyncio.Task[None]) -> None:
        del self._busy[destination]
        if not task.cancelled() and (error := task.exception()):
            log.error("the outbox failed on %s: %s", destination, error, exc_info=error)
        self._awake.set()

    async def _sleep(self) -> None:
        now = time.time()
        due = outbox.next_due(self._store.db, now)
        seconds = LONGEST_SLEEP if due is None else min(due - now, LONGEST_SLEEP)
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for may swallow a cancellation (bpo-37658)
                await self._awake.wait()

    async def _try(self, row: Row) -> None:
        """Send it; while the database takes nothing, its destination rests."""
        try:
            await self._send(row)
        except sqlite3.Error as error:
            log.warning("the database takes nothing (%s); %s waits", error, row.destination)
            while not await asyncio.to_thread(self._give_back, row):
                await asyncio.sleep(STORE_BACK_OFF)
            log.warning("the database takes messages again")

    def _give_back(self, row: Row) -> bool:
        """In a thread: what was claimed may have gone out without being recorded; whether it could
        be written down."""
        try:
            with self._store.writing() as db:
                outbox.give_back(db, row, time.time() + SETTLE_SECONDS)
        except sqlite3.Error:
            return False
        return True

    async def _send(self, row: Row) -> None:
        destination = self._find_destination(row.destination)
        await destination.turn()
        with self._store.writing() as db:
            number = outbox.claim(db, row, self._store.fence)
        if number is None:
            return
        row = replace(row, claim=number)
        try:
            await self._look_up_and_deliver(destination, row, number)
        except Needless:
            self._leave_out(row, number)
        except RootGone as error:
            self._post_root_anew(row, number, error)
        except Undelivered as error:
            self._put_back(row, number, error)
        except Exception as error:
            self._put_back(row, number, Ambiguous(f"unexpected {type(error).__name__}"))
            raise

    async def _look_up_and_deliver(self, destination: Destination, row: Row, number: int) -> None:
        if row.ambiguous and row.purpose is not Purpose.EDIT:
            try:
                found = await destination.find(row)
            except CannotLook as error:
                log.warning("cannot look up %s %s (%s)", row.topic, row.purpose, error.problem)
                row = replace(row, possible_repeat=True)
            else:
                if found is not None:
                    self._record(row, number, found, covers=None)
                    return
        covers = outbox.newest_edit(self._store.db, row)
        ts = await destination.deliver(row)
        edits_too = row.purpose in (Purpose.ROOT, Purpose.EDIT)
        self._record(row, number, ts, covers=covers if edits_too else None)

    def _record(self, row: Row, number: int, ts: str, covers: int | None) -> None:
        with self._store.writing() as db:
            if outbox.record_sent(db, row, number, ts, covers):
                told_again(db, row, self._clock.now())
        if self._troubled.pop(row.destination, None):
            log.warning("%s can be posted to again", row.destination)

    def _leave_out(self, row: Row, number: int) -> None:
        with self._store.writing() as db:
            outbox.supersede(db, row, number)

    def _post_root_anew(self, row: Row, number: int, error: RootGone) -> None:
        """Somebody deleted the incident's message: post it once more, edits and lines follow it."""
        log.warning("the message of %s is gone (%s); posting it anew", row.topic, error.problem)
        with self._store.writing() as db:
            if row.purpose is Purpose.EDIT:
                outbox.supersede(db, row, number)
            else:
                outbox.put_back(
                    db, row, number, due=time.time(), problem=error.problem, ambiguous=False
                )
            if row.purpose is not Purpose.NOTICE:
                outbox.enqueue(
                    db,
                    topic=row.topic,
                    destination=row.destination,
                    purpose=Purpose.ROOT,
                    created_at=self._clock.now(),
                    due=time.time(),
                )

    def _put_back(self, row: Row, number: int, error: Undelivered) -> None:
        needs_person = isinstance(error, NeedsPerson)
        first = PERSON_BACK_OFF if needs_person else FIRST_BACK_OFF
        wait = min(first * 2 ** min(row.attempts, 10), LONGEST_BACK_OFF)
        if error.after is not None:
            wait = error.after
        elif isinstance(error, Ambiguous):
            wait = max(wait, SETTLE_SECONDS)
        due = time.time() + wait * random.uniform(1.0, 1.2)  # noqa: S311 (jitter)
        ambiguous = isinstance(error, Ambiguous) or (row.ambiguous and not needs_person)
        with self._store.writing() as db:
            outbox.put_back(db, row, number, due=due, problem=error.problem, ambiguous=ambiguous)
        self._tell_trouble(row, error)

    def _tell_trouble(self, row: Row, error: Undelivered) -> None:
        """Once per trouble: in the log, and in the fall-back channel when a person must act."""
        if self._troubled.get(row.destination) == error.problem:
            return
        self._troubled[row.destination] = error.problem
        if not isinstance(error, NeedsPerson):
            log.warning("%s cannot be posted to just now: %s", row.destination, error.problem)
            return
        log.error("%s cannot be posted to until a person acts: %s", row.destination, error.problem)
        if self._fallback is None or self._fallback == row.destination:
            return
        now = self._clock.now()
        with self._store.writing() as db:
            outbox.enqueue_notice(
                db,
                topic=f"{row.destination}: {error.problem}",
                destination=self._fallback,
                step=now.date().toordinal(),
                body=error.problem,
                created_at=now,
                due=time.time(),
            )
        self._awake.set()


def _clock_ahead() -> float:
    """How far the machine's clock is ahead of the one that nobody sets, in seconds."""
    return time.time() - time.monotonic()
