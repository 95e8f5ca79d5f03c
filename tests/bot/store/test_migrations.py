"""From every earlier step to today's schema: nothing is lost, nothing is allowed that was not."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import pytest
from sqlite_utils import Database, Migrations

from bot.incidents.events import Acknowledge, Snooze
from bot.incidents.lifecycle import Change, replay
from bot.incidents.model import Actor, Severity, State
from bot.store import (
    StoreRefused,
    handling,
    incidents,
    migrations,
    open_store,
    outbox,
    reconciliations,
)
from bot.store.migrations import MIGRATIONS
from bot.store.outbox import Purpose, incident_topic
from bot.transitions import act

STEPS = [each.name for each in MIGRATIONS.pending(Database(memory=True))]
RELEASED = STEPS.index("m005_foresight") + 1
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
T = "2026-11-23T1{}:00:00.000000+00:00".format
PRIYA = Actor(who="UPRIYA", via="button")
HANDLED = "INSERT INTO handling VALUES ({},'h','','',{},'x',NULL,NULL,'null',0,{},'{}')".format

INCIDENTS = [  # id, state, severity, worst, version, holder, since, first, over, by, via, previous
    (1, "triggered", 1, 3, 2, None, None, None, None, None, None, None),
    (2, "acknowledged", 2, 2, 4, "UALEX", T(3), T(1), None, None, None, None),
    (3, "resolved", 2, 2, 2, None, None, None, T(1), "UPRIYA", "button", 1),
    (4, "resolved", 3, 3, 4, "UPRIYA", T(2), T(2), T(3), "stalled_queue", "check", 3),
]
TIMELINE = [  # incident, seq, kind, who, via, from, to, data
    (1, 1, "opened", "stalled_queue", "check", None, "triggered", '{"severity":3}'),
    (1, 2, "eased", "stalled_queue", "check", "triggered", "triggered", '{"severity":1}'),
    (2, 1, "opened", "stalled_queue", "check", None, "triggered", '{"severity":2}'),
    (2, 2, "acknowledged", "UPRIYA", "button", "triggered", "acknowledged", "{}"),
    (2, 3, "unacknowledged", "UPRIYA", "button", "acknowledged", "triggered", "{}"),
    (2, 4, "acknowledged", "UALEX", "command", "triggered", "acknowledged", "{}"),
    (3, 1, "opened", "x", "check", None, "triggered",
     '{"severity":2,"previous_id":1,"standing":1}'),
    (3, 2, "resolved", "UPRIYA", "button", "triggered", "resolved", "{}"),
    (4, 1, "opened", "stalled_queue", "check", None, "triggered",
     '{"severity":3,"previous_id":3,"standing":0}'),
    (4, 2, "seconded", "UX", "button", "triggered", "triggered", "{}"),
    (4, 3, "acknowledged", "UPRIYA", "button", "triggered", "acknowledged", "{}"),
    (4, 4, "cleared", "stalled_queue", "check", "acknowledged", "resolved", "{}"),
    (4, 5, "settled", "rate_limit", "check", "resolved", "resolved", "{}"),
]  # fmt: skip
MESSAGES = [  # topic, incident, purpose, step, state, ts, body
    ("incident/1", 1, "root", 0, "sent", "1.1", ""),
    ("incident/1", 1, "edit", 0, "superseded", None, ""),
    ("incident/1", 1, "edit", 1, "pending", None, ""),
    ("incident/1", 1, "line", 2, "claimed", None, "F1"),
    ("unreachable/C1", None, "notice", 7, "pending", None, "It cannot be read."),
]


def database(path, steps: int) -> sqlite3.Connection:
    """One as an older Seamwatch left it, after so many steps."""
    store = open_of(path, steps)
    store.conn.execute("PRAGMA foreign_keys = ON")
    return store.conn


def open_of(path, steps: int) -> Database:
    older = Migrations("seamwatch")
    for name in STEPS[:steps]:
        older()(getattr(migrations, name))
    db = Database(sqlite3.connect(path, isolation_level=None))
    db.execute("PRAGMA journal_mode = WAL")
    older.apply(db)
    return db


def fill(db: sqlite3.Connection) -> None:
    """With rows of every kind that the fifth step knows."""
    for row in INCIDENTS:
        *told, previous = row
        db.execute(
            "INSERT INTO incidents (id, state, severity, worst, version, holder, acknowledged_at,"
            " first_acknowledged_at, resolved_at, resolved_by, resolved_via, previous_id,"
            " opened_at, resolution, standing) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (*told, previous, T(0), "done" if told[8] else "", int(told[0] == 3)),
        )
    for incident, seq, *rest in TIMELINE:
        *told, data = rest
        at = T(seq - 1)
        db.execute(
            "INSERT INTO timeline VALUES (?,?,?,?,?,?,?,?,'done',?)",
            (incident, seq, at, *told, data),
        )
    db.execute(
        "INSERT INTO alerts VALUES (1,'queue/main/x/y',1,?,?,NULL,3,'stalled_queue','queue','main',"
        "'the queue','breach','stall','It stands.','[]','{}',NULL)", (T(0), T(1)),
    )  # fmt: skip
    db.execute("INSERT INTO watchpoints VALUES ('queue/main/x/y','tt',?,NULL,?,3)", (T(0), T(1)))
    for topic, incident, purpose, step, state, ts, body in MESSAGES:
        db.execute(
            "INSERT INTO outbox (id, topic, incident_id, purpose, step, created_at, body, state,"
            " ts, destination, due, fence)"
            " VALUES (hex(randomblob(8)),?,?,?,?,?,?,?,?,'slack/C1',9,1)",
            (topic, incident, purpose, step, T(0), body, state, ts),
        )
    db.execute("UPDATE sqlite_sequence SET seq = 40 WHERE name = 'outbox'")
    db.execute(
        "INSERT INTO predictions VALUES (7,'l','k','s',?,1,0.9,NULL,NULL,NULL,?,'hit','',?)",
        (T(0), T(1), T(1)),
    )
    db.execute("INSERT INTO readings VALUES ('queue/main','queue.waiting',?,4)", (T(0),))
    db.execute("INSERT INTO lease VALUES (1,5,'host',1,'then',9)")


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "seamwatch.db"
    db = database(path, RELEASED)
    fill(db)
    db.close()
    return path


@pytest.fixture
def now(old):
    store = open_store(old)
    yield store
    store.close()


@pytest.mark.parametrize("steps", range(len(STEPS) + 1), ids=["nothing", *STEPS])
def test_from_every_step_the_schema_becomes_the_same(steps, tmp_path):
    database(tmp_path / "old.db", steps).close()

    def schema(path):
        store = open_store(path)
        sql = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        found = store.db.execute(sql).fetchall()
        assert store.db.execute("PRAGMA foreign_key_check").fetchall() == []
        store.close()
        return found

    assert schema(tmp_path / "old.db") == schema(tmp_path / "new.db")


def test_every_row_is_still_there_and_points_somewhere(now):
    counts = {
        "incidents": 4, "timeline": 13, "alerts": 1, "watchpoints": 1, "outbox": 5,
        "predictions": 1, "readings": 1, "lease": 1,
    }  # fmt: skip
    for table, number in counts.items():
        assert now.db.table(table).count == number, table
    assert now.db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert now.db.execute("PRAGMA foreign_keys").fetchone() == (1,)
    assert now.db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_the_timeline_still_adds_up_to_the_incident(now, number):
    incident = incidents.find_incident(now.db, number)
    assert replay(number, incidents.timeline(now.db, number)) == incident


def test_who_has_it_has_it_since_the_entry_by_which_they_last_took_it(now):
    incident = incidents.find_incident(now.db, 2)
    assert (incident.holder, incident.held_since, incident.confirmed_at) == ("UALEX", 4, None)
    free = incidents.find_incident(now.db, 1)
    assert (free.severity, free.worst, free.held_since) == (Severity.LOW, Severity.CRITICAL, None)


def test_messages_are_sent_where_they_had_got_to(now):
    rows = now.db.execute("SELECT purpose, state, ts, body, number FROM outbox ORDER BY number")
    assert [row[:4] for row in rows.fetchall()] == [
        (purpose, state, ts, body) for _, _, purpose, _, state, ts, body in MESSAGES
    ]
    with now.writing() as db:
        assert outbox.recover(db, fence=6, due=0.0) == 1
        assert outbox.root_ts(db, "incident/1", "slack/C1") == "1.1"


NOTED = "INSERT INTO timeline VALUES (3,3,'x','noted','U','button','resolved','resolved','','{}')"
PUT_OFF = (
    "INSERT INTO timeline VALUES (1,3,'x','snoozed','U','button','triggered','snoozed','','{}')"
)
STORM = "INSERT INTO storms (home, since) VALUES ('h', '2026')"
FORBIDDEN = [
    ("a resolved incident never changes", NOTED, "UPDATE incidents SET version = 3 WHERE id = 3"),
    ("incidents are never deleted", "DELETE FROM incidents WHERE id = 1"),
    ("only with an entry in its timeline", "UPDATE incidents SET severity = 2 WHERE id = 1"),
    ("the timeline is append-only", "UPDATE timeline SET reason = 'other'"),
    ("the timeline is append-only", "DELETE FROM timeline"),
    ("a sent message is never sent again", "UPDATE outbox SET state = 'pending' WHERE ts = '1.1'"),
    ("a cleared alert never", "UPDATE alerts SET cleared_at = 'x'", "UPDATE alerts SET count = 9"),
    ("the fencing number never falls", "UPDATE lease SET fence = 1"),
    ("a settled prediction never changes", "UPDATE predictions SET reason = 'x'"),
    ("predictions are never deleted", "DELETE FROM predictions"),
    ("is kept", HANDLED("1", "NULL", "NULL", "n"), "DELETE FROM handling"),
    ("FOREIGN KEY", HANDLED("99", "NULL", "NULL", "n")),
    ("CHECK", HANDLED("1", "NULL", "'2026'", "")),  # a next step of what nobody was told of
    ("CHECK", HANDLED("1", "'2026'", "NULL", "")),  # no next step, and no reason for it
    ("CHECK", HANDLED("1", "'2026'", "'2026'", "why")),  # both
    ("UNIQUE", STORM, STORM),
    ("CHECK", PUT_OFF, "UPDATE incidents SET state = 'snoozed', version = 3 WHERE id = 1"),
]


@pytest.mark.parametrize(("said", "statements"), [(said, told) for said, *told in FORBIDDEN])
def test_what_must_never_be_is_still_refused(said, statements, now):
    *before, last = statements
    for statement in before:
        now.db.execute(statement)
    with pytest.raises(sqlite3.IntegrityError, match=said):
        now.db.execute(last)


def test_numbers_go_on_and_are_never_given_twice(now):
    with now.writing() as db:
        assert incidents.next_incident_id(db) == 5
        outbox.enqueue(
            db, topic=incident_topic(2), destination="slack/C1", purpose=Purpose.PAGE,
            created_at=NOON, due=0.0,
        )  # fmt: skip
    assert now.db.execute("SELECT max(number) FROM outbox").fetchone() == (41,)


def test_an_old_incident_may_be_acted_upon_by_what_is_new(now):
    later = NOON.replace(hour=23)
    for event in (Acknowledge(), Snooze(until=later)):
        assert isinstance(act(now, 1, event, PRIYA, NOON, destination="slack/C1"), Change)
    snoozed = incidents.find_incident(now.db, 1)
    assert (snoozed.state, snoozed.snoozed_until) == (State.SNOOZED, later)


def test_a_step_that_fails_leaves_everything_as_it_was(old, monkeypatch):
    before = dump(old)
    monkeypatch.setattr(migrations, "RESPONSE", migrations.RESPONSE + "CREATE TABLE storms (id);\n")
    with pytest.raises(StoreRefused, match="cannot be used"):
        open_store(old)
    assert dump(old) == before
    monkeypatch.undo()
    open_store(old).close()


def test_rows_that_point_nowhere_stop_it_with_a_sentence_and_leave_everything(old):
    with sqlite3.connect(old) as db:
        db.execute("UPDATE watchpoints SET quiet_incident = 77")
    before = dump(old)
    with pytest.raises(StoreRefused, match="a row of watchpoints points nowhere"):
        open_store(old)
    assert dump(old) == before


def dump(path) -> list[str]:
    connection = sqlite3.connect(path)
    lines = list(connection.iterdump())
    connection.close()
    return lines


ENDED = "everybody was told, the fall-back too"
POLICY = '{"name":"n","repeats":0,"again_after":900,"fallback":["channel:#o"],"steps":[]}'
LED_TO_ITS_END = """
INSERT INTO handling (incident_id, home, team, group_key, announced_at, policy, position, stopped)
VALUES (?, 'slack/C1', '', '', ?, ?, 3, ?)
"""


def test_a_fall_back_that_was_told_before_it_was_told_again_is_due(tmp_path):
    """Of what nobody has in hand and is grave; the rest keeps its reason."""
    path = tmp_path / "older.db"
    older = database(path, RELEASED)
    fill(older)
    older.close()
    db = database(path, STEPS.index("m013_once"))
    for number in (1, 2):
        db.execute(LED_TO_ITS_END, [number, T(1), POLICY, ENDED])
    db.execute("DROP TRIGGER change_needs_entry")
    db.execute("UPDATE incidents SET severity = 2 WHERE id = 1")
    db.close()
    store = open_store(path)
    due, left = (handling.find_handling(store.db, number) for number in (1, 2))
    assert (due.escalation.next_at, due.escalation.stopped) == (due.announced_at, "")
    assert (left.escalation.next_at, left.escalation.stopped) == (None, ENDED)
    store.close()


DIFFERING = """
INSERT INTO reconciliations (id, pair, entity, source, target, since, until, first_at, looked_at,
  looks, standing, differing, batch, found)
