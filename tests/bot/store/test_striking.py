"""A word goes out of every text that is kept, and what must never change still cannot."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress

import pytest

from bot.store import open_store
from bot.store.striking import STRUCTURES, TEXTS, drop_differences, strike_out

NO_TEXTS_OF_OTHERS = {
    "_sqlite_migrations": "which steps of the schema were made",
    "sqlite_sequence": "the last numbers given",
    "readings": "figures",
    "rollups": "figures",
    "waits": "ids and times",
    "watchpoints": "keys of conditions and their levels",
    "lease": "which process runs",
    "calls": "figures",
    "covered": "times",
    "stale_hours": "times",
    "learned": "what a model learned of a series",
    "forecasts": "figures",
    "imported": "which files of volumes were read",
    "changed_hours": "times",
    "handling": "where an incident is told, by names of the settings",
    "storms": "places and times",
    "links": "people of the team and their accounts",
    "difference_salt": "random bytes",
    "shapes": "names of fields and the types of their values",
    "newest_shapes": "names of fields and the types of their values",
    "run_days": "figures",
    "failed_days": "figures",
    "counted_days": "times",
    "flow_traffic": "figures",
    "green_logs": "figures",
    "heard": "ids of what Slack told",
    "snapshots": "what the next round writes anew",
    "differences": "deleted whole, by digest or value",
    "tracked_values": "deleted whole, or struck out of what was sent on, by digest",
}
NAMES_IDS_AND_TIMES = {
    "runs": "id flow_id flow_name status started_at finished_at run_trigger",
    "timeline": "at kind who via from_state to_state",
    "alerts": "key opened_at last_seen_at cleared_at check_name subject_kind subject_id "
    "subject_name level signal expected_at",
    "failures": "run_id flow_id instance_id at status cause step",
    "incidents": "state opened_at holder acknowledged_at first_acknowledged_at confirmed_at "
    "reminded_at assignee snoozed_until snoozed_by resolved_at resolved_by resolved_via",
    "outbox": "id topic destination purpose created_at state ts",
    "audit": "at who team what via",
    "overrides": "rota person replaces since until arranged_by arranged_at cancelled_by "
    "cancelled_at",
    "silences": "kind matchers creator since until ended_at ended_by",
    "proposals": "stage subject approval proposer proposed_at expires_at approver decided_at",
    "attempts": "key sent_at came run_id",
    "predictions": "limit_id key system opened_at soonest middle latest settled_at outcome "
    "breached_at",
    "reconciliations": "pair entity source target since until first_at looked_at standing found "
    "totals blind_at fingerprint told courses differed_at whole_at",
    "swaps": "rota asker asker_id asker_since asker_until other other_id other_since other_until "
    "asked_at expires_at state decided_at",
}
AT = "2026-11-21T12:00:00.000000+00:00"
KEY = "1000423"


@pytest.fixture
def incident(store):
    """One that is over, with an alert that has cleared; both never change any more."""
    with store.writing() as db:
        db.execute(
            "INSERT INTO incidents (id, state, severity, worst, opened_at, version, resolved_at,"
            " resolution) VALUES (1, 'resolved', 1, 1, ?, 2, ?, 'sent order #1000423 again')",
            [AT, AT],
        )
        db.execute(
            "INSERT INTO timeline VALUES (1, 1, ?, 'noted', 'U1', 'command', NULL, 'triggered',"
            ' \'order 1000423 and 10004230\', \'{"run_id":"1000423","said":["for 1000423"]}\')',
            [AT],
        )
        db.execute(
            "INSERT INTO alerts (key, incident_id, opened_at, last_seen_at, cleared_at, count,"
            " check_name, subject_kind, subject_id, subject_name, level, signal, sentence,"
            " measures, facts) VALUES ('k', 1, ?, ?, ?, 3, 'failing_flow', 'flow', '1', 'Orders',"
            " 'ok', 's', 'It says: order SO-1000423 refused.', '[]', ?)",
            [AT, AT, AT, '{"flow_id":"1000423","first_error":"no 1000423","n":1000423}'],
        )
    return store


def values(store, table, *columns):
    [row] = store.db.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # noqa: S608 (names of this file)
    return row


def strike(store, *words):
    with store.writing() as db:
        return strike_out(db, words)


def test_every_text_column_is_searched_or_holds_no_text_of_others(store):
    for table in store.db.tables:
        if table.name in NO_TEXTS_OF_OTHERS:
            continue
        texts = {each.name for each in table.columns if each.type not in ("INTEGER", "REAL")}
        searched = {*TEXTS.get(table.name, ()), *STRUCTURES.get(table.name, ())}
        assert texts - searched == set(NAMES_IDS_AND_TIMES[table.name].split()), table.name


def test_a_word_goes_out_of_what_never_changes_otherwise(incident):
    assert strike(incident, KEY) == 5
    assert values(incident, "incidents", "resolution") == ("sent order #[deleted] again",)
    assert values(incident, "timeline", "reason", "data") == (
        "order [deleted] and 10004230",
        '{"run_id":"1000423","said":["for [deleted]"]}',
    )
    assert values(incident, "alerts", "sentence", "facts") == (
        "It says: order SO-[deleted] refused.",
        '{"flow_id":"1000423","first_error":"no [deleted]","n":1000423}',
    )
    assert strike(incident, KEY) == 0


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE timeline SET reason = 'another'",
        "UPDATE incidents SET resolution = 'another'",
        "UPDATE alerts SET sentence = 'another'",
        "DELETE FROM timeline",
    ],
)
def test_what_never_changes_cannot_be_changed_afterwards(incident, change):
    strike(incident, KEY)
    with pytest.raises(sqlite3.IntegrityError), incident.writing() as db:
        db.execute(change)


def test_all_triggers_are_as_they_were(incident):
    sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    before = incident.db.execute(sql).fetchall()
    strike(incident, KEY)
    assert incident.db.execute(sql).fetchall() == before


def test_what_breaks_off_half_way_changes_nothing(incident):
    sql = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    before = incident.db.execute(sql).fetchall()
    with suppress(ZeroDivisionError), incident.writing() as db:
        assert strike_out(db, [KEY]) == 5
        raise ZeroDivisionError
    assert incident.db.execute(sql).fetchall() == before
    assert KEY in values(incident, "incidents", "resolution")[0]


WORDS = {
    "as a system writes it": ("#1000423", "Order #1000423.", "Order [deleted]."),
    "in another case": ("ab-10042", "order AB-10042!", "order [deleted]!"),
    "with leading zeros": ("1000423", "id 0001000423", "id [deleted]"),
    "in a list": ("1000423", "1000422,1000423,1000424", "1000422,[deleted],1000424"),
    "an address": ("a.b@shop.example", "no a.b@shop.example", "no [deleted]"),
    "not within a longer number": ("1000423", "21000423 10004231", "21000423 10004231"),
    "not within a word": ("10004x", "10004xy", "10004xy"),
    "not as a fraction": ("00000", "12.00000", "12.00000"),
    "not what is short": ("#1500", "#1500 of 1500", "#1500 of 1500"),
    "not a mere word": ("orders", "of 12 orders", "of 12 orders"),
    "with signs of patterns": ("(10004.23", "(10004x23 (10004.23", "(10004x23 [deleted]"),
}


@pytest.mark.parametrize(("word", "text", "after"), WORDS.values(), ids=WORDS.keys())
def test_whole_words_that_mean_one_record_are_struck(store, word, text, after):
    with store.writing() as db:
        db.execute("INSERT INTO failures VALUES ('r', 'f', '', ?, 's', 'c', ?, '', 1)", [AT, text])
    strike(store, word)
    assert values(store, "failures", "line") == (after,)


def test_what_waits_for_approval_is_done_as_it_was_proposed(store):
    with store.writing() as db:
        db.execute(
            "INSERT INTO proposals (subject, body, approval, proposer, proposed_at, expires_at)"
            " VALUES ('start 1', '{\"value\":\"1000423\"}', 'second_person', 'U1', 'a', 'b')"
        )
    assert strike(store, KEY) == 0
    with store.writing() as db:
        db.execute("UPDATE proposals SET stage = 'expired'")
    assert strike(store, KEY) == 1
    assert values(store, "proposals", "body") == ('{"value":"[deleted]"}',)


def test_differences_of_others_that_name_it_are_dropped(store):
    names = "reconciliation_id, batch, number, kind, key, digest, held_digest, field, doubt"
    with store.writing() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute(
            "INSERT INTO reconciliations (id, pair, entity, source, target, since, until, first_at,"
            " standing) VALUES (1, 'p', 'orders', 's', 't', 'a', 'b', 'a', 'different')"
        )
        for number, value in enumerate(("see 1000423", "see 1000424", None)):
            db.execute(
                f"INSERT INTO differences ({names}, source_value) VALUES"  # noqa: S608 (names of this file)
                " (1, 1, ?, 'value_differs', '7', 'd', '', 'note', 'NONE', ?)",
                [number, value],
            )
        assert drop_differences(db, [KEY]) == 1
    told = store.db.execute("SELECT source_value FROM differences").fetchall()
    assert told == [("see 1000424",), (None,)]


def test_a_bot_that_runs_meanwhile_goes_on_under_the_same_rules(incident):
    with closing(open_store(incident.path)) as running:
        before = running.db.execute("SELECT reason FROM timeline").fetchone()
        strike(incident, KEY)
        assert running.db.execute("SELECT reason FROM timeline").fetchone() != before
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), running.writing() as db:
            db.execute("UPDATE timeline SET reason = 'another'")
