"""The rows of the outbox: every outgoing message is one before it is sent.

A row is claimed by a conditional update that must touch exactly one row, and recorded under the
claim's number, so that a claim that has been overtaken can record nothing. Due times and claims
are transport time (seconds of the machine's clock).
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_time, write_time


class Purpose(StrEnum):
    """What a message is for. Edits and lines need the root's place in the channel."""

    ROOT = "root"
    EDIT = "edit"
    LINE = "line"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One intended message. `step` is the timeline entry a line tells, or a running number.

    `body` is what a notice says, or the id of the file that a line was last about to show.
    """

    number: int
    id: str
    topic: str
    incident_id: int | None
    destination: str
    purpose: Purpose
    step: int
    created_at: datetime
    body: str
    claim: int
    ambiguous: bool
    possible_repeat: bool
    attempts: int
    problem: str


# Notices (trouble with a destination) first, then what opens an incident, then what changes it.
# A line waits for its root and for the lines before it; an edit goes before the line it belongs to.
DUE = """
SELECT * FROM outbox AS o
WHERE state = 'pending' AND due <= :now
  AND (purpose IN ('notice', 'root') OR EXISTS (
    SELECT 1 FROM outbox AS r WHERE r.incident_id = o.incident_id
      AND r.destination = o.destination AND r.purpose = 'root' AND r.state = 'sent'))
  AND NOT EXISTS (
    SELECT 1 FROM outbox AS r WHERE r.incident_id = o.incident_id AND o.purpose <> 'root'
      AND r.destination = o.destination AND r.purpose = 'root'
      AND r.state IN ('pending', 'claimed'))
  AND (purpose <> 'line' OR NOT EXISTS (
    SELECT 1 FROM outbox AS e WHERE e.incident_id = o.incident_id
      AND e.destination = o.destination AND e.number < o.number
      AND e.purpose = 'line' AND e.state IN ('pending', 'claimed')))
ORDER BY CASE purpose WHEN 'notice' THEN 0 WHEN 'root' THEN 1 WHEN 'edit' THEN 2 ELSE 3 END, number
"""


def enqueue(
    db: Database,
    *,
    incident_id: int,
    destination: str,
    purpose: Purpose,
    created_at: datetime,
    due: float,
    step: int | None = None,
) -> None:
    """Intend a message about an incident; without `step`, the next of its purpose."""
    topic = f"incident/{incident_id}"
    if step is None:
        step = _next_step(db, topic, destination, purpose)
    _insert(db, topic, destination, purpose, step, created_at, due, incident_id=incident_id)


def enqueue_notice(
    db: Database,
    *,
    topic: str,
    destination: str,
    step: int,
    body: str,
    created_at: datetime,
    due: float,
) -> None:
    """Intend a notice about the bot itself; a second one of the same topic and step is dropped."""
    _insert(db, topic, destination, Purpose.NOTICE, step, created_at, due, body=body)


def refresh(db: Database, incident_id: int, destination: str, at: datetime, due: float) -> None:
    """Intend an edit later, unless one is already waiting."""
    sql = (
        "SELECT 1 FROM outbox WHERE incident_id = ? AND destination = ? AND state = 'pending'"
        " AND purpose IN ('edit', 'root')"
    )
    if db.execute(sql, [incident_id, destination]).fetchone() is None:
        enqueue(
            db,
            incident_id=incident_id,
            destination=destination,
            purpose=Purpose.EDIT,
            created_at=at,
            due=due,
        )


def due_rows(db: Database, now: float, busy: Collection[str]) -> list[Row]:
    """What may be sent now: for each destination that is not busy, the first in order."""
    found: dict[str, Row] = {}
    for values in db.query(DUE, {"now": now}):
        if values["destination"] not in busy:
            found.setdefault(values["destination"], _row(values))
    return list(found.values())


def next_due(db: Database, now: float) -> float | None:
    """When the next row that is not due yet will be; None when there is none."""
    sql = "SELECT min(due) FROM outbox WHERE state = 'pending' AND due > ?"
    value: float | None = db.execute(sql, [now]).fetchone()[0]
    return value


def claim(db: Database, row: Row, fence: int | None) -> int | None:
    """Take a row for sending; its claim number, or None when somebody else has it."""
    sql = (
        "UPDATE outbox SET state = 'claimed', claim = claim + 1, fence = ?, attempts = attempts + 1"
        " WHERE id = ? AND state = 'pending' AND claim = ?"
    )
    taken = db.execute(sql, [fence, row.id, row.claim]).rowcount == 1
    return row.claim + 1 if taken else None


def newest_edit(db: Database, row: Row) -> int:
    """The newest edit intended so far for a row's message, -1 for none: what rendering covers."""
    sql = (
        "SELECT coalesce(max(step), -1) FROM outbox"
        " WHERE incident_id = ? AND destination = ? AND purpose = 'edit'"
    )
    return int(db.execute(sql, [row.incident_id, row.destination]).fetchone()[0])


