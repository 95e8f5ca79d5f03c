"""The rows of the outbox: every outgoing message is one before it is sent.

A row is claimed by a conditional update that must touch exactly one row, and recorded under the
claim's number, so that a claim that has been overtaken can record nothing. Due times and claims
are transport time (seconds of the machine's clock).
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_time, write_time
from bot.store.rows import insert, read

REFRESH_SECONDS = 45.0
"""How long a change of mere numbers waits for the next one (Grafana OnCall's debounce)."""


class Purpose(StrEnum):
    """What a message is for. Edits and lines need the root's place in the channel; a page goes to a
    service that calls people."""

    PAGE = "page"
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
# A line waits for its root and for the lines before it, a page for the pages before it; an edit
# goes before the line it belongs to.
DUE = """
SELECT * FROM outbox AS o
WHERE state = 'pending' AND due <= :now
  AND (purpose IN ('notice', 'root', 'page') OR EXISTS (
    SELECT 1 FROM outbox AS r WHERE r.topic = o.topic
      AND r.destination = o.destination AND r.purpose = 'root' AND r.state = 'sent'))
  AND NOT EXISTS (
    SELECT 1 FROM outbox AS r WHERE r.topic = o.topic AND o.purpose IN ('edit', 'line')
      AND r.destination = o.destination AND r.purpose = 'root'
      AND r.state IN ('pending', 'claimed'))
  AND (purpose NOT IN ('line', 'page') OR NOT EXISTS (
    SELECT 1 FROM outbox AS e WHERE e.topic = o.topic
      AND e.destination = o.destination AND e.number < o.number
      AND e.purpose = o.purpose AND e.state IN ('pending', 'claimed')))
ORDER BY CASE purpose WHEN 'page' THEN 0 WHEN 'notice' THEN 0 WHEN 'root' THEN 1
  WHEN 'edit' THEN 2 ELSE 3 END, number
"""


def incident_topic(incident_id: int) -> str:
    return f"incident/{incident_id}"


def enqueue(
    db: Database,
    *,
    topic: str,
    destination: str,
    purpose: Purpose,
    created_at: datetime,
    due: float,
    step: int | None = None,
    body: str = "",
) -> None:
    """Intend a message; without `step`, the next of its purpose. A second one of the same topic,
    destination, purpose and step is refused by the database."""
    if step is None:
        step = _next_step(db, topic, destination, purpose)
    _insert(db, topic, destination, purpose, step, created_at, due, body=body)


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


def refresh(db: Database, topic: str, destination: str, at: datetime, due: float) -> None:
    """Intend an edit later, unless one is already waiting."""
    sql = (
        "SELECT 1 FROM outbox WHERE topic = ? AND destination = ? AND state = 'pending'"
        " AND purpose IN ('edit', 'root')"
    )
    if db.execute(sql, [topic, destination]).fetchone() is None:
        enqueue(
            db,
            topic=topic,
            destination=destination,
            purpose=Purpose.EDIT,
            created_at=at,
            due=due,
        )


def refresh_soon(db: Database, topic: str, destination: str, at: datetime) -> None:
    """Intend an edit once numbers have settled (Grafana OnCall's debounce: 45 s)."""
    refresh(db, topic, destination, at, time.time() + REFRESH_SECONDS)


def due_rows(db: Database, now: float, busy: Collection[str]) -> list[Row]:
    """What may be sent now: for each destination that is not busy, the first in order."""
    found: dict[str, Row] = {}
    for values in read(db, DUE, {"now": now}):
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
        " WHERE topic = ? AND destination = ? AND purpose = 'edit'"
    )
    return int(db.execute(sql, [row.topic, row.destination]).fetchone()[0])


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
            "UPDATE outbox SET state = 'superseded' WHERE topic = ? AND destination = ?"
            " AND purpose = 'edit' AND state = 'pending' AND step <= ?",
            [row.topic, row.destination, covers],
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


def give_back(db: Database, row: Row, due: float) -> None:
    """What became of this engine's own claim could not be written down: to be looked up first."""
    db.execute(
        "UPDATE outbox SET state = 'pending', ambiguous = 1, due = ?"
        " WHERE id = ? AND state = 'claimed'",
        [due, row.id],
    )


