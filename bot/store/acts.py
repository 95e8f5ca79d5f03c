"""Proposals to do something on the platform, their attempts, and the runs they are about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from bot.acting.proposal import Approval, Attempt, Came, Deed, Draft, Proposal, Stage, Target
from bot.store.columns import (
    read_json,
    read_optional_time,
    read_time,
    write_json,
    write_optional_time,
    write_time,
)
from bot.store.rows import read
from bot.store.runs import read_run
from checks.runs import Run

SCHEMA = """
CREATE TABLE proposals (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  version INTEGER NOT NULL DEFAULT 1,
  stage TEXT NOT NULL DEFAULT 'pending' CHECK (stage IN ('pending', 'approved', 'executing',
    'refused', 'expired', 'executed', 'failed', 'unknown')),
  subject TEXT NOT NULL, incident_id INTEGER REFERENCES incidents (id), body TEXT NOT NULL,
  approval TEXT NOT NULL CHECK (approval IN ('second_person', 'confirm_with_reason')),
  proposer TEXT NOT NULL CHECK (proposer <> ''),
  proposed_at TEXT NOT NULL, expires_at TEXT NOT NULL CHECK (expires_at > proposed_at),
  approver TEXT, decided_at TEXT, approval_reason TEXT NOT NULL DEFAULT '',
  result TEXT NOT NULL DEFAULT '', told INTEGER NOT NULL DEFAULT 0,
  CHECK ((approver IS NULL) = (decided_at IS NULL)),
  CHECK (stage NOT IN ('approved', 'executing', 'executed', 'unknown') OR approver IS NOT NULL),
  CHECK (stage = 'refused' OR approver IS NULL OR approver <> proposer
    OR (approval = 'confirm_with_reason' AND approval_reason <> ''))
);
CREATE UNIQUE INDEX one_open_proposal_per_subject ON proposals (subject)
  WHERE stage IN ('pending', 'approved', 'executing');
CREATE INDEX proposals_of_incident ON proposals (incident_id);
CREATE INDEX proposals_untold ON proposals (id) WHERE told < version;
CREATE TRIGGER proposal_is_kept_as_made BEFORE UPDATE ON proposals
WHEN (OLD.subject, OLD.incident_id, OLD.body, OLD.approval, OLD.proposer, OLD.proposed_at,
    OLD.expires_at)
  IS NOT (NEW.subject, NEW.incident_id, NEW.body, NEW.approval, NEW.proposer, NEW.proposed_at,
    NEW.expires_at)
BEGIN SELECT RAISE(ABORT, 'what was proposed never changes'); END;
CREATE TRIGGER approver_stays BEFORE UPDATE ON proposals
WHEN OLD.approver IS NOT NULL AND OLD.approver IS NOT NEW.approver
BEGIN SELECT RAISE(ABORT, 'who decided never changes'); END;
CREATE TRIGGER proposal_goes_forward BEFORE UPDATE OF stage ON proposals
WHEN OLD.stage <> NEW.stage AND (OLD.stage, NEW.stage) NOT IN (VALUES
  ('pending', 'approved'), ('pending', 'refused'), ('pending', 'expired'),
  ('approved', 'executing'), ('approved', 'failed'), ('approved', 'expired'),
  ('executing', 'executed'), ('executing', 'failed'), ('executing', 'unknown'))
BEGIN SELECT RAISE(ABORT, 'a proposal only goes forward'); END;
CREATE TRIGGER proposals_stay BEFORE DELETE ON proposals
BEGIN SELECT RAISE(ABORT, 'proposals are never deleted'); END;

