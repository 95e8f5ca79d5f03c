"""How many records failed runs are known to concern, by flow."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.store.columns import write_json, write_time

LONGEST = timedelta(days=1)
"""A run that ended in a time is looked for among those that started so long before it."""
OF_FLOWS = """
SELECT r.flow_id, coalesce(sum(f.records), 0), count(f.records), count(*)
FROM runs AS r LEFT JOIN failures AS f ON f.run_id = r.id
WHERE r.flow_id IN (SELECT value FROM json_each(:flows)) AND r.started_at >= :reach
  AND r.finished_at >= :since AND r.finished_at <= :until
  AND r.status IN ('failure', 'partial_success')
GROUP BY r.flow_id
"""
OF_ALL = """
SELECT r.flow_id, coalesce(sum(f.records), 0), count(f.records), count(*)
FROM runs AS r LEFT JOIN failures AS f ON f.run_id = r.id
WHERE r.started_at >= :reach AND r.started_at < :until
  AND r.finished_at >= :since AND r.finished_at < :until
  AND r.finished_at IS NOT NULL AND r.status IN ('failure', 'partial_success')
GROUP BY r.flow_id
"""
AT_INSTANCES = """
SELECT flow_id, coalesce(sum(records), 0), count(records), count(*) FROM failures
WHERE at >= :since AND at <= :until AND status IN ('failure', 'partial_success')
  AND instance_id IN (SELECT value FROM json_each(:instances))
  AND flow_id NOT IN (SELECT value FROM json_each(:flows))
GROUP BY flow_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """`records` are known of `told` failed runs; of `untold` ones it is not known how many they
    concern. A record that fails again counts again."""

    records: int = 0
    told: int = 0
    untold: int = 0

    def __add__(self, other: Failed) -> Failed:
        return Failed(
            records=self.records + other.records,
            told=self.told + other.told,
            untold=self.untold + other.untold,
        )


NONE_FAILED = Failed()


def failed_records(
    db: Database,
    flow_ids: Collection[str],
    instance_ids: Collection[str],
    since: datetime,
    until: datetime,
) -> dict[str, Failed]:
    """By flow id, of failed runs that ended in this time: all of these flows, and of others those
    that failed at one of these instances. Runs whose logs were not read are untold."""
    asked = {
        "flows": write_json(sorted(flow_ids)),
        "instances": write_json(sorted(instance_ids)),
        "reach": write_time(since - LONGEST),
        "since": write_time(since),
        "until": write_time(until),
    }
    return _failed([*db.execute(OF_FLOWS, asked), *db.execute(AT_INSTANCES, asked)])


def failed_of_all(db: Database, since: datetime, until: datetime) -> dict[str, Failed]:
    """By flow id, of every failed run that ended in this time, its end left out."""
    asked = {
        "reach": write_time(since - LONGEST),
        "since": write_time(since),
        "until": write_time(until),
    }
    return _failed(db.execute(OF_ALL, asked))


def _failed(rows: Iterable[Sequence[Any]]) -> dict[str, Failed]:
    return {
        flow_id: Failed(records=records, told=told, untold=runs - told)
        for flow_id, records, told, runs in rows
    }
