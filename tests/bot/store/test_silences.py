"""Silences and maintenance in the database: complete, ended once, and never changed."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from bot.incidents.events import Hold, Open
from bot.incidents.lifecycle import advance, open_incident
from bot.incidents.matchers import read_matchers
from bot.incidents.model import Actor, Severity
from bot.incidents.windows import Once
from bot.store import incidents, silences

HOUR = timedelta(hours=1)
MATCHERS = read_matchers('system=netsuite flow="Orders \\"A\\"" id=~"4\\d+"')[0]


def begun(store, at, kind="silence", **changes):
    told = {
        "matchers": MATCHERS,
        "by": "U0PRIYA",
        "reason": "they upgrade",
        "since": at,
        "until": at + 2 * HOUR,
    }
    with store.writing() as db:
        return silences.add(db, kind, **(told | changes))


def ended(store, number, at, kind="silence"):
    with store.writing() as db:
        return silences.end(db, kind, number, "U0ALEX", at)


def standing(store, at):
    return [each.id for each in silences.standing_silences(store.db, at)]


def test_a_silence_is_read_back_as_it_was_made(store, noon):
    number = begun(store, noon)
    [found] = silences.standing_silences(store.db, noon)
    assert (found.id, found.matchers, found.by, found.reason) == (
        number,
        MATCHERS,
        "U0PRIYA",
        "they upgrade",
    )
    assert (found.since, found.until) == (noon, noon + 2 * HOUR)


def test_maintenance_is_no_silence(store, noon):
    number = begun(store, noon, "maintenance", matchers=())
    assert standing(store, noon) == []
    [found] = silences.standing_maintenance(store.db, noon)
    assert (found.id, found.matchers) == (number, ())
    assert found.window == Once(since=noon, until=noon + 2 * HOUR)
    assert not ended(store, number, noon)


def test_one_that_is_over_or_was_ended_does_not_stand(store, noon):
    first, second = begun(store, noon), begun(store, noon, until=noon + HOUR)
    assert standing(store, noon) == [second, first]
    assert standing(store, noon + HOUR) == [first]
    assert ended(store, first, noon + HOUR)
    assert standing(store, noon + HOUR) == []


def test_a_silence_is_ended_once(store, noon):
    number = begun(store, noon)
    assert ended(store, number, noon)
    assert not ended(store, number, noon)
    assert not ended(store, begun(store, noon), noon + 2 * HOUR)
    assert not ended(store, 999, noon)


@pytest.mark.parametrize(
    "changes",
    [
        {"by": ""},
        {"reason": ""},
        {"reason": "  "},
        {"matchers": ()},
        {"until": None},
        {"until": "since"},
    ],
    ids=str,
)
def test_creator_reason_matchers_and_end_are_mandatory(store, noon, changes):
    changes = changes | ({"until": noon} if changes.get("until") == "since" else {})
    with pytest.raises((sqlite3.IntegrityError, AttributeError)):
        begun(store, noon, **changes)


def test_the_database_takes_no_silence_without_an_end(store, noon):
    begun(store, noon)
    with pytest.raises(sqlite3.IntegrityError, match="NOT NULL"), store.writing() as db:
        db.execute(
            "INSERT INTO silences (kind, matchers, creator, reason, since, until) "
            "SELECT kind, matchers, creator, reason, since, NULL FROM silences"
        )


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE silences SET until = '2099'",
        "UPDATE silences SET creator = 'U0EVIL', ended_at = '2026', ended_by = 'U0EVIL'",
        "DELETE FROM silences",
    ],
)
def test_nothing_else_of_it_is_ever_changed(store, noon, sql):
    begun(store, noon)
    with pytest.raises(sqlite3.IntegrityError), store.writing() as db:
        db.execute(sql)


def test_one_that_was_ended_is_not_begun_again(store, noon):
    ended(store, begun(store, noon), noon)
    with pytest.raises(sqlite3.IntegrityError, match="only once"), store.writing() as db:
        db.execute("UPDATE silences SET ended_at = NULL, ended_by = NULL")


def held(db, incident_id, reason, at):
    """An incident that was held back once, for this reason."""
    opening = Open(severity=Severity.HIGH, reason="It is stuck.")
    opened = open_incident(incident_id, opening, Actor(who="stalled_queue", via="check"), at)
    incidents.record(db, opened)
    rule = Actor(who="announcing", via="timer")
    incidents.record(db, advance(opened.incident, Hold(reason=reason), rule, at))


def test_what_each_held_back_is_read_from_the_timeline(store, noon):
    with store.writing() as db:
        held(db, 1, "silence 7: they upgrade", noon)
        held(db, 2, "silence 7: they upgrade", noon + HOUR)
        held(db, 3, "silence 77: else", noon)
        held(db, 4, "silence 7", noon)
        held(db, 5, "maintenance Sunday: backup: weekly", noon)
    labels = ["silence 7", "maintenance Sunday", "silence 8"]
    found = silences.hidden_by(store.db, labels, noon)
    assert found == {"silence 7": [1, 2], "maintenance Sunday": [5]}
    assert silences.hidden_by(store.db, labels, noon + HOUR) == {"silence 7": [2]}
