"""When a period is compared, and when again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reconciling.due import due_windows, next_look
from bot.reconciling.running import period_of
from bot.store.reconciliations import Kept
from checks.reconcile.model import Standing
from checks.reconcile.window import Window
from tests.bot.reconciling.estate import HOUR, MINUTE, NOON, pair

WINDOW = Window(since=NOON - HOUR, until=NOON)


def kept(looked_after, *, looks=1, blind="", settings=None):
    """A period that ended at noon and was found to differ so long after."""
    at = NOON + looked_after
    compared = replace(
        period_of(settings or pair(), WINDOW),
        looked_at=at,
        standing=Standing.DIFFERENT,
        blind=blind,
        blind_at=at if blind else None,
    )
    return Kept(compared=compared, first_at=NOON, looks=looks, batch=1, fingerprint="f", told="")


AGAIN = {
    "an hour after the first look": (35 * MINUTE, {}, HOUR),
    "with the next window where that is sooner": (35 * MINUTE, {"every": "15m"}, 15 * MINUTE),
    "every hour for a day's window too": (35 * MINUTE, {"every": "1d"}, HOUR),
    "still every hour after five": (5 * HOUR, {}, HOUR),
    "less often later": (6 * HOUR, {}, 3 * HOUR),
    "twice a day after a day": (24 * HOUR, {}, 12 * HOUR),
}


@pytest.mark.parametrize("case", AGAIN.values(), ids=AGAIN.keys())
def test_what_differs_is_looked_at_again(case):
    after, told, later = case
    assert next_look(pair(**told), kept(after)) == NOON + after + later


def test_what_could_not_be_read_is_tried_again_soon():
    assert next_look(pair(), kept(35 * MINUTE, blind="no answer")) == NOON + 50 * MINUTE


def test_a_look_that_was_cut_off_is_made_at_once():
    assert next_look(pair(), kept(35 * MINUTE, looks=0)) <= NOON


def due(now, *unsettled, done_until=NOON):
    return due_windows(pair(), zone=UTC, done_until=done_until, unsettled=unsettled, now=now)


def test_new_windows_come_before_those_to_be_looked_at_again():
    found = due(NOON + 3 * HOUR, kept(35 * MINUTE))
    assert [each.since for each in found] == [NOON, NOON + HOUR, NOON - HOUR]


def test_after_its_time_a_period_is_not_looked_at_any_more():
    late = NOON + 8 * 24 * HOUR
    assert due(late, kept(7 * 24 * HOUR), done_until=late) == ()


@given(minutes=st.integers(min_value=33, max_value=7 * 24 * 60))
def test_a_period_is_looked_at_a_bounded_number_of_times(minutes):
    """Hourly at first, fifteen times in a week."""
    settings, at, looks = pair(), NOON + timedelta(minutes=minutes), 0
    end = NOON + settings.look_again_for
    while at <= end:
        later = next_look(settings, kept(at - NOON))
        assert later - at >= HOUR
        at, looks = later, looks + 1
    assert looks <= 15