VALUES (?, 'Orders', 'orders', 'shop', 'erp', ?, ?, ?, ?, 1, ?, 3, 1, ?)
"""
FOUND = '[{"kind":"missing in target","field":"","count":3,"limit":null}]'


def test_a_period_that_differs_is_known_to_since_it_was_looked_at_last(tmp_path):
    path = tmp_path / "older.db"
    db = database(path, STEPS.index("m015_followed"))
    for number, standing, found in ((1, "different", FOUND), (2, "same", "[]")):
        told = [number, T(number), T(number + 1), T(4), T(5), standing, found]
        db.execute(DIFFERING, told)
    for number, doubt in ((1, "NOTHING"), (2, "NOT_ASKED_AGAIN")):
        row = (1, 1, number, "missing in target", f"k{number}", "d", "", "", None, None, doubt)
        db.execute("INSERT INTO differences VALUES (?,?,?,?,?,?,?,?,?,?,?)", row)
    db.close()
    store = open_store(path)
    different, same = (reconciliations.find(store.db, number).compared for number in (1, 2))
    [course] = different.courses
    assert (course.most, course.made_good_at) == (3, None)
    assert course.found_at == different.looked_at
    assert (same.courses, same.differed_at) == ((), None)
    told = [(row["sure"], row["found_at"]) for row in store.db["view_differences"].rows]
    assert told == [(1, T(5)), (0, None)]
    store.close()
