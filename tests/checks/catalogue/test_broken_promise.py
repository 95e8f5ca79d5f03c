"""Broken promise: what is told, what is left to other checks, and what is not known."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.catalogue.broken_promise import judge
from checks.model import Level, Verdict
from checks.promises.model import Kept, Promise, Served
from checks.promises.policy import Policy
from checks.promises.words import say_share
from tests.checks.catalogue.promise_cases import DAY, MINUTE, NOW, PROMISE, evidence, kept, served

POLICY = Policy()


def judged(flow: Kept, blind: str = "") -> Verdict:
    (found,) = judge(evidence(flow, blind=blind), POLICY, NOW)
    return found


WELL, BADLY = served(good=125), served(121, 4, late=20)
CASES = {
    "everything well": (kept(served()), Level.OK, "clear"),
    "three of the five that may fail": (kept(served(497, 3)), Level.OK, "clear"),
    "four of the five that may fail": (kept(served(496, 4), BADLY), Level.EARLY, "failing"),
    "four of the five, and no faster than it may go on": (
        kept(served(496, 4)),
        Level.OK,
        "clear",
    ),
    "just as many as may fail": (kept(served(495, 5), BADLY), Level.EARLY, "failing"),
    "one more than may fail": (kept(served(494, 6)), Level.BREACH, "failing"),
    "one failure of few is not told": (kept(served(39, 1)), Level.OK, "clear"),
    "two failures of few are": (kept(served(38, 2)), Level.BREACH, "failing"),
    "too few runs": (kept(served(19, 0)), Level.UNKNOWN, "unseen"),
    "no run at all": (kept(served(0, 0)), Level.UNKNOWN, "unseen"),
    "it failed, and is over": (kept(served(480, 20), WELL), Level.OK, "clear"),
    "it failed, and nothing ran since": (
        kept(served(480, 20), served(0)),
        Level.UNKNOWN,
        "unseen",
    ),
    "twenty late of 500": (kept(served(500, late=20), BADLY), Level.EARLY, "slow"),
    "thirty late of 500": (kept(served(500, late=30)), Level.BREACH, "slow"),
    "fails and is late": (kept(served(480, 20, late=30)), Level.BREACH, "failing"),
    "nearly fails, and is late": (kept(served(496, 4, late=30), BADLY), Level.BREACH, "slow"),
    "little is known of the span": (kept(served(480, 20), known=0.5), Level.UNKNOWN, "unseen"),
    "told by another check": (
        kept(served(480, 20), told="its failing runs (#7)"),
        Level.UNKNOWN,
        "failing",
    ),
}


@pytest.mark.parametrize(("flow", "level", "signal"), CASES.values(), ids=CASES)
def test_a_promise_stands_as_its_runs_went(flow: Kept, level: Level, signal: str) -> None:
    found = judged(flow)
    assert (found.level, found.signal) == (level, signal)


def test_what_is_still_at_it_is_late_as_soon_as_it_took_longer() -> None:
    stuck = tuple([700] * 30)
    assert judged(kept(served(470, waiting=stuck))).level is Level.BREACH
    young = tuple([500] * 30)
    assert judged(kept(served(470, waiting=young))).level is Level.OK


def test_it_says_how_many_failed_and_how_many_may() -> None:
    assert judged(kept(served(486, 14))).sentence == (
        "14 of 500 runs of Orders to NetSuite failed within 1 d, more than the 5 that its promise "
        "allows (99 % are to succeed)."
    )


def test_it_says_how_many_were_late_with_their_wait() -> None:
    said = judged(kept(served(500, late=30), from_queue=True)).sentence
    assert said == (
        "30 of 500 runs of Orders to NetSuite took longer than 10 min with their wait in the queue "
        "within 1 d, more than the 25 that its promise allows (95 % are to be done within 10 min)."
    )


def test_measured_stands_beside_usual() -> None:
    shown = {each.label: each for each in judged(kept(served(486, 14, late=30))).measures}
    assert (shown["Succeeded"].measured, shown["Succeeded"].usual) == ("97.2 %", "99.8 %")
    assert shown["19 in 20 done within"].measured == "22 min"
    assert shown["19 in 20 done within"].usual == "40 s"


def test_without_a_past_nothing_is_called_usual() -> None:
    assert {each.usual for each in judged(kept(served(486, 14), before=None)).measures} == {None}


def test_what_explains_it_is_named_and_opens_nothing() -> None:
    found = judged(kept(served(480, 20), told="its failing runs (#7)"))
    assert found.explained_by == "its failing runs (#7)"
    assert "is explained by its failing runs (#7)" in found.sentence


def test_what_is_kept_needs_no_explanation() -> None:
    assert judged(kept(served(), told="its failing runs (#7)")).level is Level.OK


def test_a_blind_round_judges_nothing() -> None:
    found = judged(kept(served(480, 20)), blind="Patchworks did not answer")
    assert (found.level, found.sentence) == (Level.UNKNOWN, "Patchworks did not answer")


@pytest.mark.parametrize(
    ("promise", "label"),
    [
        (Promise(success=0.99, over=DAY), "Succeeded"),
        (Promise(within=10 * MINUTE, over=DAY), "19 in 20 done within"),
    ],
    ids=["success alone", "time alone"],
)
def test_only_what_is_promised_is_judged_and_shown(promise: Promise, label: str) -> None:
    found = judged(kept(served(480, 20, late=200), promise=promise))
    assert [each.label for each in found.measures] == [label, "Promised"]
    assert (" failed within " in found.sentence) == (promise.success is not None)


def test_a_share_is_never_rounded_up() -> None:
    assert [say_share(each) for each in (1.0, 0.99999, 0.99, 0.9725, 0.0)] == [
        "100 %",
        "99.99 %",
        "99 %",
        "97.25 %",
        "0 %",
    ]


counts = st.integers(0, 3000)


@given(good=counts, bad=counts, more=st.integers(1, 50))
def test_more_failures_never_make_it_better(good: int, bad: int, more: int) -> None:
    order = [Level.OK, Level.EARLY, Level.BREACH]
    promise = Promise(success=PROMISE.success, over=timedelta(hours=1))
    before, after = (
        judged(kept(Served(good=good, bad=each), promise=promise)).level
        for each in (bad, bad + more)
    )
    if Level.UNKNOWN not in (before, after):
        assert order.index(after) >= order.index(before)
