"""N of M in, stay-clear out, quiet after a person's resolve; blind is neither."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.watchpoint import Step, Watchpoint, observe, quieted, resumed
from checks.model import Level
from checks.policy import CheckPolicy, NofM

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
POLICY = CheckPolicy(
    opens_after=NofM(needed=3, of=5), stay_clear=3 * MINUTE, reopen_after=60 * MINUTE
)
LEVELS = {"t": Level.BREACH, "e": Level.EARLY, "o": Level.OK, "?": Level.UNKNOWN}


def live(levels: str, point: Watchpoint | None = None, start: datetime = NOON) -> list[Step]:
    """The steps of one round a minute; an alert is open from OPEN to CLEARED."""
    point = point or Watchpoint(key="queue/main/stalled_queue/queue")
    steps, is_open = [], False
    for minute, letter in enumerate(levels):
        now = start + minute * MINUTE
        point, step = observe(point, LEVELS[letter], alert_is_open=is_open, policy=POLICY, now=now)
        is_open = (is_open or step in (Step.OPEN, Step.STILL_STANDING)) and step != Step.CLEARED
        steps.append(step)
    return steps


@pytest.mark.parametrize(
    ("levels", "last"),
    [
        pytest.param("tt", Step.PENDING, id="two of five are not enough"),
        pytest.param("ttt", Step.OPEN, id="three in a row open"),
        pytest.param("eee", Step.OPEN, id="early counts as trouble"),
        pytest.param("totot", Step.OPEN, id="three of five open"),
        pytest.param("tooott", Step.PENDING, id="the sixth round forgets the first"),
        pytest.param("t?t?t", Step.OPEN, id="blind rounds neither count nor break the count"),
        pytest.param("???????", Step.BLIND, id="blind never opens"),
        pytest.param("tttt", Step.SEEN_AGAIN, id="seen again while open"),
        pytest.param("tttooo", Step.CLEARING, id="not clear for long enough"),
        pytest.param("tttoooo", Step.CLEARED, id="clear for three minutes closes"),
        pytest.param("tttooto", Step.CLEARING, id="trouble in between starts the stay-clear anew"),
        pytest.param("ttt????????", Step.BLIND, id="blind never closes"),
        pytest.param("tttoo?o", Step.CLEARING, id="being blind is not being clear"),
        pytest.param("tttoooott", Step.PENDING, id="after closing, the count begins anew"),
    ],
)
def test_the_last_round_means(levels, last):
    assert live(levels)[-1] is last


def once(level: Level, point: Watchpoint, *, is_open: bool = False, **how: bool) -> Step:
    _, step = observe(point, level, alert_is_open=is_open, policy=POLICY, now=NOON, **how)
    return step


def test_what_a_second_look_would_not_tell_better_opens_in_its_first_round():
    point = Watchpoint(key="k")
    assert once(Level.EARLY, point, at_once=True) is Step.OPEN
    assert once(Level.EARLY, point) is Step.PENDING
    assert once(Level.OK, point, at_once=True) is Step.FINE
    assert once(Level.UNKNOWN, point, at_once=True) is Step.BLIND


def test_a_persons_resolve_is_heeded_by_what_opens_at_once():
    assert once(Level.EARLY, quieted(Watchpoint(key="k"), 42, NOON), at_once=True) is Step.QUIET


def test_an_undecided_round_neither_closes_nor_ends_the_quiet():
    clearing = Watchpoint(key="k", recent="oo", clear_since=NOON - 60 * MINUTE)
    point, step = observe(
        clearing, Level.OK, alert_is_open=True, policy=POLICY, now=NOON, undecided=True
    )
    assert (step, point.clear_since) == (Step.UNDECIDED, None)
    quiet = replace(clearing, quiet_since=NOON - 120 * MINUTE, quiet_incident=42)
    assert once(Level.OK, quiet, undecided=True) is Step.UNDECIDED
    assert once(Level.OK, clearing, undecided=True) is Step.FINE
    assert once(Level.EARLY, clearing, is_open=True, undecided=True) is Step.SEEN_AGAIN


def test_after_a_persons_resolve_a_standing_condition_stays_quiet_for_an_hour():
    point = quieted(Watchpoint(key="k", recent="ttt"), 42, NOON)
    steps = live("t" * 61, point, NOON)
    assert set(steps[:60]) == {Step.QUIET}
    assert steps[60] is Step.STILL_STANDING


def test_quiet_ends_once_it_has_been_ok_for_the_stay_clear_time():
    point = quieted(Watchpoint(key="k"), 42, NOON)
    assert live("ooootttt", point)[-3:] == [Step.PENDING, Step.OPEN, Step.SEEN_AGAIN]
    assert live("ootttttt", point)[-1] is Step.QUIET


def after(gap: timedelta) -> list[Step]:
    """Trouble, one ok round, a jump of the clock, then ok rounds a minute apart."""
    point = Watchpoint(key="k", recent="tttto", seen_at=NOON, clear_since=NOON)
    steps = []
    for minute in range(4):
        now = NOON + gap + minute * MINUTE
        point, step = observe(point, Level.OK, alert_is_open=True, policy=POLICY, now=now)
        steps.append(step)
    return steps


def test_hours_that_nobody_looked_at_do_not_count_as_ok():
    """What was foreseen is foreseen anew a moment after the clock has jumped."""
    assert after(timedelta(hours=1))[0] is Step.CLEARED
    assert after(timedelta(hours=6)) == [*[Step.CLEARING] * 3, Step.CLEARED]


def test_with_hours_between_all_looks_it_closes_once_all_of_the_last_are_ok():
    point, steps = Watchpoint(key="k", recent="ttttt", seen_at=NOON), []
    for number in range(1, 6):
        now = NOON + number * timedelta(hours=2)
        point, step = observe(point, Level.OK, alert_is_open=True, policy=POLICY, now=now)
        steps.append(step)
    assert steps == [*[Step.CLEARING] * 4, Step.CLEARED]


def test_after_a_long_pause_old_rounds_do_not_count():
    point = Watchpoint(key="k", recent="tt", seen_at=NOON)
    assert resumed(point, 10 * MINUTE, NOON + 11 * MINUTE).recent == ""
    assert resumed(point, 10 * MINUTE, NOON + 9 * MINUTE) == point


@given(st.text(alphabet="teo?", max_size=40))
def test_it_opens_only_after_enough_trouble_and_closes_only_after_enough_ok(levels):
    steps = live(levels)
    for number, step in enumerate(steps):
        seen = [letter for letter in levels[: number + 1] if letter != "?"]
        if step is Step.OPEN:
            assert sum(letter in "te" for letter in seen[-5:]) >= 3
            assert levels[number] in "te"
        if step is Step.CLEARED:
            assert set(levels[number - 3 : number + 1]) == {"o"}


@given(st.text(alphabet="te?", max_size=80), st.integers(0, 59))
def test_no_round_of_a_standing_condition_opens_within_the_hour_of_quiet(levels, minutes):
    point = quieted(Watchpoint(key="k"), 7, NOON)
    steps = live(levels[: max(0, 60 - minutes)], point, NOON + minutes * MINUTE)
    assert not {Step.OPEN, Step.STILL_STANDING} & set(steps)
    assert replace(point, recent="") == point
