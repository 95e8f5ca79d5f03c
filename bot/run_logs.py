"""Reads the logs of runs that went wrong, a few a round: each run once, every flow soon."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from checks.fetch import Unreadable
from checks.patchworks import Patchworks
from checks.runs import LogLine, Run, RunStatus

log = logging.getLogger(__name__)

NOT_FOUND = 404
MOST_LOGS = 8
"""Logs that a round reads, so that a storm of failures leaves calls for the queue."""
MOST_WAITING = 500
LINES = 100

Known = Callable[[Sequence[str]], set[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """The last lines of a run's log, oldest first."""

    run: Run
    lines: tuple[LogLine, ...]


class LogReader:
    """Remembers which runs still have to be read; `known` tells which have been, of those named."""

    def __init__(self, patchworks: Patchworks, known: Known) -> None:
        self._patchworks, self._known = patchworks, known
        self._waiting: dict[str, Run] = {}
        self._read: set[str] = set()

    async def read(self, runs: Iterable[Run]) -> tuple[RunLog, ...]:
        """The logs of the next troubled runs, of these and of those that still wait.

        A log that cannot be read waits for the next round, unless it is gone for good.
        """
        self._expect(run for run in runs if is_troubled(run))
        found = []
        for run in next_ones(self._waiting.values(), MOST_LOGS):
            try:
                lines = await self._patchworks.run_log(run.id, at_most=LINES)
            except Unreadable as error:
                if error.status != NOT_FOUND:
                    log.info("the log of run %s cannot be read yet: %s", run.id, error.what)
                    break
                lines = ()
            found.append(RunLog(run=run, lines=lines))
            self._read.add(run.id)
            del self._waiting[run.id]
        return tuple(found)

    def _expect(self, troubled: Iterable[Run]) -> None:
        new = {run.id: run for run in troubled if run.id not in self._read | self._waiting.keys()}
        known = self._known(list(new)) if new else set()
        self._read |= known
        self._waiting |= {run_id: run for run_id, run in new.items() if run_id not in known}
        newest = sorted(self._waiting.values(), key=lambda run: run.started_at, reverse=True)
        self._waiting = {run.id: run for run in newest[:MOST_WAITING]}


def is_troubled(run: Run) -> bool:
    """Whether its log has something to tell: it failed, wholly or partly, or warned."""
    if run.finished_at is None:
        return False
    return run.status in (RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS) or bool(run.warned)


def next_ones(waiting: Iterable[Run], at_most: int) -> list[Run]:
    """Failed ones first, and of these every flow's newest before any flow's second."""
    newest_first = sorted(waiting, key=lambda run: run.started_at, reverse=True)
    turn: Counter[tuple[str, bool]] = Counter()
    ranked: list[tuple[bool, int, int, Run]] = []
    for run in newest_first:
        mild = run.status is not RunStatus.FAILURE
        ranked.append((mild, turn[run.flow_id, mild], len(ranked), run))
        turn[run.flow_id, mild] += 1
    return [run for *_, run in sorted(ranked, key=lambda each: each[:3])[:at_most]]