def bring_forward(db: Database, seconds: float, at_most: float | None = None) -> None:
    """What waits is due so much earlier, and no later than `at_most`."""
    latest = at_most if at_most is not None else float("inf")
    sql = "UPDATE outbox SET due = min(due - ?, ?) WHERE state = 'pending'"
    db.execute(sql, [seconds, latest])


def root_ts(db: Database, topic: str, destination: str) -> str | None:
    """Where the message of a topic stands; the newest, if it had to be posted anew."""
    sql = (
        "SELECT ts FROM outbox WHERE topic = ? AND destination = ? AND purpose = 'root'"
        " AND state = 'sent' ORDER BY step DESC LIMIT 1"
    )
    row = db.execute(sql, [topic, destination]).fetchone()
    return row[0] if row else None


def older_roots(db: Database, topic: str, destination: str) -> list[str]:
    """Where older messages of a topic stand beside the newest one, in order."""
    sql = (
        "SELECT ts FROM outbox WHERE topic = :topic AND destination = :destination"
        " AND purpose = 'root' AND state = 'sent' AND step < (SELECT max(step) FROM outbox"
        "  WHERE topic = :topic AND destination = :destination AND purpose = 'root'"
        "  AND state = 'sent') ORDER BY step"
    )
    return [row[0] for row in db.execute(sql, {"topic": topic, "destination": destination})]


def find_line(db: Database, topic: str, destination: str, step: int) -> tuple[str | None, bool]:
    """Where a line stands, and whether one that is not known to stand may be on its way."""
    sql = (
        "SELECT ts, state IN ('pending', 'claimed') AND attempts > 0 FROM outbox"
        " WHERE topic = ? AND destination = ? AND purpose = 'line' AND step = ?"
    )
    row = db.execute(sql, [topic, destination, step]).fetchone()
    return (row[0], bool(row[1])) if row else (None, False)


def told_places(db: Database, topic: str, purpose: Purpose) -> list[str]:
    """The destinations to which a message of this topic and purpose was intended, in order."""
    sql = (
        "SELECT destination FROM outbox WHERE topic = ? AND purpose = ?"
        " GROUP BY destination ORDER BY min(number)"
    )
    return [row[0] for row in db.execute(sql, [topic, purpose.value]).fetchall()]


def was_sent(db: Database, topic: str, destination: str, purpose: Purpose) -> bool:
    """Whether any message of this topic and purpose stands there."""
    sql = (
        "SELECT 1 FROM outbox WHERE topic = ? AND destination = ? AND purpose = ?"
        " AND state = 'sent' LIMIT 1"
    )
    return db.execute(sql, [topic, destination, purpose.value]).fetchone() is not None


def first_step(db: Database, topic: str, destination: str, purpose: Purpose) -> int | None:
    """The first step for which such a message was intended, sent or not."""
    sql = "SELECT min(step) FROM outbox WHERE topic = ? AND destination = ? AND purpose = ?"
    step: int | None = db.execute(sql, [topic, destination, purpose.value]).fetchone()[0]
    return step


def is_intended(db: Database, topic: str) -> bool:
    """Whether there is any message of this topic, sent or not."""
    return (
        db.execute("SELECT 1 FROM outbox WHERE topic = ? LIMIT 1", [topic]).fetchone() is not None
    )


def is_posted(db: Database, incident_id: int) -> bool:
    """Whether an incident's message has reached people, wherever that was."""
    sql = "SELECT 1 FROM outbox WHERE incident_id = ? AND purpose = 'root' AND state = 'sent'"
    return db.execute(sql, [incident_id]).fetchone() is not None


def has_later(db: Database, row: Row) -> bool:
    """Whether a newer row of the same topic, destination and purpose waits to be sent."""
    sql = (
        "SELECT 1 FROM outbox WHERE topic = ? AND destination = ? AND purpose = ?"
        " AND number > ? AND state = 'pending' LIMIT 1"
    )
    asked = [row.topic, row.destination, row.purpose.value, row.number]
    return db.execute(sql, asked).fetchone() is not None


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
    body: str = "",
) -> None:
    kind, _, number = topic.partition("/")
    incident_id = int(number) if kind == "incident" else None
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
    insert(db, "outbox", row, ignore=purpose is Purpose.NOTICE)


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
