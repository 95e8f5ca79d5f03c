"""What is remembered of our own sight of Patchworks: lost since when, and in how many looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.facts import find_blindness
from bot.gather import Gathered
from bot.sight import remember_blindness, sight
from bot.stock import Stock
from bot.store import Store, open_store

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
JUMP = timedelta(minutes=50)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(tmp_path / "seamwatch.db")
    yield store
    store.close()


def looks_at(store: Store, at: datetime, **blind: str) -> int | None:
    """How many looks at the queue have failed by now, after a round that could not read these."""
    with store.writing() as db:
        told = Gathered(at=at, queue=None, stock=Stock(), ended=(), blind=blind)
        remember_blindness(db, told)
    return next(each.looks for each in sight(store.db, at).sources if each.part == "queue")


def test_every_look_that_fails_counts_until_one_does_not(store: Store) -> None:
    assert looks_at(store, NOON, queue="it changed") == 1
    assert looks_at(store, NOON + JUMP, queue="it changed", flows="it answers 503") == 2
    assert find_blindness(store.db)["queue"].since == NOON
    assert looks_at(store, NOON + 2 * JUMP) is None
    assert looks_at(store, NOON + 3 * JUMP, queue="it changed") == 1
