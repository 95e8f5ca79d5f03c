"""How open incidents are handled: where they are announced, how far their escalation has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database

from bot.incidents.announcing import IN_SUMMARY
from bot.incidents.escalation import Escalation, Policy, Step, read_target
from bot.incidents.model import Severity
from bot.store.columns import (
    read_json,
    read_optional_time,
    write_json,
    write_optional_time,
    write_time,
)
from bot.store.rows import insert, put, read

REMIND_EVERY = 4 * 3600.0
"""Seconds; of policies that were stored before the fall-back was told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """`home` is the destination of the incident's message. While `announced_at` is None nothing was
    said of it, because of `held`; `storm_id` names the storm whose summary tells it, before it was
    announced (what is silenced since as well) and, when much was left of that storm, instead of a
    message of its own."""

    incident_id: int
    home: str
    team: str = ""
    group_key: str = ""
    announced_at: datetime | None = None
    held: str = ""
    held_until: datetime | None = None
    storm_id: int | None = None
    escalation: Escalation


def find_handling(db: Database, incident_id: int) -> Handling | None:
    rows = list(read(db, "SELECT * FROM handling WHERE incident_id = ?", [incident_id]))
    return _handling(rows[0]) if rows else None


def save_handling(db: Database, handling: Handling) -> None:
    """Insert it, or put it in the place of what was stored."""
    put(db, "handling", "incident_id", _row(handling))


def unannounced(db: Database) -> list[Handling]:
    """Of open incidents of which nothing was said, oldest first."""
    return _of_open(db, "h.announced_at IS NULL ORDER BY h.incident_id", [])


def due_steps(db: Database, now: datetime, *, held_too: bool = True) -> list[Handling]:
    """Whose next step is due, and with `held_too` what is held back before that; the longest due
    first."""
    due = "(h.next_at <= ? OR h.held <> '')" if held_too else "h.next_at <= ?"
    where = f"h.next_at IS NOT NULL AND {due}"
    return _of_open(db, f"{where} ORDER BY h.next_at, h.incident_id", [write_time(now)])


def waiting_steps(db: Database, now: datetime) -> list[Handling]:
    """Whose next step is yet to come, and is not held back so far."""
    where = "h.next_at > ? AND h.held = '' ORDER BY h.incident_id"
    return _of_open(db, where, [write_time(now)])


def resting(db: Database, *, held_only: bool) -> list[Handling]:
    """Triggered incidents that were announced and call nobody further, such as those of low
    severity; `held_only`: those of them that are held back."""
    where = "i.state = 'triggered' AND h.announced_at IS NOT NULL AND h.next_at IS NULL"
    held = " AND h.held <> ''" if held_only else ""
    return _of_open(db, f"{where}{held} ORDER BY h.incident_id", [])


def unattended(
    db: Database,
    home: str,
    up_to: int,
    at_least: Severity = Severity.LOW,
    but: int | None = None,
) -> int:
    """How many incidents of this destination, `but` one, are open and in nobody's hand, of those
    that were announced or that only a storm holds back; counted no further than `up_to`."""
    sql = (
        "SELECT count(*) FROM (SELECT 1 FROM incidents AS i"
        " JOIN handling AS h ON h.incident_id = i.id"
        " WHERE i.state <> 'resolved' AND i.state = 'triggered' AND i.severity >= ?"
        " AND h.home = ? AND i.id IS NOT ?"
        " AND (h.announced_at IS NOT NULL OR (h.storm_id IS NOT NULL AND h.held = ?)) LIMIT ?)"
    )
    told = [int(at_least), home, but, IN_SUMMARY, up_to]
    return int(db.execute(sql, told).fetchone()[0])


def open_in_group(db: Database, group_key: str) -> int | None:
    """The open incident that speaks for these alerts, if there is one."""
    found = _of_open(db, "h.group_key = ? ORDER BY h.incident_id LIMIT 1", [group_key])
    return found[0].incident_id if found else None


def without_next_step(db: Database) -> list[int]:
    """Triggered incidents that nobody will be told of again, and that say no reason for it."""
    sql = (
        "SELECT i.id FROM incidents AS i LEFT JOIN handling AS h ON h.incident_id = i.id"
        " WHERE i.state = 'triggered' AND (h.incident_id IS NULL"
        " OR (h.announced_at IS NULL AND h.held = ''))"
    )
    return [int(row[0]) for row in db.execute(sql).fetchall()]


def overdue(db: Database, before: datetime) -> list[int]:
    """Triggered incidents whose next step should have been taken before this moment."""
    late = _of_open(db, "i.state = 'triggered' AND h.next_at < ?", [write_time(before)])
    return [each.incident_id for each in late]


def open_storm(db: Database, home: str) -> int | None:
    sql = "SELECT id FROM storms WHERE home = ? AND until IS NULL"
    row = db.execute(sql, [home]).fetchone()
    return row[0] if row else None


def begin_storm(db: Database, home: str, now: datetime) -> int:
    """Its number."""
    row = {"home": home, "since": write_time(now)}
    return insert(db, "storms", row)


def end_storm(db: Database, storm_id: int, now: datetime) -> None:
    db.execute("UPDATE storms SET until = ? WHERE id = ?", [write_time(now), storm_id])


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    id: int
    home: str
    since: datetime
    until: datetime | None


def find_storm(db: Database, storm_id: int) -> Storm | None:
    for row in read(db, "SELECT * FROM storms WHERE id = ?", [storm_id]):
        since, until = read_optional_time(row["since"]), read_optional_time(row["until"])
        if since is not None:
            return Storm(id=row["id"], home=row["home"], since=since, until=until)
    return None


