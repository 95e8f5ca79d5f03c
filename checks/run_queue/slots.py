"""Who holds the slots: the runs in progress, and which of them may be in the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.runs import Queue, Run
from checks.words import flow_name, plain
from forecasting.usual import Spread

SHORTEST = timedelta(seconds=1)  # a usual time of nothing would make every run endless
HOLDERS_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A run that may hold up the queue. `usual` is None for a flow without history."""

    run: Run
    elapsed: timedelta
    usual: Spread | None

    @property
    def beyond(self) -> float | None:
        """Elapsed as a multiple of what nearly all runs of the flow stay under."""
        return self.elapsed / max(self.usual.p99, SHORTEST) if self.usual else None

    @property
    def is_beyond(self) -> bool:
        return self.beyond is not None and self.beyond > 1

    @property
    def flow_name(self) -> str:
        return run_flow_name(self.run)

    @property
    def words(self) -> str:
        return f"run {plain(self.run.id)} of {self.flow_name}"


def suspects(queue: Queue, durations: Mapping[str, Spread], since: datetime) -> tuple[Suspect, ...]:
    """Runs in progress since before `since`: furthest beyond their usual time first, then those
    whose usual time is not known, then those within it."""
    held = [
        Suspect(run=run, elapsed=queue.at - run.started_at, usual=durations.get(run.flow_id))
        for run in queue.running
        if run.started_at <= since
    ]
    return tuple(sorted(held, key=_suspicion))


def _suspicion(suspect: Suspect) -> tuple[int, float, str]:
    if suspect.beyond is None:
        return (1, -suspect.elapsed.total_seconds(), suspect.run.id)
    return (0 if suspect.is_beyond else 2, -suspect.beyond, suspect.run.id)


def slot_holders(queue: Queue) -> str:
    """The flows that hold most slots: "Orders to NetSuite 6, Stock to Shopify 3"."""
    return ", ".join(f"{name} {count}" for name, count in _first_holders(queue))


def list_slot_holders(queue: Queue) -> str:
    """The same to stand alone: "Orders to NetSuite (6), Stock to Shopify (3)"."""
    return ", ".join(f"{name} ({count})" for name, count in _first_holders(queue))


def _first_holders(queue: Queue) -> list[tuple[str, int]]:
    held = Counter(run_flow_name(run) for run in queue.running)
    return sorted(held.items(), key=lambda item: (-item[1], item[0]))[:HOLDERS_NAMED]


def run_flow_name(run: Run) -> str:
    return flow_name(run.flow_id, run.flow_name)