def record_sent(
    db: Database, row: Row, claim_number: int, ts: str, covers: int | None = None
) -> bool:
    """The message stands at `ts`. Edits up to step `covers` are thereby done too.

    False when the claim has been overtaken: then nothing is recorded.
    """
    sql = (
        "UPDATE outbox SET state = 'sent', ts = ?, problem = '', possible_repeat = ?"
        " WHERE id = ? AND state = 'claimed' AND claim = ?"
    )
    done = db.execute(sql, [ts, row.possible_repeat, row.id, claim_number]).rowcount == 1
    if done and covers is not None:
        db.execute(
            "UPDATE outbox SET state = 'superseded' WHERE incident_id = ? AND destination = ?"
            " AND purpose = 'edit' AND state = 'pending' AND step <= ?",
            [row.incident_id, row.destination, covers],
        )
    return done


def remember_file(db: Database, row: Row, file_id: str) -> bool:
    """Keep the id of the file that a claimed row is about to show, so that it can be looked up
    after a crash. False when the claim has been overtaken: then it must not be shown."""
    sql = "UPDATE outbox SET body = ? WHERE id = ? AND state = 'claimed' AND claim = ?"
    return db.execute(sql, [file_id, row.id, row.claim]).rowcount == 1


def put_back(
    db: Database,
    row: Row,
    claim_number: int,
    *,
    due: float,
    problem: str,
    ambiguous: bool,
    possible_repeat: bool = False,
) -> None:
    """Not sent, or not known to be: pending again, to be looked up first when `ambiguous`."""
    db.execute(
        "UPDATE outbox SET state = 'pending', due = ?, problem = ?, ambiguous = ?,"
        " possible_repeat = ? WHERE id = ? AND state = 'claimed' AND claim = ?",
        [due, problem, ambiguous, possible_repeat, row.id, claim_number],
    )


def supersede(db: Database, row: Row, claim_number: int) -> None:
    """A newer message says it all."""
    db.execute(
        "UPDATE outbox SET state = 'superseded' WHERE id = ? AND state = 'claimed' AND claim = ?",
        [row.id, claim_number],
    )


def recover(db: Database, fence: int | None, due: float) -> int:
    """Rows that an earlier engine had claimed may or may not have been sent: look them up first."""
    sql = (
        "UPDATE outbox SET state = 'pending', ambiguous = 1, due = ?"
        " WHERE state = 'claimed' AND fence IS NOT ?"
    )
    return db.execute(sql, [due, fence]).rowcount


def root_ts(db: Database, incident_id: int, destination: str) -> str | None:
    """Where an incident's message stands; the newest, if it had to be posted anew."""
    sql = (
        "SELECT ts FROM outbox WHERE incident_id = ? AND destination = ? AND purpose = 'root'"
        " AND state = 'sent' ORDER BY step DESC LIMIT 1"
    )
    row = db.execute(sql, [incident_id, destination]).fetchone()
    return row[0] if row else None


def incident_at(db: Database, destination: str, ts: str) -> int | None:
    """Which incident's message stands at `ts`."""
    sql = "SELECT incident_id FROM outbox WHERE purpose = 'root' AND destination = ? AND ts = ?"
    row = db.execute(sql, [destination, ts]).fetchone()
    return row[0] if row else None


def waiting_count(db: Database) -> int:
    counts = (
        db.execute(f"SELECT count(*) FROM outbox WHERE state = '{state}'").fetchone()[0]  # noqa: S608
        for state in ("pending", "claimed")
    )
    return sum(counts)


def _next_step(db: Database, topic: str, destination: str, purpose: Purpose) -> int:
    sql = (
        "SELECT coalesce(max(step), -1) + 1 FROM outbox"
        " WHERE topic = ? AND destination = ? AND purpose = ?"
    )
    return int(db.execute(sql, [topic, destination, purpose.value]).fetchone()[0])


def _insert(
    db: Database,
    topic: str,
    destination: str,
    purpose: Purpose,
    step: int,
    created_at: datetime,
    due: float,
    *,
    incident_id: int | None = None,
    body: str = "",
) -> None:
    row = {
        "id": secrets.token_hex(16),
        "topic": topic,
        "incident_id": incident_id,
        "destination": destination,
        "purpose": purpose.value,
        "step": step,
        "created_at": write_time(created_at),
        "due": due,
        "body": body,
    }
    db.table("outbox").insert(row, ignore=purpose is Purpose.NOTICE)


def _row(values: dict[str, Any]) -> Row:
    return Row(
        number=values["number"],
        id=values["id"],
        topic=values["topic"],
        incident_id=values["incident_id"],
        destination=values["destination"],
        purpose=Purpose(values["purpose"]),
        step=values["step"],
        created_at=read_time(values["created_at"]),
        body=values["body"],
        claim=values["claim"],
        ambiguous=bool(values["ambiguous"]),
        possible_repeat=bool(values["possible_repeat"]),
        attempts=values["attempts"],
        problem=values["problem"],
    )
