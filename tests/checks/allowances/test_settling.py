"""How a warning turned out: exactly one outcome, by what came first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.allowances.policy import Policy
from checks.allowances.settling import (
    Act,
    Outcome,
    Rerun,
    Warned,
    acts_on,
    is_reached,
    settle,
)
from checks.limits import Allowance
from checks.model import Level, Subject, Verdict
from checks.runs import Changed
from tests.checks.catalogue.forecast_cases import forecast, shipping
from tests.checks.catalogue.limit_cases import NOW, allowance, h, m

WARNED = Warned(opened_at=NOW, horizon=h(72))
RAISED = "the limit is now 4,800 calls an hour"


def act(at: timedelta, said: str = RAISED) -> Act:
    return Act(at=NOW + at, said=said)


def rerun(at: timedelta, *acts: Act, before: float = 0.83, after: float = 0.12) -> Rerun:
    return Rerun(at=NOW + at, before=before, after=after, acts=acts)


def turned_out(
    *,
    breaches: tuple[timedelta, ...] = (),
    reruns: tuple[Rerun, ...] = (),
    after: timedelta | None = None,
) -> tuple[str, timedelta, str] | None:
    """The outcome, how long after the warning, and the sentence; as of three days on."""
    now = NOW + (after if after is not None else h(72))
    moments = [NOW + at for at in breaches]
    found = settle(WARNED, moments, reruns, unlikely=0.3, now=now)
    return found and (found.outcome.value, found.at - NOW, found.sentence)


FALSE = (
    "false",
    h(72),
    "The warning did not come true: the limit was not reached within 3 d.",
)
AVERTED = (
    "averted",
    h(5),
    f"Averted: {RAISED}, and the chance of reaching the limit fell from 83 % to 12 %.",
)


def hit(at: timedelta, said: str) -> tuple[str, timedelta, str]:
    return "hit", at, f"The warning was right: the limit was reached {said}."


CASES = {
    "nothing has happened yet": (turned_out(after=h(71)), None),
    "the horizon is over": (turned_out(), FALSE),
    "reached in time": (
        turned_out(breaches=(h(3) + m(10),), after=h(4)),
        hit(h(3) + m(10), "3 h 10 min after it"),
    ),
    "reached as it was given": (turned_out(breaches=(h(0),)), hit(h(0), "at that moment")),
    "reached twice, and the first counts": (
        turned_out(breaches=(h(9), h(4))),
        hit(h(4), "4 h after it"),
    ),
    "reached before the warning": (turned_out(breaches=(-h(1),)), FALSE),
    "reached when the horizon was over": (turned_out(breaches=(h(72),)), FALSE),
    "the limit was raised": (turned_out(reruns=(rerun(h(5), act(h(5))),), after=h(6)), AVERTED),
    "two hours between act and forecast": (
        turned_out(reruns=(rerun(h(5), act(h(3))),), after=h(6)),
        AVERTED,
    ),
    "the forecast fell long after the act": (
        turned_out(reruns=(rerun(h(5), act(h(2) + m(59))),)),
        FALSE,
    ),
    "the act came after the forecast fell": (
        turned_out(reruns=(rerun(h(5), act(h(6))),)),
        FALSE,
    ),
    "the act was before the warning": (
        turned_out(reruns=(rerun(h(1), act(-m(1))),)),
        FALSE,
    ),
    "it fell, and nobody did anything": (turned_out(reruns=(rerun(h(5)),)), FALSE),
    "it fell, and not low enough": (
        turned_out(reruns=(rerun(h(5), act(h(5)), after=0.3),)),
        FALSE,
    ),
    "it was low before the act": (
        turned_out(reruns=(rerun(h(5), act(h(5)), before=0.29),)),
        FALSE,
    ),
    "reached after it seemed averted": (
        turned_out(breaches=(h(7),), reruns=(rerun(h(5), act(h(5))),)),
        AVERTED,
    ),
    "reached before the act": (
        turned_out(breaches=(h(4),), reruns=(rerun(h(5), act(h(5))),)),
        hit(h(4), "4 h after it"),
    ),
    "reached at that very moment": (
        turned_out(breaches=(h(5),), reruns=(rerun(h(5), act(h(5))),)),
        hit(h(5), "5 h after it"),
    ),
    "averted after the horizon": (turned_out(reruns=(rerun(h(72), act(h(72))),)), FALSE),
    "what lies ahead is not known yet": (turned_out(breaches=(h(9),), after=h(8)), None),
}


@pytest.mark.parametrize(("found", "expected"), CASES.values(), ids=CASES.keys())
def test_how_a_warning_turned_out(found: object, expected: object) -> None:
    assert found == expected


hours = st.integers(-2, 80).map(h)
acts = st.builds(act, hours, st.sampled_from([RAISED, "somebody changed what spends it"]))
chances = st.sampled_from([0.0, 0.1, 0.29, 0.3, 0.31, 0.9])
reruns = st.builds(
    lambda at, told, before, after: rerun(at, *told, before=before, after=after),
    hours,
    st.lists(acts, max_size=3),
    chances,
    chances,
)
evidence = st.tuples(st.lists(hours, max_size=4), st.lists(reruns, max_size=4))


@given(evidence)
def test_once_the_horizon_is_over_there_is_exactly_one_outcome(
    told: tuple[list[timedelta], list[Rerun]],
) -> None:
    breaches, seen = told
    found = settle(WARNED, [NOW + at for at in breaches], seen, unlikely=0.3, now=NOW + h(200))
    assert found is not None
    in_time = [at for at in breaches if h(0) <= at < h(72)]
    assert (found.outcome is Outcome.HIT) <= bool(in_time)
    assert (found.outcome is Outcome.FALSE) <= (not in_time)
    averts = [each for each in seen if each.acts and each.after < 0.3 <= each.before]
    assert (found.outcome is Outcome.AVERTED) <= bool(averts)
    assert WARNED.opened_at <= found.at <= WARNED.ends_at


@given(evidence, hours, hours)
def test_what_is_settled_stays_so_however_much_is_learned_later(
    told: tuple[list[timedelta], list[Rerun]], early: timedelta, late: timedelta
) -> None:
    early, late = sorted((early, late))
    breaches = [NOW + at for at in told[0]]
    first = settle(WARNED, breaches, told[1], unlikely=0.3, now=NOW + early)
    then = settle(WARNED, breaches, told[1], unlikely=0.3, now=NOW + late)
    assert first in (None, then)


@given(evidence, st.randoms(use_true_random=False))
def test_the_order_of_the_evidence_does_not_matter(
    told: tuple[list[timedelta], list[Rerun]], chance: Random
) -> None:
    breaches, seen = [NOW + at for at in told[0]], told[1]
    mixed = [
        replace(each, acts=tuple(chance.sample(each.acts, len(each.acts))))
        for each in chance.sample(seen, len(seen))
    ]
    shuffled = chance.sample(breaches, len(breaches))
    assert settle(WARNED, shuffled, mixed, unlikely=0.3, now=NOW + h(80)) == settle(
        WARNED, breaches, seen, unlikely=0.3, now=NOW + h(80)
    )


def verdict(level: Level, signal: str = "clear") -> Verdict:
    subject = Subject(kind="system", id="shipping", name="ShipStation")
    return Verdict(
        check="rate_limit",
        condition="calls",
        subject=subject,
        level=level,
        signal=signal,
        sentence="It is said.",
    )


WELL = verdict(Level.OK)
HELD = verdict(Level.EARLY, "held")
REACHED = {
    "a breach": (allowance(3), verdict(Level.BREACH, "refused"), True),
    "plenty of room": (allowance(3), WELL, False),
    "all of it": (allowance(40), WELL, True),
    "all of it in the fullest minute of the hour": (allowance(3, worst=1.0), WELL, True),
    "nearly all of it": (allowance(39, worst=0.99), verdict(Level.EARLY, "nearly"), False),
    "nobody could look": (
        allowance(40, worst=1.0, blind="no answer"),
        verdict(Level.UNKNOWN),
        False,
    ),
    "no size": (allowance(40, None), WELL, False),
    "Patchworks holds calls back by its own limit": (
        allowance(3, id="instance/702/rate"),
        HELD,
        True,
    ),
    "Patchworks holds calls back by a pool": (allowance(3, id="pool/61/use"), HELD, True),
    "a system that has become slow": (allowance(3), HELD, False),
}


@pytest.mark.parametrize(("limit", "told", "is_so"), REACHED.values(), ids=REACHED.keys())
def test_whether_a_limit_is_reached(limit: Allowance, told: Verdict, is_so: bool) -> None:
    assert is_reached(limit, told, Policy(), NOW) is is_so


def changed(**of: str) -> Changed:
    return Changed(at=NOW - m(5), what="Schedule\nupdated", who="Priya", **of)


ACTS = {
    "a flow that calls it": (changed(flow_id="1"), True),
    "one of its instances": (changed(instance_id="702"), True),
    "another flow": (changed(flow_id="9"), False),
    "another instance": (changed(instance_id="9"), False),
    "who knows what": (changed(), False),
}


@pytest.mark.parametrize(("change", "counts"), ACTS.values(), ids=ACTS.keys())
def test_which_changes_bear_on_a_limit(change: Changed, counts: bool) -> None:
    limit = allowance(3)
    said = "somebody changed what spends it (Schedule updated)"
    expected = (Act(at=change.at, said=said),) if counts else ()
    assert acts_on(limit, limit, [change], frozenset({"1", "2"})) == expected


def test_a_changed_limit_is_an_act_once_the_forecast_goes_by_it() -> None:
    before = shipping()
    old = replace(before, size=4800.0)
    new = replace(old, forecast=replace(forecast(), amount=4800.0))
    assert acts_on(old, before, [], frozenset()) == ()
    assert acts_on(new, before, [], frozenset()) == (Act(at=new.at, said=RAISED),)
    assert acts_on(new, old, [], frozenset()) == (Act(at=new.at, said=RAISED),)
    assert acts_on(new, None, [], frozenset()) == ()
