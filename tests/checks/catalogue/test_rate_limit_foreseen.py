"""Endpoint API Rate Limiting, foreseen: when a forecast warns, and in which words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.allowances.findings import RANK
from checks.catalogue.rate_limit import Policy
from checks.limits import Allowance, TrackRecord
from checks.model import Foreseen, Level, Measure
from forecasting.model import Forecast, Reasons, Skill
from tests.checks.catalogue.forecast_cases import (
    NO_SKILL,
    RECORD,
    SKILLED,
    UNTRIED,
    WORSE,
    crossing,
    forecast,
    shipping,
)
from tests.checks.catalogue.limit_cases import (
    NAMES,
    NOW,
    allowance,
    d,
    flow,
    h,
    judged,
    m,
    refusal,
    s,
    spend,
    the_verdict,
)

unhurried = settings(deadline=None, max_examples=80)
CALM = (
    "ShipStation has used 300 of 2,400 calls an hour (12 %); nothing was refused in the last 15"
    " min."
)


@dataclass(frozen=True, kw_only=True)
class Case:
    forecast: Forecast
    level: Level
    signal: str
    says: str
    foreseen: Foreseen | None = None


def of(**reasons: object) -> Reasons:
    return Reasons(**({"usual_peak": 2000, "peak": 2650} | reasons))  # type: ignore[arg-type]


SPENT = "Dispatch to ShipStation spends most (61 % in the last hour)"
LIKELY = {"level": Level.EARLY, "signal": "foreseen", "foreseen": Foreseen.LIKELY}
WELL = {"level": Level.OK, "signal": "clear", "says": CALM}
CASES = {
    "the far horizon opens": Case(
        forecast=forecast(0.83, 0.2),
        says="ShipStation is likely (83 % within 72 h) to reach its limit of 2,400 calls an hour "
        f"in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}.",
        **LIKELY,
    ),
    "the near horizon sharpens": Case(
        forecast=forecast(0.9, 0.6),
        says="ShipStation is likely (60 % within 24 h) to reach its limit of 2,400 calls an hour "
        f"in about 5 h (between 3 h and 12 h from now); {SPENT}.",
        **LIKELY,
    ),
    "the very threshold opens": Case(
        forecast=forecast(0.4, 0.1),
        says="ShipStation is about as likely as not (40 % within 72 h) to reach its limit of 2,400 "
        f"calls an hour in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}.",
        **LIKELY,
    ),
    "too few forecasts judged to give a number": Case(
        forecast=forecast(0.9, 0.2, skill=UNTRIED),
        says="ShipStation is very likely to reach its limit of 2,400 calls an hour in about 1 d "
        f"4 h (between 5 h and 2 d 3 h from now); {SPENT}.",
        **LIKELY,
    ),
    "certainty is never claimed": Case(
        forecast=forecast(0.9999, 0.2),
        says="ShipStation is very likely (over 99 % within 72 h) to reach its limit of 2,400 calls "
        f"an hour in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}.",
        **LIKELY,
    ),
    "a promotion and growth are reasons": Case(
        forecast=forecast(reasons=of(occasions=("Black\nFriday", "Payday"), growth=0.12)),
        says="ShipStation is likely (83 % within 72 h) to reach its limit of 2,400 calls an hour "
        f"in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}; "
        "ahead: Black Friday, Payday; it grows by 12 % a week.",
        **LIKELY,
    ),
    "a sale that is on is told apart from what lies ahead": Case(
        forecast=forecast(reasons=of(occasions=("Sale", "Payday"), under_way=("Sale",))),
        says="ShipStation is likely (83 % within 72 h) to reach its limit of 2,400 calls an hour "
        f"in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}; "
        "today: Sale; ahead: Payday.",
        **LIKELY,
    ),
    "the weekday's own peak is a reason": Case(
        forecast=forecast(reasons=of(usual_peak=2100, growth=0.04)),
        says="ShipStation is likely (83 % within 72 h) to reach its limit of 2,400 calls an hour "
        f"in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}; "
        "that weekday usually peaks at 2,100.",
        **LIKELY,
    ),
    "between the thresholds nothing opens and nothing closes": Case(
        forecast=forecast(0.39, 0.1),
        level=Level.OK,
        signal="undecided",
        says="That ShipStation reaches its limit of 2,400 calls an hour within 72 h is neither "
        f"likely nor unlikely (chance: 39 %). {CALM}",
        foreseen=Foreseen.UNDECIDED,
    ),
    "the lower threshold is still between": Case(
        forecast=forecast(0.3, 0.1, skill=UNTRIED),
        level=Level.OK,
        signal="undecided",
        says="That ShipStation reaches its limit of 2,400 calls an hour within 72 h is neither "
        f"likely nor unlikely (chance: possible). {CALM}",
        foreseen=Foreseen.UNDECIDED,
    ),
    "below the lower threshold all is well": Case(forecast=forecast(0.29, 0.1), **WELL),
    "a forecast without skill is told and warns nobody": Case(
        forecast=forecast(0.9, 0.6, skill=NO_SKILL),
        level=Level.OK,
        signal="foreseen_without_skill",
        says="A forecast has ShipStation reach its limit of 2,400 calls an hour within 72 h, but "
        "forecasts of it have been no better so far than knowing how often it happens, so nobody "
        f"is warned. {CALM}",
    ),
    "a forecast that is worse than nothing keeps nothing open": Case(
        forecast=forecast(0.39, 0.1, skill=WORSE), **WELL
    ),
    "withheld": Case(forecast=forecast(withheld="only 30 h of history are known"), **WELL),
    "three hours old": Case(
        forecast=forecast(age=h(3)),
        says="ShipStation is likely (83 % within 72 h) to reach its limit of 2,400 calls an hour "
        f"in about 1 d 4 h (between 5 h and 2 d 3 h from now); {SPENT}.",
        **LIKELY,
    ),
    "older than that it opens nothing and closes nothing": Case(
        forecast=forecast(age=h(3) + s(1)),
        level=Level.OK,
        signal="undecided",
        says="Whether ShipStation reaches its limit of 2,400 calls an hour is not known just now: "
        f"the newest forecast is 3 h old. {CALM}",
        foreseen=Foreseen.UNDECIDED,
    ),
    "as old as that of which it spoke": Case(
        forecast=forecast(age=h(72)),
        level=Level.OK,
        signal="undecided",
        says="Whether ShipStation reaches its limit of 2,400 calls an hour is not known just now: "
        f"the newest forecast is 3 d old. {CALM}",
        foreseen=Foreseen.UNDECIDED,
    ),
    "older than that of which it spoke": Case(forecast=forecast(age=h(72) + s(1)), **WELL),
    "old, and it spoke of nothing": Case(forecast=forecast(0.29, 0.1, age=h(4)), **WELL),
    "old, and without skill": Case(forecast=forecast(age=h(4), skill=NO_SKILL), **WELL),
    "passed already": Case(forecast=forecast(1.0, 1.0), **WELL),
    "hardly ever used": Case(forecast=forecast(reasons=of(usual_peak=719)), **WELL),
    "nothing is known of its use": Case(forecast=forecast(reasons=Reasons()), **WELL),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_a_forecast_makes_of_an_allowance(case: Case) -> None:
    verdict = the_verdict(shipping(case.forecast), flow(good=1))
    assert (verdict.level, verdict.signal, verdict.sentence) == (
        case.level,
        case.signal,
        case.says,
    )
    assert verdict.foreseen is case.foreseen


MOMENTS = {
    "28 h ahead": (forecast(0.83, 0.2), h(28)),
    "5 h ahead, by the near horizon": (forecast(0.83, 0.5), h(5)),
    "a moment that has passed is now": (
        replace(forecast(), crossings=(crossing(72, 0.8, -h(1)),)),
        h(0),
    ),
    "under 14 days of history only the near horizon speaks": (
        replace(forecast(), crossings=(crossing(24, 0.8, h(7)),)),
        h(7),
    ),
    "no moment": (replace(forecast(), crossings=(crossing(72, 0.8),)), None),
}


@pytest.mark.parametrize(("told", "ahead"), MOMENTS.values(), ids=MOMENTS.keys())
def test_when_it_is_expected(told: Forecast, ahead: object) -> None:
    verdict = the_verdict(shipping(told), flow(good=1))
    assert verdict.level is Level.EARLY
    assert verdict.expected_at == (None if ahead is None else NOW + ahead)  # type: ignore[operator]


SOON = {
    "within the hour": (crossing(24, 0.8, m(44)), "within the hour;"),
    "about an hour": (crossing(24, 0.8, m(46)), "in about 1 h;"),
    "from now on": (crossing(24, 0.8, h(2), within=(m(0), h(4))), "2 h (between now and 5 h from"),
    "a range that says nothing": (crossing(24, 0.8, h(2), within=(h(2), h(2) + m(9))), "2 h;"),
}


@pytest.mark.parametrize(("told", "says"), SOON.values(), ids=SOON.keys())
def test_hours_are_named_and_minutes_are_not(told: object, says: str) -> None:
    limit = shipping(replace(forecast(), crossings=(told,)))  # type: ignore[arg-type]
    assert says in the_verdict(limit, flow(good=1)).sentence


def test_no_size_no_forecast() -> None:
    limit = replace(shipping(), size=None)
    verdict = the_verdict(limit, flow(good=1))
    assert (verdict.level, verdict.foreseen) == (Level.OK, None)
    assert verdict.facts["unforeseen"] == "Its limit is not known, so nothing can be foreseen."


def test_who_spends_it_at_the_foreseen_peak_is_named_and_not_who_did_of_late() -> None:
    limit = replace(shipping(), peak_spends=(spend(30), spend(570, "2")))
    verdict = the_verdict(limit, flow(good=1))
    assert f"; {NAMES['2']} usually spends most then (95 %)." in verdict.sentence
    assert verdict.facts["heaviest_flow_id"] == "2"
    (told,) = (each for each in verdict.measures if each.label == "Usually spent by then")
    assert told.measured.startswith(f"{NAMES['2']} (570), {NAMES['1']} (30)")
    observed = the_verdict(replace(limit, used=2400.0), flow(good=1))
    assert observed.facts["heaviest_flow_id"] == "1"


def test_what_is_nearly_used_up_and_foreseen_is_told_in_one_with_the_sooner_moment() -> None:
    limit = replace(shipping(forecast(0.83, 0.6)), used=2300.0, resets_at=NOW + h(9))
    verdict = the_verdict(limit, flow(good=1))
    assert (verdict.level, verdict.signal) == (Level.EARLY, "nearly")
    assert verdict.foreseen is Foreseen.LIKELY
    assert verdict.sentence.startswith("ShipStation has used 2,300 of 2,400 calls an hour (95 %)")
    assert verdict.sentence.endswith(" It is likely (60 % within 24 h) to be reached in about 5 h.")
    assert verdict.expected_at == NOW + h(1) - s(10)  # at the last hour's pace, seen 10 s ago


def test_what_is_used_up_is_observed_and_not_foreseen() -> None:
    verdict = the_verdict(shipping(used=2400), flow(good=1))
    assert (verdict.level, verdict.signal, verdict.foreseen) == (Level.BREACH, "used_up", None)
    assert verdict.facts["unforeseen"] == "It is used up already, so there is nothing to foresee."


def test_a_refusal_speaks_before_a_forecast_under_the_same_key() -> None:
    foreseen = the_verdict(shipping(), flow(good=1))
    refused = the_verdict(shipping(), flow(refusal("1"), refusal("2")))
    assert (refused.level, refused.signal) == (Level.BREACH, "refused")
    assert refused.key == foreseen.key


@pytest.mark.parametrize(
    ("age", "ends"),
    [
        pytest.param(m(30), " Today: Spring sale.", id="a sale"),
        pytest.param(h(3), " usually 12; of the flows Dispatch to", id="as of an old forecast"),
    ],
)
def test_what_the_warning_foretold_is_kept_when_it_happens(age: timedelta, ends: str) -> None:
    reasons = of(occasions=("Spring sale", "Payday"), under_way=("Spring sale",))
    limit = shipping(forecast(reasons=reasons, age=age), used=2400)
    for verdict in (the_verdict(limit, flow(refusal("1"))), the_verdict(limit, flow(good=1))):
        assert verdict.level is Level.BREACH
        assert "Dispatch to ShipStation spends most (61 in the last hour)" in verdict.sentence
        assert ends in verdict.sentence
        assert "Payday" not in verdict.sentence


def test_a_forecast_warns_while_the_use_cannot_be_read() -> None:
    verdict = the_verdict(replace(shipping(), blind="no answer"), flow(good=1))
    assert (verdict.level, verdict.signal) == (Level.EARLY, "foreseen")
    unlikely = replace(shipping(forecast(0.39, 0.1)), blind="no answer")
    assert the_verdict(unlikely, flow(good=1)).level is Level.UNKNOWN


def test_what_is_expected_is_measured_beside_the_usual_and_the_record() -> None:
    told = {each.label: each for each in the_verdict(shipping(), flow(good=1)).measures}
    assert told["Peak expected"] == Measure(
        label="Peak expected", measured="2,650 calls an hour", usual="2,000 on that weekday"
    )
    assert told["Track record"].measured == (
        "last 30 days: 9 of 11 right, median lead 2 h 10 min, 1 averted, 3 missed"
    )
    assert list(told)[:4] == ["Used", "Limit", "Peak expected", "Track record"]
    calm = the_verdict(shipping(forecast(0.1, 0.1)), flow(good=1)).measures
    assert not {"Peak expected", "Track record"} & {each.label for each in calm}


def test_a_first_warning_has_no_record_yet() -> None:
    limit = replace(shipping(), record=TrackRecord(since=RECORD.since))
    told = {each.label: each.measured for each in the_verdict(limit, flow(good=1)).measures}
    assert told["Track record"] == "last 30 days: no warning judged yet"


@pytest.mark.parametrize(
    ("since_the_forecast", "level"),
    [
        pytest.param(m(0), Level.OK, id="reached in the moment of the forecast: it says nothing"),
        pytest.param(m(20), Level.OK, id="reached after the forecast: it is out of date"),
        pytest.param(-m(1), Level.EARLY, id="reached before the forecast, which knows of it"),
    ],
)
def test_a_forecast_from_before_the_limit_was_reached_warns_of_nothing(
    since_the_forecast: timedelta, level: Level
) -> None:
    limit = shipping()
    assert limit.forecast is not None
    reached = replace(RECORD, reached_at=limit.forecast.made_at + since_the_forecast)
    assert the_verdict(replace(limit, record=reached), flow(good=1)).level is level


def test_the_runbook_and_the_channel_get_every_figure_of_the_forecast() -> None:
    reasons = of(growth=-0.031, occasions=("Payday",))
    facts = the_verdict(shipping(forecast(0.83, 0.6, reasons=reasons)), flow(good=1)).facts
    told = {name: facts[name] for name in list(facts)[list(facts).index("chance_72") :]}
    assert told == {
        "chance_72": "83 %",
        "chance_24": "60 %",
        "expected_at": "2026-03-02T15:00:00+00:00",
        "soonest": "2026-03-02T13:00:00+00:00",
        "latest": "2026-03-02T22:00:00+00:00",
        "headroom": "-250",
        "peak": "2,650",
        "usual_peak": "2,000",
        "growth": "-3 % a week",
        "occasions": "Payday",
        "model": "mixture",
        "skill": "0.29 from 40 forecasts",
        "record": "last 30 days: 9 of 11 right, median lead 2 h 10 min, 1 averted, 3 missed",
        "forecast_made_at": "2026-03-02T09:30:00+00:00",
        "unforeseen": None,
    }


WHY = {
    "withheld": (
        forecast(withheld="only 30 h of history\nare known."),
        "No forecast is given: only 30 h of history are known.",
    ),
    "old": (forecast(age=h(4)), "The newest forecast is 4 h old, so it does not warn."),
    "little used": (
        forecast(reasons=of(usual_peak=240)),
        "At most 12 % of it has been used of late, so no forecast warns.",
    ),
}


@pytest.mark.parametrize(("told", "why"), WHY.values(), ids=WHY.keys())
def test_why_nothing_is_foreseen_is_a_fact(told: Forecast, why: str) -> None:
    assert the_verdict(shipping(told), flow(good=1)).facts["unforeseen"] == why


def test_the_thresholds_of_the_settings_hold() -> None:
    with pytest.raises(ValueError, match="expected unlikely to be at most as high as likely"):
        Policy(likely=0.2)
    strict = Policy(likely=0.9, unlikely=0.85, warned=1)
    (verdict,) = judged(shipping(forecast(0.83, 0.2)), flows=(flow(good=1),), policy=strict)
    assert verdict.signal == "clear"


CHANCES = st.floats(0.001, 0.999)
SKILLS = st.sampled_from([SKILLED, UNTRIED, NO_SKILL, Skill()])
forecasts = st.builds(forecast, CHANCES, CHANCES, skill=SKILLS)


def level_of(limit: Allowance) -> Level:
    return the_verdict(limit, flow(good=1)).level


@unhurried
@given(forecasts)
def test_nothing_is_foreseen_without_a_size_below_the_floor_or_when_withheld(
    told: Forecast,
) -> None:
    floored = replace(told, reasons=of(usual_peak=100))
    silent = (
        replace(shipping(told), size=None),
        shipping(floored),
        shipping(replace(told, crossings=(), withheld="too short")),
        shipping(replace(told, made_at=NOW - d(4))),
    )
    assert {level_of(each) for each in silent} == {Level.OK}
    assert all(the_verdict(each, flow(good=1)).foreseen is None for each in silent)


@unhurried
@given(CHANCES, CHANCES, CHANCES, SKILLS, st.sampled_from([300.0, 2100.0, 2400.0]))
def test_a_higher_chance_never_lowers_the_level(
    near: float, low: float, high: float, skill: Skill, used: float
) -> None:
    low, high = sorted((low, high))
    levels = [
        level_of(shipping(forecast(far, near, skill=skill), used=used)) for far in (low, high)
    ]
    assert RANK[levels[0]] <= RANK[levels[1]]


@unhurried
@given(forecasts, st.sampled_from([0.0, 300.0, 2300.0, 2400.0]))
def test_a_forecast_never_hides_what_is_observed(told: Forecast, used: float) -> None:
    bare = replace(allowance(used, 2400, h(1)), forecast=None)
    assert RANK[level_of(replace(bare, forecast=told))] >= RANK[level_of(bare)]
