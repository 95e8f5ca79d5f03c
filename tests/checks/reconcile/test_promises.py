"""What holds for all records: order, repeats and windows change nothing, every fault is found."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.reconcile.compare import CROWD
from checks.reconcile.model import Record, Standing
from checks.reconcile.window import Window
from tests.checks.reconcile.cases import (
    READ_AT,
    SINCE,
    UNTIL,
    WINDOW,
    compare,
    order,
    pairing,
    shown,
)

FEWER = 40  # each compares twice or more
MINUTES = st.integers(0, 119)
NOTES = st.text(max_size=12)
TOTALS = st.decimals(min_value=-9999, max_value=9999, places=2)
KEYS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=4).filter(
    lambda key: not (key.startswith("0") and key.isdigit())
)


@st.composite
def orders(draw) -> list[Record]:
    keys = draw(st.lists(KEYS, unique_by=normal, max_size=12))
    return [
        order(
            key,
            at=SINCE + timedelta(minutes=draw(MINUTES)),
            total=draw(TOTALS),
            note=draw(NOTES),
            name=draw(NOTES),
        )
        for key in keys
    ]


def normal(key):
    import unicodedata

    return unicodedata.normalize("NFC", key)


@st.composite
def faulty(draw) -> tuple[list[Record], list[Record]]:
    """A source, and a target in which some are missing, changed or too many."""
    source = draw(orders())
    target = []
    for record in source:
        fault = draw(st.sampled_from(["none", "none", "lost", "note", "twice"]))
        if fault == "note":
            target.append(replace(record, fields=record.fields | {"note": draw(NOTES)}))
        elif fault != "lost":
            target.append(record)
        if fault == "twice":
            target.append(replace(record, id=f"{record.id} copy"))
    return source, target


@given(orders(), st.randoms(use_true_random=False))
def test_no_difference_is_found_where_both_hold_the_same(source, chance):
    target = list(source)
    chance.shuffle(target)
    outcome, found = compare(source, target)
    assert found == []
    assert outcome.standing is Standing.SAME
    assert outcome.source == outcome.target
    assert outcome.source.records == len(source)


@settings(max_examples=FEWER)
@given(faulty(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_changes_nothing(both, chance):
    source, target = both
    first = compare(source, target)
    for records in (source, target):
        chance.shuffle(records)
    assert compare(source, target) == first


@settings(max_examples=FEWER)
@given(faulty(), st.randoms(use_true_random=False))
def test_pages_that_repeat_change_nothing(both, chance):
    source, target = both
    repeated = [
        records + chance.sample(records, k=chance.randint(0, len(records))) for records in both
    ]
    assert compare(*repeated) == compare(source, target)


@settings(max_examples=FEWER)
@given(faulty(), st.integers(1, 119))
def test_windows_side_by_side_find_together_what_one_over_both_finds(both, minute):
    source, target = both
    middle = SINCE + timedelta(minutes=minute)
    halves = [
        compare(source, target, window=Window(since=since, until=until))
        for since, until in ((SINCE, middle), (middle, UNTIL))
    ]
    whole, found = compare(source, target)
    apart = [difference for _, each in halves for difference in each]
    assert Counter(shown(apart)) == Counter(shown(found))
    for side in ("source", "target"):
        records = [getattr(outcome, side).records for outcome, _ in halves]
        assert sum(records) == getattr(whole, side).records


@given(orders(), orders())
def test_nothing_is_sure_that_was_seen_while_it_changed(source, target):
    outcome, found = compare(source, target, read_at=SINCE)
    assert not any(each.is_sure for each in found)
    assert outcome.standing is not Standing.DIFFERENT


FAULTS = {
    "lost": "missing in target",
    "invented": "missing in source",
    "another total": "value differs",
    "street cut": "shortened",
    "name cut": "shortened",
    "zeros lost": "type changed",
    "twice": "duplicated",
}


def test_every_injected_fault_is_found_and_classed_among_a_thousand():
    chance = random.Random(7)
    source = [
        order(
            f"{number:05}x",
            total=f"{number}.10",
            street=f"{number} Great Western Arcade",
            name=f"Person {number} of the family",
            note=f"0{number}",
        )
        for number in range(1000)
    ]
    hurt = dict(zip(FAULTS, chance.sample(source, len(FAULTS)), strict=True))
    target = list(source)
    for fault, record in hurt.items():
        target.remove(record)
        target += injured(fault, record)
    outcome, found = compare(source, target)
    expected = {
        (kind, "invented" if fault == "invented" else hurt[fault].key)
        for fault, kind in FAULTS.items()
    }
    assert {(each.kind.value, each.key) for each in found} == expected
    assert len(found) == len(expected)
    assert all(each.is_sure for each in found)
    assert outcome.records_differing == len(expected)


def injured(fault, record):
    hurt = {
        "another total": {"total": "0.01"},
        "street cut": {"street": record.fields["street"][:20]},
        "name cut": {"name": record.fields["name"][:12]},
        "zeros lost": {"note": record.fields["note"].lstrip("0")},
    }
    if fault == "lost":
        return []
    if fault == "invented":
        return [record, replace(record, key="invented", id="invented")]
    if fault == "twice":
        return [record, replace(record, id="again")]
    return [replace(record, fields=record.fields | hurt[fault])]


def test_three_of_a_thousand_are_found_while_orders_keep_arriving():
    source = [order(f"S{number}") for number in range(1000)]
    lost = {"S17", "S400", "S999"}
    target = [record for record in source if record.key not in lost]
    arriving = [order(f"N{number}", at=READ_AT, changed_at=READ_AT) for number in range(50)]
    outcome, found = compare(source + arriving, target + arriving[:20])
    assert shown(found) == [("missing in target", key, "") for key in sorted(lost)]
    assert (outcome.source.records, outcome.target.records) == (1000, 997)


@pytest.mark.parametrize("number", [CROWD, CROWD + 500])
def test_a_key_that_identifies_nothing_is_said_to_and_ends(number):
    source = [order("1", id=str(each), total=each) for each in range(number)]
    outcome, found = compare(source, source[:2], paired=pairing(), asked=False)
    assert {each.kind.value for each in found} <= {"duplicated", "value differs"}
    crowded = any("share a key" in each for each in outcome.doubts)
    assert crowded == (number > CROWD)


@given(st.lists(st.one_of(st.text(max_size=8), st.integers(), st.floats(), st.none()), max_size=8))
def test_whatever_systems_tell_is_taken(told):
    records = [
        order(key, total=value, lines=value, due=value, name=value, note=value)
        for key, value in enumerate(told)
    ]
    outcome, found = compare(records, records, window=WINDOW)
    assert found == []
    assert outcome.standing is Standing.SAME
