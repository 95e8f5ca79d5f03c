"""Who called which instances, minute by minute, and how many runs that took."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.store import Database
from bot.store.columns import read_time, write_json, write_time

MINUTE = timedelta(minutes=1)
OF = " AND instance_id IN (SELECT value FROM json_each(?))"


class FlowMinute(NamedTuple):
    """Calls of one flow to one instance in a minute, counted from the moment that was asked for."""

    instance_id: str
    flow_id: str
    place: int
    calls: int


def flow_minutes(
    db: Database, since: datetime, until: datetime, instance_ids: Collection[str] | None = None
) -> Iterable[FlowMinute]:
    """Those of some instances, or of all, from `since` on and before `until`: full minutes, UTC."""
    sql = "SELECT instance_id, flow_id, minute, calls FROM calls WHERE minute >= ? AND minute < ?"
    arguments = [write_time(since), write_time(until)]
    if instance_ids is not None:
        sql, arguments = sql + OF, [*arguments, write_json(sorted(instance_ids))]
    places: dict[str, int] = {}
    for instance_id, flow_id, minute, calls in db.execute(sql, arguments):
        if minute not in places:
            places[minute] = (read_time(minute) - since) // MINUTE
        yield FlowMinute(instance_id, flow_id, places[minute], calls)


def runs_of(db: Database, since: datetime, until: datetime) -> dict[str, int]:
    """How many runs of each flow, by its id, started then and were counted into its calls."""
    sql = (
        "SELECT flow_id, count(*) FROM runs WHERE started_at >= ? AND started_at < ?"
        " AND counted = 1 GROUP BY flow_id"
    )
    return dict(db.execute(sql, [write_time(since), write_time(until)]).fetchall())
