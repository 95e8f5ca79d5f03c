"""The audit keeps everything that was attempted, as it was, for good."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from bot.store import audit
from bot.store.audit import Audited, audited_of, audited_since


def attempt(at, **changes):
    told = {
        "at": at,
        "who": "U0PRIYA",
        "team": "T0HOME",
        "what": "ack",
        "subject": "#42",
        "via": "button",
        "allowed": True,
    }
    return Audited(**(told | changes))


def written(store, *attempts):
    with store.writing() as db:
        for each in attempts:
            audit.write(db, each)


def test_attempts_are_read_back_as_they_were_written(store, noon):
    done = attempt(noon)
    refused = attempt(noon + timedelta(minutes=1), allowed=False, because="Guests cannot.")
    written(store, done, refused, attempt(noon, subject="#7"))
    assert audited_of(store.db, "#42") == [done, refused]
    assert audited_since(store.db, noon + timedelta(seconds=1)) == [refused]


def test_long_words_are_clipped(store, noon):
    written(store, attempt(noon, subject="x" * 9000, because="y" * 9000))
    [row] = audited_since(store.db, noon)
    assert (len(row.subject), len(row.because)) == (audit.LONGEST, audit.LONGEST)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET allowed = 1",
        "DELETE FROM audit",
        "REPLACE INTO audit SELECT id, at, who, team, what, subject, via, 1, '' FROM audit",
    ],
    ids=["update", "delete", "replace"],
)
def test_nothing_is_ever_changed_or_taken_away(store, noon, sql):
    refused = attempt(noon, allowed=False, because="No.")
    written(store, refused)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"), store.writing() as db:
        db.execute(sql)
    assert audited_since(store.db, noon) == [refused]


@pytest.mark.parametrize(
    "changes",
    [{"allowed": False}, {"who": ""}, {"what": ""}, {"via": ""}],
    ids=["a refusal without a reason", "nobody", "nothing", "through nothing"],
)
def test_what_says_too_little_is_not_taken(store, noon, changes):
    with pytest.raises(sqlite3.IntegrityError):
        written(store, attempt(noon, **changes))
