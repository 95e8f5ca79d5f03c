"""Sets every flow's hours against what is usual for them, once an hour, beside the rounds.

Of a thousand flows that takes a second or two, so it is done when an hour is over and kept; a round
only reads what was found. numpy is imported here, and this module by the keeper alone when it needs
it, so that commands stay quick.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from bot.evidence import QUEUE
from bot.store import Database, flow_hours, readings
from checks.oddities.evidence import Failed, FlowHours, Oddity, Weighed
from forecasting.oddness import DAY, PAST_DAYS, Counts, Table, drift, middle, oddness, past

HOUR = timedelta(hours=1)
JUDGED = 7 * DAY
LOOKS_BACK = JUDGED + PAST_DAYS * DAY + 1
NEWEST = 3  # known hours that the sudden is read off
RECENT = 12  # known hours that the slow is read off
PERCENT = 1.0  # shares of failures are compared in points of a hundred
JOB = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Flows:
    """By flow (rows) and hour (columns): the time of a run, of an operation, the good runs, those
    that failed and all that ended."""

    ids: Sequence[str]
    seconds: Table
    operations: Table
    failed: Table
    ended: Table


def weigh(db: Database, until: datetime) -> Weighed:
    """All hours before `until`, the start of an hour (UTC)."""
    since = until - LOOKS_BACK * HOUR
    flows = _read_flows(db, since, until)
    slow = _oddities(flows.seconds, until, sized=_usual_sized(flows))
    failing = _failing(flows)
    queue = _oddities(_read_queue(db, since, until), until, unit=JOB)
    return Weighed(
        until=until,
        known_since=_known_since(flows.ended, since),
        flows=tuple(
            FlowHours(flow_id=flow_id, slow=slow[row], failing=failing[row])
            for row, flow_id in enumerate(flows.ids)
        ),
        queue=queue[0],
    )


def _read_flows(db: Database, since: datetime, until: datetime) -> _Flows:
    ids = flow_hours.flow_ids(db)
    rows = {flow_id: row for row, flow_id in enumerate(ids)}
    seconds, operations, good, failed = np.full((4, len(ids), LOOKS_BACK), np.nan)

    def told(metric: str) -> Iterator[tuple[int, int, int, float]]:
        """Row, column, count, total; a flow that came while we read waits for the next hour."""
        for flow_id, place, count, total in flow_hours.flow_hours(db, metric, since, until):
            if flow_id in rows:
                yield rows[flow_id], place, count, total

    for row, place, count, total in told(flow_hours.DURATION):
        seconds[row, place], good[row, place] = total / count, count
    for row, place, count, total in told(flow_hours.OPERATION):
        operations[row, place] = total / count
    for row, place, _, total in told(flow_hours.FAILED):
        failed[row, place] = total
    ended = np.where(np.isnan(failed), good, np.nan_to_num(good) + failed)
    return _Flows(ids=ids, seconds=seconds, operations=operations, failed=failed, ended=ended)


def _usual_sized(flows: _Flows) -> Table:
    """The seconds that a run of the usual size would have taken; NaN where that is not known."""
    size = middle(flows.seconds / np.where(flows.operations > 0, flows.operations, np.nan))
    return flows.operations * size[:, None]


def _read_queue(db: Database, since: datetime, until: datetime) -> Table:
    """How many jobs waited, hour by hour: one row."""
    waiting = np.full((1, LOOKS_BACK), np.nan)
    for each in readings.rollups_since(db, QUEUE, "queue.waiting", since):
        if each.hour < until and each.count:
            waiting[0, (each.hour - since) // HOUR] = each.total / each.count
    return waiting


def _oddities(
    values: Table, until: datetime, *, unit: float | None = None, sized: Table | None = None
) -> list[Oddity | None]:
    """How odd each row is. With `sized` too, an hour is as odd as the less odd of the two: a long
    run that had much to do is not slow, nor is a short one in which every call weighs more."""
    found = oddness(values, JUDGED, unit)
    z = found.z if sized is None else np.fmin(found.z, oddness(sized, JUDGED).z)
    added = drift(z)
    judged = values[:, -JUDGED:]
    first = until - JUDGED * HOUR
    return [
        _oddity(
            _Row(
                values=judged[row],
                usual=found.usual[row],
                z=z[row],
                drift=float(added.total[row]),
                began=int(added.began[row]),
            ),
            first,
        )
        for row in range(len(values))
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Row:
    """One series of the judged hours."""

    values: Table
    usual: Table
    z: Table
    drift: float
    began: int


def _oddity(row: _Row, first: datetime) -> Oddity | None:
    """None where nothing of the past day can be set against anything; `first` is when the judged
    hours begin."""
    known: Counts = np.flatnonzero(np.isfinite(row.z))
    if not len(known) or known[-1] < JUDGED - DAY:
        return None
    newest = int(known[-1])
    recent = known[-RECENT:]
    return Oddity(
        measured=float(row.values[newest]),
        usual=float(row.usual[newest]),
        at=first + newest * HOUR,
        hours=tuple(float(z) for z in row.z[known[: -NEWEST - 1 : -1]]),
        drift=row.drift,
        since=first + row.began * HOUR if row.began >= 0 else None,
        recent=float(np.median(row.values[recent])),
        recent_usual=float(np.median(row.usual[recent])),
    )


def _failing(flows: _Flows) -> list[Failed | None]:
    """The newest hour alone: failures are told as they come."""
    newest = LOOKS_BACK - 1
    failed = np.where(np.isfinite(flows.ended), np.nan_to_num(flows.failed), np.nan)
    shares = 100 * failed / flows.ended
    odd = oddness(shares, 1, PERCENT).z[:, 0]
    usual_failed = np.nansum(past(failed, newest), axis=(1, 2))
    usual_ended = np.nansum(past(flows.ended, newest), axis=(1, 2))
    return [
        Failed(
            failed=int(failed[row, newest]),
            runs=int(flows.ended[row, newest]),
            usual_failed=int(usual_failed[row]),
            usual_runs=int(usual_ended[row]),
            odd=float(odd[row]),
        )
        if np.isfinite(odd[row])
        else None
        for row in range(len(flows.ids))
    ]


def _known_since(ended: Table, since: datetime) -> datetime | None:
    known: Counts = np.flatnonzero(np.any(np.isfinite(ended), axis=0))
    return since + int(known[0]) * HOUR if len(known) else None