CREATE TABLE attempts (
  proposal_id INTEGER NOT NULL REFERENCES proposals (id), target INTEGER NOT NULL,
  key TEXT NOT NULL UNIQUE, sent_at TEXT NOT NULL,
  came TEXT NOT NULL DEFAULT 'intended'
    CHECK (came IN ('intended', 'done', 'failed', 'unknown')),
  run_id TEXT NOT NULL DEFAULT '', said TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (proposal_id, target)
) WITHOUT ROWID;
CREATE TRIGGER attempt_needs_approval BEFORE INSERT ON attempts
WHEN NOT EXISTS (SELECT 1 FROM proposals WHERE id = NEW.proposal_id AND stage = 'executing')
BEGIN SELECT RAISE(ABORT, 'nothing is attempted that is not being executed'); END;
CREATE TRIGGER attempt_is_recorded_once BEFORE UPDATE ON attempts WHEN OLD.came <> 'intended'
BEGIN SELECT RAISE(ABORT, 'what came of an attempt never changes'); END;
CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are never deleted'); END;
"""


def insert(
    db: Database, draft: Draft, approval: Approval, proposer: str, now: datetime, until: datetime
) -> int:
    """A new pending proposal; its number. The database refuses a second open one like it."""
    sql = (
        "INSERT INTO proposals (subject, incident_id, body, approval, proposer, proposed_at,"
        " expires_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id"
    )
    values = [
        draft.subject,
        draft.incident_id,
        _write_draft(draft),
        approval.value,
        proposer,
        write_time(now),
        write_time(until),
    ]
    return int(db.execute(sql, values).fetchone()[0])


def find(db: Database, proposal_id: int) -> Proposal | None:
    sql = "SELECT * FROM proposals WHERE id = ?"
    return next(map(_proposal, read(db, sql, [proposal_id])), None)


def find_open(db: Database, subject: str) -> Proposal | None:
    """The one that already stands for the same act."""
    sql = (
        "SELECT * FROM proposals WHERE subject = ? AND stage IN ('pending','approved','executing')"
    )
    return next(map(_proposal, read(db, sql, [subject])), None)


def in_stages(db: Database, stages: Iterable[Stage]) -> list[Proposal]:
    """Oldest first."""
    sql = (
        "SELECT * FROM proposals WHERE stage IN (SELECT value FROM json_each(?))"
        " ORDER BY coalesce(decided_at, proposed_at), id"
    )
    return [_proposal(row) for row in read(db, sql, [write_json([s.value for s in stages])])]


def newest(db: Database, at_most: int, incident_id: int | None = None) -> list[Proposal]:
    """Newest first; only those of an incident, where one is given."""
    sql = "SELECT * FROM proposals WHERE ? IS NULL OR incident_id = ? ORDER BY id DESC LIMIT ?"
    return [_proposal(row) for row in read(db, sql, [incident_id, incident_id, at_most])]


def decide(
    db: Database, before: Proposal, stage: Stage, who: str, reason: str, now: datetime
) -> bool:
    """Approve or refuse; False when it is no longer what `before` is."""
    sql = (
        "UPDATE proposals SET stage = ?, version = version + 1, approver = ?, decided_at = ?,"
        " approval_reason = ? WHERE id = ? AND version = ? AND stage = 'pending'"
    )
    told = [stage.value, who, write_time(now), reason, before.id, before.version]
    return db.execute(sql, told).rowcount == 1


def advance(db: Database, before: Proposal, stage: Stage, result: str = "") -> bool:
    """To its next stage; False when it is no longer what `before` is."""
    sql = (
        "UPDATE proposals SET stage = ?, version = version + 1, result = ?"
        " WHERE id = ? AND version = ? AND stage = ?"
    )
    told = [stage.value, result, before.id, before.version, before.stage.value]
    return db.execute(sql, told).rowcount == 1


def intend(db: Database, proposal_id: int, target: int, now: datetime) -> None:
    """Write an attempt down before it is sent; a second one is refused by the database."""
    db.execute(
        "INSERT INTO attempts (proposal_id, target, key, sent_at) VALUES (?, ?, ?, ?)",
        [proposal_id, target, f"act-{proposal_id}-{target}", write_time(now)],
    )


def record(db: Database, attempt: Attempt) -> None:
    """What came of an attempt; one that needed no sending is written down whole."""
    key = f"act-{attempt.proposal_id}-{attempt.target}"
    db.execute(
        "INSERT INTO attempts (proposal_id, target, key, sent_at, came, run_id, said)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (proposal_id, target) DO UPDATE SET"
        " came = excluded.came, run_id = excluded.run_id, said = excluded.said",
        [
            attempt.proposal_id,
            attempt.target,
            key,
            write_time(attempt.sent_at),
            attempt.came.value,
            attempt.run_id,
            attempt.said,
        ],
    )


def attempts_of(db: Database, proposal_id: int) -> list[Attempt]:
    sql = "SELECT * FROM attempts WHERE proposal_id = ? ORDER BY target"
    return [_attempt(row) for row in read(db, sql, [proposal_id])]


def runs_begun(db: Database) -> frozenset[str]:
    """The runs that are known to have begun by an attempt."""
    rows = db.execute("SELECT run_id FROM attempts WHERE run_id <> ''").fetchall()
    return frozenset(row[0] for row in rows)


def earlier(db: Database, run_id: str) -> Proposal | None:
    """The newest proposal that repeated this run, or may have."""
    sql = (
        "SELECT p.* FROM proposals p JOIN json_each(p.body, '$.targets') AS t"
        " WHERE json_extract(t.value, '$.run_id') = ? AND stage IN ('executed', 'unknown')"
        " AND json_extract(p.body, '$.deed') IN ('replay', 'retry') ORDER BY p.id DESC LIMIT 1"
    )
    return next(map(_proposal, read(db, sql, [run_id])), None)


def untold(db: Database) -> list[Proposal]:
    """Those of which people have not been told the newest."""
    return [_proposal(row) for row in read(db, "SELECT * FROM proposals WHERE told < version")]


def is_told(db: Database, proposal: Proposal) -> bool:
    """Whether people have been told of this version, or of a later one."""
    sql = "SELECT 1 FROM proposals WHERE id = ? AND told >= ?"
    return db.execute(sql, [proposal.id, proposal.version]).fetchone() is not None


def told(db: Database, proposal: Proposal) -> None:
    sql = "UPDATE proposals SET told = ? WHERE id = ? AND told < ?"
    db.execute(sql, [proposal.version, proposal.id, proposal.version])


def find_run(db: Database, run_id: str) -> Run | None:
    return next(map(read_run, read(db, "SELECT * FROM runs WHERE id = ?", [run_id])), None)


def failed_runs(db: Database, flow_id: str, since: datetime, until: datetime) -> list[Run]:
    """A flow's failed runs that started in this span, oldest first."""
    sql = (
        "SELECT * FROM runs WHERE flow_id = ? AND status = 'failure' AND started_at >= ?"
        " AND started_at <= ? ORDER BY started_at, id"
    )
    rows = read(db, sql, [flow_id, write_time(since), write_time(until)])
    return [read_run(row) for row in rows]


