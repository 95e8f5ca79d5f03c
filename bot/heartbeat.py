"""The auditor, and the sign of life that it withholds.

An address outside is asked after each healthy look at ourselves, so that whoever watches it
(Healthchecks.io and its like) notices when this engine is dead, blind, or has lost an escalation.
Grafana OnCall checks its escalations in the same way.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import httpx

from bot import facts, handling
from bot.clock import Clock
from bot.rules import Rules
from bot.store import Database, Store
from bot.store import handling as handlings
from checks.durations import say_duration

log = logging.getLogger(__name__)

EVERY = timedelta(minutes=1)
ANSWER_SECONDS = 10.0
LATE = timedelta(minutes=5)
"""A step that is due may be so late before it counts as lost."""
MISSED_BEATS = 3
"""So many beats in a row without a round that ended in between: then nothing is looked at. Counted
in beats, because a clock may jump ahead of the round that is under way."""
MISSED_FOR = timedelta(minutes=2)
"""And for so long by the machine's own time, in which rounds take theirs: a sandbox's clock may run
through an hour while one of them asks."""

BLIND = "No round has ended for some minutes."


class Heartbeat:
    """Without a `url` only the audit is done. `seconds` tells the machine's own time."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rules: Rules,
        *,
        http: httpx.AsyncClient,
        url: str | None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store, self._clock, self._rules = store, clock, rules
        self._http, self._url, self._seconds = http, url, seconds
        self._said: tuple[str, ...] = ()
        self._last_beat: datetime | None = None
        self._jumps = False
        self._last_round: datetime | None = None
        self._missed, self._round_seen = 0, seconds()
        self._found: frozenset[str] = frozenset()

    async def beat(self) -> None:
        """Audit, mend what can be mended, and give the sign of life if nothing was wrong."""
        problems = await asyncio.to_thread(self._audit)
        self._log(problems)
        if problems or self._url is None:
            return
        try:
            answer = await self._http.get(self._url, timeout=ANSWER_SECONDS)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            log.warning("the heartbeat could not be given (%s)", type(error).__name__)

    def unwell(self) -> str:
        """What was wrong at the last beat, in a sentence; "" when nothing was."""
        return " ".join(self._said)

    def _audit(self) -> Sequence[str]:
        now = self._clock.now()
        if self._has_jumped(now):
            return self._said
        found = self._seen_twice(problems(self._store.db, now))
        if handlings.without_next_step(self._store.db):
            with self._store.writing() as db:
                handling.adopt(db, self._rules, now)
        return [*found, *([BLIND] if self._misses_rounds() else [])]

    def _misses_rounds(self) -> bool:
        last = facts.find_round(self._store.db)
        ended = last.at if last else None
        if ended != self._last_round:
            self._last_round, self._missed, self._round_seen = ended, 0, self._seconds()
            return False
        self._missed += 1
        waited = timedelta(seconds=self._seconds() - self._round_seen)
        return self._missed >= MISSED_BEATS and waited >= MISSED_FOR

    def _has_jumped(self, now: datetime) -> bool:
        """Whether so much time went by since the last beat that anything may be late just for that:
        the machine slept, or its clock was set. Said once, also while a fast clock goes on so."""
        before, self._last_beat = self._last_beat, now
        gap = now - before if before else EVERY
        jumps, self._jumps = self._jumps, not -LATE < gap < LATE
        if self._jumps and not jumps:
            way = "ahead" if gap > LATE else "back"
            log.info(
                "the clock went %s by %s since the last look (the machine slept, or its clock was "
                "set); what was due meanwhile is told now",
                way,
                say_duration(abs(gap)),
            )
        return self._jumps

    def _seen_twice(self, found: Sequence[str]) -> list[str]:
        """What the beat before found too: a clock that jumps makes everything late for a moment."""
        before, self._found = self._found, frozenset(found)
        return [each for each in found if each in before]

    def _log(self, problems: Sequence[str]) -> None:
        """Each once, as long as it lasts."""
        for problem in set(problems) - set(self._said):
            log.error("%s The heartbeat is withheld.", problem)
        self._said = tuple(problems)


def problems(db: Database, now: datetime) -> list[str]:
    """What is wrong with the promise that everybody is told in time, a sentence each."""
    lost = handlings.without_next_step(db)
    late = handlings.overdue(db, now - LATE)
    return [
        *(f"#{number} has no next step and no reason why not." for number in lost),
        *(f"The next step of #{number} is more than 5 minutes late." for number in late),
    ]