def open_storms(db: Database) -> list[Storm]:
    ids = [row[0] for row in db.execute("SELECT id FROM storms WHERE until IS NULL").fetchall()]
    return [storm for each in ids if (storm := find_storm(db, each))]


def storm_ended_at(db: Database, storm_id: int) -> datetime | None:
    """None while it lasts."""
    row = db.execute("SELECT until FROM storms WHERE id = ?", [storm_id]).fetchone()
    return read_optional_time(row[0]) if row else None


def left_of_storms(db: Database, ended_before: datetime) -> dict[int, list[Handling]]:
    """What is open and was not announced, by the storm that was over by then, oldest first."""
    where = (
        "h.announced_at IS NULL AND h.storm_id IN (SELECT id FROM storms WHERE until <= ?)"
        " ORDER BY h.storm_id, h.incident_id"
    )
    found: dict[int, list[Handling]] = {}
    for each in _of_open(db, where, [write_time(ended_before)]):
        if each.storm_id is not None:
            found.setdefault(each.storm_id, []).append(each)
    return found


def in_storm(db: Database, storm_id: int) -> list[int]:
    """The incidents that its summary tells, oldest first."""
    sql = "SELECT incident_id FROM handling WHERE storm_id = ? ORDER BY incident_id"
    return [int(row[0]) for row in db.execute(sql, [storm_id]).fetchall()]


def teams(db: Database) -> dict[int, str]:
    """Whose each open incident is, where it is any team's."""
    found = _of_open(db, "h.team <> ''", [])
    return {each.incident_id: each.team for each in found}


def held_in_storm(db: Database, storm_id: int) -> dict[int, str]:
    """By incident that its summary tells and that is open, what holds it back."""
    held = "h.storm_id = ? AND h.held <> '' ORDER BY h.incident_id"
    return {each.incident_id: each.held for each in _of_open(db, held, [storm_id])}


def newest_storm(db: Database) -> int | None:
    """Of those that are not over, or of which something that its summary tells is open."""
    sql = (
        "SELECT max(s.id) FROM storms AS s WHERE s.until IS NULL OR EXISTS (SELECT 1"
        " FROM handling AS h JOIN incidents AS i ON i.id = h.incident_id"
        " WHERE h.storm_id = s.id AND i.state <> 'resolved')"
    )
    found: int | None = db.execute(sql).fetchone()[0]
    return found


def _of_open(db: Database, where: str, arguments: list[Any]) -> list[Handling]:
    sql = (
        "SELECT h.* FROM handling AS h JOIN incidents AS i ON i.id = h.incident_id"  # noqa: S608 (constant texts of this file)
        f" WHERE i.state <> 'resolved' AND {where}"
    )
    return [_handling(row) for row in read(db, sql, arguments)]


def _row(handling: Handling) -> dict[str, Any]:
    escalation = handling.escalation
    return {
        "incident_id": handling.incident_id,
        "home": handling.home,
        "team": handling.team,
        "group_key": handling.group_key,
        "announced_at": write_optional_time(handling.announced_at),
        "held": handling.held,
        "held_until": write_optional_time(handling.held_until),
        "storm_id": handling.storm_id,
        "policy": write_json(_policy_json(escalation.policy) if escalation.policy else None),
        "position": escalation.position,
        "next_at": write_optional_time(escalation.next_at),
        "stopped": escalation.stopped,
    }


def _handling(row: dict[str, Any]) -> Handling:
    told = read_json(row["policy"])
    escalation = Escalation(
        policy=_policy(told) if told else None,
        position=row["position"],
        next_at=read_optional_time(row["next_at"]),
        stopped=row["stopped"],
    )
    return Handling(
        incident_id=row["incident_id"],
        home=row["home"],
        team=row["team"],
        group_key=row["group_key"],
        announced_at=read_optional_time(row["announced_at"]),
        held=row["held"],
        held_until=read_optional_time(row["held_until"]),
        storm_id=row["storm_id"],
        escalation=escalation,
    )


def _policy_json(policy: Policy) -> dict[str, Any]:
    return {
        "name": policy.name,
        "repeats": policy.repeats,
        "again_after": policy.again_after.total_seconds(),
        "remind_every": policy.remind_every.total_seconds(),
        "fallback": [str(target) for target in policy.fallback],
        "steps": [
            {
                "after": step.after.total_seconds(),
                "tell": [str(target) for target in step.tell],
                "at_least": int(step.at_least),
                "working_hours": step.working_hours,
                "occurrences": step.occurrences,
                "within": step.within.total_seconds(),
            }
            for step in policy.steps
        ],
    }


def _policy(told: dict[str, Any]) -> Policy:
    steps = tuple(
        Step(
            after=timedelta(seconds=step["after"]),
            tell=tuple(read_target(text) for text in step["tell"]),
            at_least=Severity(step["at_least"]),
            working_hours=step["working_hours"],
            occurrences=step["occurrences"],
            within=timedelta(seconds=step["within"]),
        )
        for step in told["steps"]
    )
    return Policy(
        name=told["name"],
        steps=steps,
        fallback=tuple(read_target(text) for text in told["fallback"]),
        repeats=told["repeats"],
        again_after=timedelta(seconds=told["again_after"]),
        remind_every=timedelta(seconds=told.get("remind_every", REMIND_EVERY)),
    )
