"""Covered spans: what is known without gaps, and where the gaps are."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import covered
from bot.store.covered import Span

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def cover(store, *spans):
    with store.writing() as db:
        for since, until in spans:
            covered.cover(db, since, until)


def test_rounds_that_reach_back_past_the_last_one_are_one_span(store, noon):
    cover(store, *((noon + n * MINUTE, noon + (n + 10) * MINUTE) for n in range(30)))
    assert covered.known_since(store.db) == noon
    assert covered.gaps(store.db, noon, noon + 39 * MINUTE) == []


def test_a_long_stop_leaves_a_gap_until_it_is_filled(store, noon):
    cover(store, (noon, noon + HOUR), (noon + 30 * HOUR, noon + 31 * HOUR))
    gap = Span(since=noon + HOUR, until=noon + 30 * HOUR)
    assert covered.gaps(store.db, noon, noon + 31 * HOUR) == [gap]
    assert covered.known_since(store.db) == noon + 30 * HOUR
    cover(store, (gap.since, gap.until))
    assert covered.gaps(store.db, noon, noon + 31 * HOUR) == []
    assert covered.known_since(store.db) == noon


def test_before_anything_was_read_all_is_a_gap(store, noon):
    assert covered.gaps(store.db, noon, noon + HOUR) == [Span(since=noon, until=noon + HOUR)]
    assert covered.known_since(store.db) is None
    assert covered.share_covered(store.db, noon, noon + HOUR) == 0


def test_a_span_that_ends_before_it_begins_covers_nothing(store, noon):
    cover(store, (noon + HOUR, noon), (noon, noon))
    assert covered.known_since(store.db) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(spans=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 30)), max_size=12))
def test_spans_hold_exactly_the_minutes_that_were_covered(store, noon, spans):
    with store.writing() as db:
        db.execute("DELETE FROM covered")
    cover(store, *((noon + a * MINUTE, noon + (a + n) * MINUTE) for a, n in spans))
    minutes = {minute for a, n in spans for minute in range(a, a + n)}
    end = noon + 130 * MINUTE
    known = covered.covered(store.db, noon, end)
    places = [((span.since - noon) // MINUTE, (span.until - noon) // MINUTE) for span in known]
    assert {n for first, last in places for n in range(first, last)} == minutes
    lost = covered.gaps(store.db, noon, end)
    edges = [
        at
        for span in sorted([*known, *lost], key=lambda s: s.since)
        for at in (span.since, span.until)
    ]
    assert edges[0] == noon
    assert edges[-1] == end
    assert edges[1:-1:2] == edges[2:-1:2]  # known and lost follow each other without holes
    assert abs(covered.share_covered(store.db, noon, end) - len(minutes) / 130) < 1e-9
