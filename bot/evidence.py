"""What the check of the run queue is given: this round's readings beside what is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.gather import Gathered
from bot.settings import Settings
from bot.store import Database, readings, runs
from bot.store.columns import read_time, write_time
from bot.store.covered import cover
from checks.catalogue.stalled_queue import Evidence, QueueSample
from checks.model import Reading
from checks.run_queue.evidence import sample_of
from checks.runs import Flow, RunStatus, Waiting
from forecasting.usual import HourPoint, Spread, spread, usual

QUEUE = "queue/main"
METRICS = (
    "queue.waiting",
    "queue.running",
    "queue.oldest_age_s",
    "queue.newest_start_epoch_s",
    "queue.started",
)
HISTORY = timedelta(minutes=30)
USUAL_FROM = timedelta(days=56)
SPREAD_OF = 300
"""So many of a flow's newest runs make what is usual for it."""


def remember(db: Database, gathered: Gathered) -> None:
    """Store what a round read; inside a write transaction."""
    queue = gathered.queue
    if queue is None:
        return
    before = _history(db, queue.at - HISTORY)
    sample = sample_of(queue, before[-1] if before else None)
    readings.add_readings(db, _readings(sample))
    lost = [run for run in gathered.ended if run.status is RunStatus.STARTED]
    runs.save_runs(db, (*queue.recent, *queue.running, *gathered.ended))
    runs.save_waiting(db, queue.waiting, queue.oldest_known, queue.at)
    cover(db, queue.recent_since, queue.at)
    _keep_watched_since(db, queue.recent_since, queue.at, bool(lost))


def durations(db: Database) -> dict[str, Spread]:
    """How long the newest good runs of each flow take."""
    return _spreads(runs.durations(db, SPREAD_OF))


def waits(db: Database) -> dict[str, Spread]:
    """How long the newest jobs of each flow waited."""
    return _spreads(runs.waits(db, SPREAD_OF))


def evidence(
    db: Database,
    gathered: Gathered,
    settings: Settings,
    allowance: int | None,
    *,
    durations: Mapping[str, Spread],
    waits: Mapping[str, Spread],
) -> Evidence:
    """Everything the check looks at, from the store as it is after `remember`."""
    at = gathered.at
    flows, known = gathered.flows, _flow_ids(gathered)
    watched = runs.find_snapshot(db, "watched")
    return Evidence(
        queue=gathered.queue,
        blind=gathered.blind.get("queue", ""),
        flows=flows,
        history=_history(db, at - HISTORY),
        usual_waiting=usual(_hours(db, at), at, settings.estate.zone),
        durations=durations,
        waits=waits,
        allowance=allowance,
        queue_cap=settings.patchworks.queue_cap,
        last_runs=runs.last_starts(db),
        watched_since=read_time(watched[1]["since"]) if watched else at,
        time_sensitive=frozenset(
            flow_id
            for wanted in settings.flow
            if wanted.time_sensitive
            for flow_id in _ids(wanted.id, wanted.name, known)
        ),
        max_age={
            flow_id: wanted.max_age
            for wanted in settings.flow
            if wanted.max_age is not None
            for flow_id in _ids(wanted.id, wanted.name, known)
        },
    )


def _readings(sample: QueueSample) -> list[Reading]:
    newest = sample.newest_start
    values = {
        "queue.waiting": sample.waiting,
        "queue.running": sample.running,
        "queue.oldest_age_s": sample.oldest_age.total_seconds(),
        "queue.newest_start_epoch_s": newest.timestamp() if newest else None,
        "queue.started": sample.started,
    }
    return [
        Reading(subject=QUEUE, metric=metric, at=sample.at, value=float(value))
        for metric, value in values.items()
        if value is not None
    ]


def _history(db: Database, since: datetime) -> tuple[QueueSample, ...]:
    found = readings.readings_since(db, QUEUE, METRICS, since)
    return tuple(_sample(at, values) for at, values in found.items())


def _sample(at: datetime, values: Mapping[str, float]) -> QueueSample:
    newest = values.get("queue.newest_start_epoch_s")
    return QueueSample(
        at=at,
        waiting=int(values["queue.waiting"]),
        running=int(values["queue.running"]),
        oldest_age=timedelta(seconds=values["queue.oldest_age_s"]),
        newest_start=datetime.fromtimestamp(newest, UTC) if newest is not None else None,
        started=int(values["queue.started"]),
    )


def _hours(db: Database, at: datetime) -> Iterable[HourPoint]:
    for hour in readings.rollups_since(db, QUEUE, "queue.waiting", at - USUAL_FROM):
        yield HourPoint(hour=hour.hour, count=hour.count, total=hour.total, busiest=hour.busiest)


def _spreads(seconds: Mapping[str, list[float]]) -> dict[str, Spread]:
    spreads = {
        flow_id: spread(timedelta(seconds=value) for value in values)
        for flow_id, values in seconds.items()
    }
    return {flow_id: found for flow_id, found in spreads.items() if found is not None}


def _keep_watched_since(db: Database, complete_since: datetime, at: datetime, gap: bool) -> None:
    """Since when every start is known: unbroken while each round reads back past the last one."""
    before: tuple[datetime, Any] | None = runs.find_snapshot(db, "watched")
    unbroken = before is not None and not gap and complete_since <= before[0]
    since = before[1]["since"] if before and unbroken else write_time(complete_since)
    runs.save_snapshot(db, "watched", at, {"since": since})


def _flow_ids(gathered: Gathered) -> dict[str, str]:
    """Flow names by id, of all flows in sight."""
    queue = gathered.queue
    rows: list[Flow | Waiting] = [*(gathered.flows or ())]
    names = {flow.id: flow.name for flow in rows if isinstance(flow, Flow)}
    if queue is not None:
        names |= {job.flow_id: job.flow_name for job in queue.waiting if job.flow_name}
        names |= {run.flow_id: run.flow_name for run in queue.running if run.flow_name}
    return names


def _ids(wanted_id: str | None, name: str | None, known: Mapping[str, str]) -> list[str]:
    """The flows that a `[[flow]]` section means; a name may stand for several."""
    if wanted_id is not None:
        return [wanted_id]
    return [flow_id for flow_id, flow_name in known.items() if flow_name == name]
