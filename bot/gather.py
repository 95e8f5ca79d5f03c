"""Gather: what one round reads from Patchworks. A source that cannot be read is named, with why."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.loss_reading import LossReader, LossReadings
from bot.run_logs import Known, LogReader, RunLog
from bot.stock import Stock, Stocktaker
from checks.fetch import Refused, Unreadable
from checks.patchworks import Patchworks
from checks.runs import Flow, Queue, Run, RunStatus

log = logging.getLogger(__name__)

FIRST_LOOK_BACK = timedelta(hours=24)
LEAST_LOOK_BACK = timedelta(minutes=10)
OVERLAP = timedelta(minutes=2)
RECENT_PAGES = 10
NOT_FOUND, UNAUTHORISED = 404, 401
MOST_FOLLOWED = 10
"""Runs a round asks for one by one because they left the list of running ones unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One round's readings. `queue` is None when it could not be read; `blind` has the reasons,
    `refused` names those sources for which a person must act, and `rejected` those that do not
    accept our credential. `logs` are those of troubled runs that were read for the first time,
    `losses` what tells of what passed through.
    """

    at: datetime
    queue: Queue | None
    stock: Stock
    ended: tuple[Run, ...]
    blind: Mapping[str, str]
    logs: tuple[RunLog, ...] = ()
    refused: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    losses: LossReadings = field(default_factory=LossReadings)

    @property
    def flows(self) -> tuple[Flow, ...] | None:
        return self.stock.flows


class Gatherer:
    """Reads Patchworks, the slow-moving parts less often. `known` tells which of some runs' logs
    have been read before; `losses` reads what shows silent loss, None: nothing does."""

    def __init__(
        self, patchworks: Patchworks, known: Known, losses: LossReader | None = None
    ) -> None:
        self._patchworks, self._losses = patchworks, losses
        self._stocktaker, self._logs = Stocktaker(patchworks), LogReader(patchworks, known)
        self._blind: dict[str, str] = {}
        self._refused: set[str] = set()
        self._rejected: set[str] = set()

    async def gather(
        self, now: datetime, last_read_at: datetime | None, unfinished: Sequence[Run]
    ) -> Gathered:
        """Read everything that is due. Never raises for a source that cannot be read.

        `last_read_at` is when the queue was last read; `unfinished` are the runs that were still
        running then.
        """
        self._blind, self._refused, self._rejected = {}, set(), set()
        queue = await self._queue(now, last_read_at)
        ended = await self._ended(queue, unfinished) if queue else ()
        stock = await self._stocktaker.take(now, self._cannot_read)
        logs = await self._logs.read((*queue.recent, *ended)) if queue else ()
        readable = self._losses if queue else None
        losses = await readable.read(now, stock.flows or ()) if readable else LossReadings()
        return Gathered(
            at=queue.at if queue else now,
            queue=queue,
            stock=stock,
            ended=ended,
            logs=logs,
            blind=dict(self._blind),
            refused=frozenset(self._refused),
            rejected=frozenset(self._rejected),
            losses=losses,
        )

    def _cannot_read(self, source: str, error: Unreadable) -> None:
        self._blind[source] = error.what
        if isinstance(error, Refused):
            self._refused.add(source)
        if error.status == UNAUTHORISED:
            self._rejected.add(source)

    async def _queue(self, now: datetime, last_read_at: datetime | None) -> Queue | None:
        recent = FIRST_LOOK_BACK
        if last_read_at is not None:
            recent = min(max(now - last_read_at + OVERLAP, LEAST_LOOK_BACK), FIRST_LOOK_BACK)
        try:
            return await self._patchworks.queue(recent=recent, max_pages=RECENT_PAGES)
        except Unreadable as error:
            self._cannot_read("queue", error)
            return None

    async def _ended(self, queue: Queue, unfinished: Sequence[Run]) -> tuple[Run, ...]:
        """How runs ended that neither run any more nor started lately."""
        seen = {run.id for run in (*queue.running, *queue.recent)}
        gone = [run for run in unfinished if run.id not in seen][:MOST_FOLLOWED]
        ended = []
        for run in gone:
            try:
                ended.append(await self._patchworks.run(run.id))
            except Unreadable as error:
                if error.status == NOT_FOUND:  # forgotten there, so nobody can tell how it ended
                    ended.append(replace(run, status=RunStatus.UNKNOWN, finished_at=queue.at))
                else:
                    self._cannot_read("runs", error)
        return tuple(ended)