def last_good_before(db: Database, flow_id: str, at: datetime) -> datetime | None:
    """When its last success before a moment started, of those that are known."""
    sql = (
        "SELECT max(started_at) FROM runs"
        " WHERE flow_id = ? AND status = 'success' AND started_at < ?"
    )
    return read_optional_time(db.execute(sql, [flow_id, write_time(at)]).fetchone()[0])


def _write_draft(draft: Draft) -> str:
    targets = [
        {
            "flow_id": each.flow_id,
            "flow_name": each.flow_name,
            "run_id": each.run_id,
            "forgotten_at": write_optional_time(each.forgotten_at),
        }
        for each in draft.targets
    ]
    return write_json(
        {
            "deed": draft.deed.value,
            "targets": targets,
            "preview": list(draft.preview),
            "against": draft.against,
            "reason": draft.reason,
            "value": draft.value,
        }
    )


def _draft(body: dict[str, Any], incident_id: int | None) -> Draft:
    targets = [
        Target(**(each | {"forgotten_at": read_optional_time(each["forgotten_at"])}))
        for each in body["targets"]
    ]
    return Draft(
        deed=Deed(body["deed"]),
        targets=tuple(targets),
        preview=tuple(body["preview"]),
        against=body["against"],
        reason=body["reason"],
        value=body["value"],
        incident_id=incident_id,
    )


def _proposal(row: dict[str, Any]) -> Proposal:
    return Proposal(
        id=row["id"],
        version=row["version"],
        stage=Stage(row["stage"]),
        draft=_draft(read_json(row["body"]), row["incident_id"]),
        approval=Approval(row["approval"]),
        proposer=row["proposer"],
        proposed_at=read_time(row["proposed_at"]),
        expires_at=read_time(row["expires_at"]),
        approver=row["approver"],
        decided_at=read_optional_time(row["decided_at"]),
        approval_reason=row["approval_reason"],
        result=row["result"],
    )


def _attempt(row: dict[str, Any]) -> Attempt:
    return Attempt(
        proposal_id=row["proposal_id"],
        target=row["target"],
        came=Came(row["came"]),
        sent_at=read_time(row["sent_at"]),
        run_id=row["run_id"],
        said=row["said"],
    )
