"""Warnings: opened once, settled once, counted for ever."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import predictions
from bot.store.predictions import Prediction
from checks.limits import TrackRecord

HOUR = timedelta(hours=1)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMIT = "instance/702/rate"
TWICE = """
INSERT INTO predictions (limit_id, key, system, opened_at, horizon, chance)
SELECT limit_id, key, system, opened_at, horizon, chance FROM predictions WHERE id = 2
"""


def opened(store, limit_id=LIMIT, at=NOON, **told) -> Prediction:
    asked = {"key": "k", "system": "NetSuite", "horizon": 72 * HOUR, "chance": 0.8} | told
    with store.writing() as db:
        return predictions.open_prediction(db, limit_id=limit_id, opened_at=at, **asked)


def settled(store, prediction, outcome, at, **told) -> bool:
    with store.writing() as db:
        return predictions.settle(db, prediction.id, outcome, at, **told)


def test_what_was_predicted_is_read_back_as_it_was(store):
    moments = {"soonest": NOON + HOUR, "middle": NOON + 2 * HOUR, "latest": NOON + 9 * HOUR}
    made = opened(store, **moments)
    assert predictions.open_predictions(store.db) == {LIMIT: made}
    assert (made.soonest, made.middle, made.latest) == tuple(moments.values())
    assert (made.horizon, made.chance, made.outcome) == (72 * HOUR, 0.8, "")


def test_a_limit_has_one_open_prediction_and_it_stays_as_it_was_made(store):
    first = opened(store)
    assert opened(store, at=NOON + HOUR, chance=0.99) == first
    assert opened(store, "pool/61/use").id != first.id


def test_an_outcome_is_said_once(store):
    made = opened(store)
    assert settled(store, made, "hit", NOON + HOUR, reason="used up", breached_at=NOON + HOUR)
    assert not settled(store, made, "false", NOON + 2 * HOUR)
    [found] = predictions.settled_since(store.db, NOON)
    assert (found.outcome, found.reason, found.breached_at) == ("hit", "used up", NOON + HOUR)
    assert predictions.open_predictions(store.db) == {}
    assert opened(store, at=NOON + 3 * HOUR).id != made.id


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE predictions SET outcome = 'hit' WHERE id = 1", "never changes"),
        ("UPDATE predictions SET chance = 0.1 WHERE id = 2", "never changes"),
        ("UPDATE predictions SET latest = 'later' WHERE id = 2", "never changes"),
        ("UPDATE predictions SET outcome = 'right', settled_at = 'x' WHERE id = 2", "CHECK"),
        ("UPDATE predictions SET outcome = 'false' WHERE id = 2", "CHECK"),
        ("UPDATE predictions SET outcome = 'hit', settled_at = 'x' WHERE id = 2", "CHECK"),
        ("DELETE FROM predictions", "never deleted"),
        (
            TWICE,
            "UNIQUE",
        ),
    ],
    ids=[
        "a settled one",
        "its chance",
        "its moments",
        "an outcome of its own",
        "settled at no time",
        "a hit of no breach",
        "forgotten",
        "opened twice",
    ],
)
def test_the_database_refuses(store, sql, why):
    settled(store, opened(store), "false", NOON + 72 * HOUR)
    opened(store, at=NOON + 80 * HOUR)
    with pytest.raises(sqlite3.IntegrityError, match=why), store.writing() as db:
        db.execute(sql)


def test_the_record_tells_of_one_limit_or_of_all(store):
    settled(store, opened(store), "hit", NOON + 3 * HOUR, breached_at=NOON + 3 * HOUR)
    settled(store, opened(store, "pool/61/use"), "averted", NOON + 5 * HOUR)
    with store.writing() as db:
        predictions.record_missed(
            db, limit_id=LIMIT, key="k", system="NetSuite", breached_at=NOON + 9 * HOUR
        )
    assert predictions.track_record(store.db, LIMIT, NOON) == TrackRecord(
        since=NOON, right=1, missed=1, median_lead=3 * HOUR, reached_at=NOON + 9 * HOUR
    )
    everything = predictions.track_record(store.db, None, NOON)
    assert (everything.right, everything.averted, everything.missed) == (1, 1, 1)


def test_what_was_settled_before_does_not_count(store):
    settled(store, opened(store), "false", NOON)
    later = NOON + timedelta(microseconds=1)
    assert predictions.track_record(store.db, None, later) == TrackRecord(since=later)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["open", "hit", "false", "averted", "missed"]),
        st.sampled_from([LIMIT, "pool/61/use"]),
    ),
    max_size=25,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(steps=STEPS)
def test_a_record_adds_up_whatever_happens_in_whatever_order(store, steps):
    store.db.execute("DROP TRIGGER IF EXISTS predictions_stay")
    store.db.execute("DELETE FROM predictions")
    known: dict[str, int] = {}
    begun, said = 0, dict.fromkeys(("hit", "false", "averted", "missed"), 0)
    for number, (step, limit_id) in enumerate(steps):
        at = NOON + number * HOUR
        if step == "open":
            begun += limit_id not in known
            known[limit_id] = opened(store, limit_id, at).id
        elif step == "missed":
            said["missed"] += 1
            with store.writing() as db:
                predictions.record_missed(db, limit_id=limit_id, key="k", system="", breached_at=at)
        elif (prediction_id := known.pop(limit_id, None)) is not None:
            breached_at = at if step == "hit" else None
            with store.writing() as db:
                for _ in range(2):  # the second time is in vain
                    took = predictions.settle(db, prediction_id, step, at, breached_at=breached_at)
                    said[step] += took
    record = predictions.track_record(store.db, None, NOON)
    counts = (record.right, record.false, record.averted, record.missed)
    assert counts == tuple(said.values())
    still_open = predictions.open_predictions(store.db)
    assert still_open.keys() == known.keys()
    assert record.right + record.false + record.averted + len(still_open) == begun
    assert (record.median_lead is None) == (record.right == 0)
