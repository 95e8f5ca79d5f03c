"""The ids of what was heard: for a day, and not more of them than are needed."""

from __future__ import annotations

import pytest

from bot.store import heard

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("later", "known"), [(0.0, True), (heard.KEPT_SECONDS, True), (heard.KEPT_SECONDS + 1, False)]
)
def test_an_id_is_known_for_a_day(store, later, known):
    with store.writing() as db:
        heard.remember(db, "night 7", NOW)
    assert heard.has(store.db, "night 7", NOW + later) is known
    assert not heard.has(store.db, "day 7", NOW)


def test_of_too_many_the_newest_are_kept(store, monkeypatch):
    monkeypatch.setattr(heard, "MOST_KEPT", 3)
    with store.writing() as db:
        for number in range(5):
            heard.remember(db, f"night {number}", NOW + number)
    assert [heard.has(store.db, f"night {number}", NOW + 5) for number in range(5)] == [
        False, False, True, True, True
    ]  # fmt: skip


def test_what_is_older_than_a_day_is_forgotten(store):
    with store.writing() as db:
        heard.remember(db, "night 1", NOW)
        heard.remember(db, "night 2", NOW + heard.KEPT_SECONDS + 1)
    assert store.db.execute("SELECT known_as FROM heard").fetchall() == [("night 2",)]
