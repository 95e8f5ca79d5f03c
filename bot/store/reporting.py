"""What a post-incident report looks up: who was told when, how often it happened."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from bot.store.columns import read_time, write_json, write_time
from bot.store.outbox import incident_topic
from bot.store.rows import read

_SLACK_TS = re.compile(r"[0-9]{9,11}\.[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message about an incident to a destination: when it was posted, as Slack says, or else
    when it was written; `arrived` is False while it waits. `again` is one of several there; `seq`
    is the entry of the timeline that a page to a service tells, 0 for other messages."""

    at: datetime
    destination: str
    arrived: bool
    again: bool = False
    seq: int = 0


def told(db: Database, incident_id: int) -> list[Told]:
    """Every message that was to be noticed (not the edits and lines of its thread), in order."""
    sql = (
        "SELECT destination, created_at, state, ts, purpose, step FROM outbox"
        " WHERE topic = ? AND purpose IN ('root', 'page') AND state <> 'superseded' ORDER BY number"
    )
    return sorted(
        _told(read(db, sql, [incident_topic(incident_id)])), key=lambda each: (each.at, each.again)
    )


def times_since(db: Database, incident_id: int, since: datetime) -> int:
    """How many incidents its conditions had from then on, up to this one, itself included."""
    sql = """
        SELECT count(DISTINCT incident_id) FROM alerts
        WHERE incident_id <= :id AND opened_at >= :since
          AND key IN (SELECT key FROM alerts WHERE incident_id = :id)"""
    asked = {"id": incident_id, "since": write_time(since)}
    return max(1, int(db.execute(sql, asked).fetchone()[0]))


def is_on_its_way(db: Database, incident_id: int, seqs: Collection[int]) -> bool:
    """Whether the line of one of these entries still waits to be sent."""
    sql = (
        "SELECT 1 FROM outbox WHERE topic = ? AND purpose = 'line'"
        " AND state IN ('pending', 'claimed') AND step IN (SELECT value FROM json_each(?))"
    )
    asked = [incident_topic(incident_id), write_json(list(seqs))]
    return db.execute(sql, asked).fetchone() is not None


def _told(rows: Iterator[dict[str, str | None]]) -> Iterator[Told]:
    seen: set[str] = set()
    for row in rows:
        destination, sent = str(row["destination"]), row["state"] == "sent"
        yield Told(
            at=_posted_at(destination, row["ts"]) or read_time(str(row["created_at"])),
            destination=destination,
            arrived=sent,
            again=destination in seen,
            seq=int(row["step"] or 0) if row["purpose"] == "page" else 0,
        )
        seen.add(destination)


def _posted_at(destination: str, ts: str | None) -> datetime | None:
    """Slack names a message by the time of its posting; nobody else does."""
    by_slack = destination.startswith(("slack/", "dm/")) and _SLACK_TS.fullmatch(ts or "")
    return datetime.fromtimestamp(float(by_slack[0]), UTC) if by_slack else None
