"""Gather: what one round reads from Patchworks. A source that cannot be read is named, with why."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from checks.fetch import Refused, Unreadable
from checks.patchworks import Patchworks
from checks.runs import Flow, Queue, Run, RunStatus

log = logging.getLogger(__name__)

FIRST_LOOK_BACK = timedelta(hours=24)
LEAST_LOOK_BACK = timedelta(minutes=10)
OVERLAP = timedelta(minutes=2)
INVENTORY_EVERY = timedelta(minutes=10)
ALLOWANCE_EVERY = timedelta(hours=1)
RECENT_PAGES = 10
NOT_FOUND = 404
MOST_FOLLOWED = 10
"""Runs a round asks for one by one because they left the list of running ones unseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One round's readings. `queue` is None when it could not be read; `blind` has the reasons,
    and `refused` names those sources for which a person must act."""

    at: datetime
    queue: Queue | None
    flows: tuple[Flow, ...] | None
    ended: tuple[Run, ...]
    allowance: int | None
    blind: Mapping[str, str]
    refused: frozenset[str] = frozenset()


class Gatherer:
    """Reads Patchworks, the slow-moving parts less often. `allowance_field` is where the
    allowances tell how many runs may go at a time."""

    def __init__(self, patchworks: Patchworks, allowance_field: str) -> None:
        self._patchworks, self._allowance_field = patchworks, allowance_field
        self._flows: tuple[Flow, ...] | None = None
        self._flows_at: datetime | None = None
        self._allowance: int | None = None
        self._allowance_at: datetime | None = None
        self._blind: dict[str, str] = {}
        self._refused: set[str] = set()

    async def gather(
        self, now: datetime, last_read_at: datetime | None, unfinished: Sequence[Run]
    ) -> Gathered:
        """Read everything that is due. Never raises for a source that cannot be read.

        `last_read_at` is when the queue was last read; `unfinished` are the runs that were still
        running then.
        """
        self._blind, self._refused = {}, set()
        queue = await self._queue(now, last_read_at)
        ended = await self._ended(queue, unfinished) if queue else ()
        await self._refresh_inventory(now)
        await self._refresh_allowance(now)
        return Gathered(
            at=queue.at if queue else now,
            queue=queue,
            flows=self._flows,
            ended=ended,
            allowance=self._allowance,
            blind=dict(self._blind),
            refused=frozenset(self._refused),
        )

    def _cannot_read(self, source: str, error: Unreadable) -> None:
        self._blind[source] = error.what
        if isinstance(error, Refused):
            self._refused.add(source)

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

    async def _refresh_inventory(self, now: datetime) -> None:
        if self._flows_at is not None and now - self._flows_at < INVENTORY_EVERY:
            return
        try:
            self._flows, self._flows_at = await self._patchworks.flows(), now
        except Unreadable as error:
            self._cannot_read("flows", error)
            self._flows = None

    async def _refresh_allowance(self, now: datetime) -> None:
        """Told by the API or not: an allowance that cannot be read is simply not known."""
        if self._allowance_at is not None and now - self._allowance_at < ALLOWANCE_EVERY:
            return
        self._allowance_at = now
        try:
            told = await self._patchworks.allowances()
        except Unreadable as error:
            log.info("the allowances cannot be read: %s", error.what)
            return
        value = told.get(self._allowance_field)
        self._allowance = value if isinstance(value, int) and value > 0 else None
