"""Overrides are all kept or none, never overlap for one person, and are undone once."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.store.overrides import Arranged, Overlaps, cancel, find_override, save_overrides, standing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
COVER = Arranged(
    rota="integrations",
    person="Priya",
    replaces="Alex",
    since=NOON,
    until=NOON + 2 * HOUR,
    by="U0PRIYA",
    reason="dentist",
)


def keep(store, *arranged):
    with store.writing() as db:
        return save_overrides(db, arranged, NOON)


def moved(hours, **changes):
    span = {"since": COVER.since + hours * HOUR, "until": COVER.until + hours * HOUR}
    return replace(COVER, **(span | changes))


def test_what_is_kept_is_told_again(store):
    (made,) = keep(store, COVER)
    assert standing(store.db, NOON) == [made]
    assert (made.id, made.person, made.replaces, made.reason) == (1, "Priya", "Alex", "dentist")
    assert (made.since, made.until, made.by) == (NOON, NOON + 2 * HOUR, "U0PRIYA")


@pytest.mark.parametrize(
    ("other", "fits"),
    [
        (moved(2), True),
        (moved(-2), True),
        (moved(1), False),
        (moved(-1), False),
        (moved(0), False),
        (moved(1, rota="INTEGRATIONS", replaces="alex"), False),
        (moved(1, person="Kim"), False),
        (moved(1, replaces=None), True),
        (moved(1, replaces="Kim"), True),
        (moved(1, rota="stores"), True),
    ],
    ids=["after", "before", "later", "earlier", "same", "spelled otherwise", "by another",
         "of everybody", "of another", "in another rota"],
)  # fmt: skip
def test_one_person_is_replaced_once_at_a_time(store, other, fits):
    keep(store, COVER)
    if fits:
        keep(store, other)
    else:
        with pytest.raises(Overlaps) as refused:
            keep(store, other)
        assert refused.value.standing.id == 1
    assert len(standing(store.db, NOON - 9 * HOUR)) == 1 + fits


def test_overrides_of_everybody_do_not_overlap_either(store):
    keep(store, replace(COVER, replaces=None))
    with pytest.raises(Overlaps):
        keep(store, moved(1, replaces=None, person="Kim"))


def test_the_database_itself_refuses_an_overlap(store):
    keep(store, COVER)
    columns = "rota, person, replaces, since, until, arranged_by, arranged_at, reason"
    again = f"INSERT INTO overrides ({columns}) SELECT {columns} FROM overrides"  # noqa: S608 (own)
    with pytest.raises(sqlite3.IntegrityError, match="may not overlap"), store.writing() as db:
        db.execute(again)


def test_a_swap_is_kept_whole_or_not_at_all(store):
    keep(store, moved(24, replaces="Priya", person="Kim"))
    swap = (COVER, moved(24, replaces="Priya", person="Alex"))
    with pytest.raises(Overlaps):
        keep(store, *swap)
    assert len(standing(store.db, NOON)) == 1


def test_one_that_was_undone_makes_room_and_cannot_be_undone_again(store):
    keep(store, COVER)
    with store.writing() as db:
        assert cancel(db, 1, "U0ALEX", NOON + HOUR)
        assert not cancel(db, 1, "U0ALEX", NOON + HOUR)
        assert not cancel(db, 7, "U0ALEX", NOON)
    assert standing(store.db, NOON) == []
    assert keep(store, COVER)[0].id == 2
    assert find_override(store.db, 1) is not None


def test_one_that_is_over_cannot_be_undone(store):
    keep(store, COVER)
    with store.writing() as db:
        assert not cancel(db, 1, "U0ALEX", COVER.until)
    assert standing(store.db, COVER.until) == []


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM overrides", "never deleted"),
        ("UPDATE overrides SET until = '2027'", "can only be cancelled"),
        ("UPDATE overrides SET person = 'Kim'", "can only be cancelled"),
        ("UPDATE overrides SET cancelled_at = '2027'", "CHECK"),
    ],
)
def test_history_is_not_rewritten(store, statement, why):
    keep(store, COVER)
    with pytest.raises(sqlite3.IntegrityError, match=why), store.writing() as db:
        db.execute(statement)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(COVER, until=COVER.since),
        replace(COVER, replaces="priya"),
        replace(COVER, person=""),
        replace(COVER, by=""),
    ],
    ids=["it ends when it begins", "by themselves", "by nobody", "arranged by nobody"],
)
def test_nonsense_is_refused_by_the_database(store, wrong):
    with pytest.raises(sqlite3.IntegrityError):
        keep(store, wrong)
