"""Flow runs: what ran and what runs, by every filter that the platform offers.

https://doc.wearepatchworks.com/product-documentation/api-reference/flow-logs-and-queue
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from bot.sandbox.estate.answers.flows import show_flow, show_version
from bot.sandbox.estate.answers.run_logs import show_line
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.listing import Listing, Row, names, stamp
from bot.sandbox.estate.model import Run, Status, Trigger
from bot.sandbox.estate.query import Query
from bot.sandbox.estate.story import (
    first_tracked,
    has_warnings,
    log_lines,
    operations,
    records,
    summary,
)

_DAY = timedelta(days=1)

_STATUS_WORDS = {status: (str(int(status)), status.name) for status in Status}
_ONLY_RUNNING = (frozenset({"1"}), frozenset({"STARTED"}))

# What each filter compares with: a run passes when one of its values was asked for.
_VALUES: dict[str, Callable[[Run, datetime], Collection[str]]] = {
    "user_id": lambda run, _now: (str(_user(run)),),
    "flow_id": lambda run, _now: (str(run.flow.id),),
    "flow_version_id": lambda run, _now: (str(run.flow.version_id),),
    "virtual_environment_id": lambda _run, _now: (),
    "trigger": lambda run, _now: (run.trigger,),
    "status": lambda run, now: _STATUS_WORDS[run.status(now)],
    "retried": lambda run, _now: ("0" if run.retry_of is None else "1",),
    "has_warnings": lambda run, now: (str(int(has_warnings(run, now))),),
}


def visible_runs(estate: Estate) -> list[Run]:
    """The runs that the platform still shows, the latest start first."""
    oldest = estate.now - estate.options.run_retention
    return _since(reversed(estate.queue.runs.values()), oldest)


def _select(query: Query) -> list[Run]:
    queue = query.estate.queue
    earliest, latest = _window(query)
    only_running = query.filters.get("status") in _ONLY_RUNNING
    pool = queue.running if only_running else queue.runs
    passes = _filter(query)
    found = [
        run
        for run in _since(reversed(pool.values()), earliest)
        if run.started_at < latest and (passes is None or passes(run))
    ]
    return found if query.sort == ("-started_at",) else found[::-1]


def _filter(query: Query) -> Callable[[Run], bool] | None:
    """What a run must pass; None when nothing was asked for."""
    now = query.estate.now
    search = query.filters.get("search")
    asked = [(_VALUES[name], wanted) for name, wanted in query.filters.items() if name in _VALUES]

    def passes(run: Run) -> bool:
        if search is not None and not _mentions(run, now, search):
            return False
        return not any(wanted.isdisjoint(value(run, now)) for value, wanted in asked)

    return passes if asked or search is not None else None


def _mentions(run: Run, now: datetime, search: Iterable[str]) -> bool:
    text = f"{run.flow.name} {summary(run, now)}".lower()
    return any(words.lower() in text for words in search)


def _since(latest_first: Iterable[Run], earliest: datetime) -> list[Run]:
    found = []
    for run in latest_first:  # a week of runs, in every round: takewhile is three times as slow
        if run.started_at < earliest:
            break
        found.append(run)
    return found


def _window(query: Query) -> tuple[datetime, datetime]:
    now = query.estate.now
    after, before = query.moment("started_after"), query.moment("started_before")
    starts = [now - query.estate.options.run_retention, *([after] if after else [])]
    ends = [now + _DAY, *([before] if before else [])]
    if day := query.moment("started_on"):
        midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
        starts.append(midnight)
        ends.append(midnight + _DAY)
    return max(starts), min(ends)


def _show(run: Run, query: Query) -> Row:
    now = query.estate.now
    ended = run.ends_at if run.has_ended(now) else None
    row: Row = {
        "id": run.id,
        "name": run.flow.name,
        "status": _status(run.status(now), query),
        "created_at": stamp(run.queued_at),
        "updated_at": stamp(ended or run.started_at),
        "flow_id": run.flow.id,
        "flow_version_id": run.flow.version_id,
        "virtual_environment_version": None,
        "user_id": _user(run),
        "trigger": run.trigger,
        "summary": summary(run, now),
        "started_at": stamp(run.started_at),
        "finished_at": stamp(ended),
        "duration": (ended - run.started_at).total_seconds() if ended else None,
        "retry_flow_run_id": run.retry_of,
        "has_warnings": has_warnings(run, now),
    }
    for name in query.include & _INCLUDES.keys():
        key, show = _INCLUDES[name]
        row[key] = show(run, query)
    return row


def _status(status: Status, query: Query) -> int | str:
    match query.estate.options.status_form:
        case "int":
            return int(status)
        case "digits":
            return str(int(status))
        case "string":
            return status.name


def _user(run: Run) -> int | None:
    return 7 if run.trigger in (Trigger.MANUAL, Trigger.RETRY) else None


def _measures(run: Run, query: Query) -> dict[str, int]:
    received, sent = operations(run) if run.has_ended(query.estate.now) else (0, 0)
    return {
        "operations_received": received,
        "operations_sent": sent,
        "payload_size": records(run) * 1_850,
        "cpu_time": 35 * (received + sent),
    }


def _lines(run: Run, query: Query, levels: Collection[str]) -> list[Row]:
    nested = query.within("flowRunLogs")
    lines = log_lines(run, query.estate.now)
    return [show_line(run, line, nested) for line in lines if line.level in levels]


def _flow(run: Run, query: Query) -> Row:
    shown: Row | None = query.flows_shown.get(run.flow.id)
    if shown is None:
        shown = query.flows_shown[run.flow.id] = show_flow(run.flow, query.bare())
    return shown


_TROUBLE = ("WARNING", "ERROR")
_INCLUDES: dict[str, tuple[str, Callable[[Run, Query], object]]] = {
    "flow": ("flow", _flow),
    "flowVersion": (
        "flow_version",
        lambda run, query: show_version(run.flow, query.within("flowVersion")),
    ),
    "flowRunLogs": ("flow_run_logs", lambda run, query: _lines(run, query, ("INFO", *_TROUBLE))),
    "errorWarningLogs": ("error_warning_logs", lambda run, query: _lines(run, query, _TROUBLE)),
    "metrics": ("metrics", _measures),
    "cpuTime": ("cpu_time", lambda run, query: _measures(run, query)["cpu_time"]),
    "payloadSize": ("payload_size", lambda run, query: _measures(run, query)["payload_size"]),
    "operationsSent": (
        "operations_sent",
        lambda run, query: _measures(run, query)["operations_sent"],
    ),
    "operationsReceived": (
        "operations_received",
        lambda run, query: _measures(run, query)["operations_received"],
    ),
    "retriedFlowRun": (
        "retried_flow_run",
        lambda run, _query: [{"id": run.retry_of}] if run.retry_of else [],
    ),
    "trackedData": ("tracked_data", lambda run, _query: [{"id": first_tracked(run)}]),
    "virtualEnvironmentVersion": ("virtual_environment_version", lambda _run, _query: None),
}

RUNS = Listing(
    kind="flow-runs",
    select=_select,
    show=_show,
    filters=frozenset(_VALUES) | {"search", "started_before", "started_after", "started_on"},
    includes=names(
        " ".join(_INCLUDES) + " flowVersion.steps flowRunLogs.flowStep"
        " virtualEnvironmentVersion.virtualEnvironment"
    ),
    sorts=frozenset({"started_at"}),
)
