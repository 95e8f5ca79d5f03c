"""A database with a past: what a bot has stored that has watched a busy estate for a year."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bot.evidence import METRICS, QUEUE
from bot.incidents.events import Acknowledge, Resolve
from bot.incidents.model import Actor
from bot.rules import Rules
from bot.store import Database, Store, incidents, open_store, outbox, readings, runs
from bot.store.columns import write_time
from bot.transitions import act, judge
from checks.model import Level, Measure, Reading, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.runs import Run, RunStatus

READINGS = 100_000
ROLLED_UP_HOURS = 365 * 24
INCIDENTS = 1_000
OPEN = 12
FLOWS = 40
RUNS = 54_000  # as many as the sandbox's estate has in the fourteen days that runs are kept
MINUTE = timedelta(minutes=1)
PRIYA = Actor(who="U1MEMBER", via="button")
POLICY = CheckPolicy(opens_after=NofM(needed=1, of=1), stay_clear=5 * MINUTE)


def fill(database: Path, destination: str, now: datetime) -> None:
    """Fill a new database with everything up to `now`, every message long sent."""
    store = open_store(database)
    store.db.execute("PRAGMA synchronous = OFF")  # nothing here has to survive a power cut
    with store.writing() as db:
        readings.add_readings(db, _readings(now))
        _add_rollups(db, now)
        runs.save_runs(db, _runs(now))
    _live_through_incidents(store, destination, now)
    store.close()


def _readings(now: datetime) -> Iterator[Reading]:
    """One of every metric a minute."""
    for minute in range(1, READINGS // len(METRICS) + 1):
        at = now - minute * MINUTE
        for metric in METRICS:
            epoch = metric == "queue.newest_start_epoch_s"
            value = at.timestamp() - 20 if epoch else _busy(at)
            yield Reading(subject=QUEUE, metric=metric, at=at, value=value)


def _add_rollups(db: Database, now: datetime) -> None:
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    rows = (
        (QUEUE, metric, write_time(hour), 60, 60 * _busy(hour), 2 * _busy(hour), 1.0)
        for hour in (this_hour - timedelta(hours=back) for back in range(ROLLED_UP_HOURS))
        for metric in METRICS
    )
    into = "INSERT INTO rollups (subject, metric, hour, count, total, busiest, observed)"
    db.conn.executemany(f"{into} VALUES (?, ?, ?, ?, ?, ?, ?)", rows)


def _busy(at: datetime) -> float:
    """More by day than by night."""
    return round(4 + 3 * math.sin(at.hour / 24 * math.tau))


def _runs(now: datetime) -> Iterator[Run]:
    apart = timedelta(days=12, hours=22) / RUNS
    for number in range(RUNS):
        started_at = now - timedelta(hours=25) - number * apart  # a first round reads a day back
        yield Run(
            id=f"past-{number}",
            flow_id=f"past-{number % FLOWS}",
            flow_name=f"Flow {number % FLOWS}",
            status=RunStatus.SUCCESS,
            started_at=started_at,
            finished_at=started_at + timedelta(seconds=8 + number % 20),
            trigger="Schedule",
        )


def _live_through_incidents(store: Store, destination: str, now: datetime) -> None:
    """A thousand episodes over a year on some flows; the last ones still stand."""
    rules = Rules(policies={"stalled_queue": POLICY}, destination=destination)
    apart = timedelta(days=360) / INCIDENTS
    for number in range(1, INCIDENTS + 1):
        began = now - (INCIDENTS + 1 - number) * apart
        _judge(store, rules, number, Level.BREACH, began)
        act(store, number, Acknowledge(), PRIYA, began + 4 * MINUTE, destination=destination)
        _judge(store, rules, number, Level.EARLY, began + 10 * MINUTE)
        if number <= INCIDENTS - OPEN:
            if number % 2:
                event = Resolve(summary="Stopped the hanging run.")
                act(store, number, event, PRIYA, began + 20 * MINUTE, destination=destination)
            for minutes in (30, 40):
                _judge(store, rules, number, Level.OK, began + minutes * MINUTE)
        with store.writing() as db:
            _send_everything(db)
    assert len(incidents.open_incidents(store.db)) == OPEN


def _judge(store: Store, rules: Rules, number: int, level: Level, at: datetime) -> None:
    with store.writing() as db:
        judge(db, [_verdict(number % FLOWS, level)], rules, at)


def _verdict(flow: int, level: Level) -> Verdict:
    return Verdict(
        check="stalled_queue",
        condition="slot_hog",
        subject=Subject(kind="flow", id=f"past-{flow}", name=f"Flow {flow}"),
        level=level,
        signal="slot_hog" if level.is_trouble else "",
        sentence=f"Run r-{flow} of Flow {flow} has run for 41 min (usually 2 min); 14 runs wait.",
        measures=(
            Measure(label="Waiting", measured="14", usual="2, up to 6 at this hour"),
            Measure(label="Oldest", measured="12 min", usual="within 1 min"),
        ),
        facts={"blocking_run_id": f"r-{flow}", "signal": "slot_hog", "waiting": 14},
    )


def _send_everything(db: Database) -> None:
    while rows := outbox.due_rows(db, math.inf, ()):
        for row in rows:
            claimed = outbox.claim(db, row, None)
            if claimed is not None:
                covers = outbox.newest_edit(db, row)
                outbox.record_sent(db, row, claimed, f"{time.time():.6f}", covers)
