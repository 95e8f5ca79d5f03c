"""Endpoint API Rate Limiting: refused and held runs, in which words and how grave."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks.catalogue.rate_limit import CHECK, Policy, judge
from checks.declare import Cause, Shape, Whose
from checks.failures import FlowRuns
from checks.limits import Allowance, Spend
from checks.model import Level
from checks.runs import RunStatus
from tests.checks.catalogue.limit_cases import (
    NOW,
    WARNED,
    Case,
    allowance,
    by_day,
    d,
    ended,
    evidence,
    flow,
    h,
    judged,
    m,
    pace,
    refusal,
    s,
    spend,
    the_verdict,
)

SLOW = {
    "runs that take longer while all is green": Case(
        limit=allowance(20, pace=pace(4.2)),
        flows=(flow(good=4),),
        level=Level.EARLY,
        signal="held",
        says="One operation with ShipStation takes 4.2 s, usually 0.5 s, and no run fails: "
        "requests are probably being held back by the instance's limit or the pool.",
    ),
    "longer runs where no limit is published": Case(
        limit=allowance(None, None, pace=pace(4.2), spends=(spend(31),)),
        flows=(flow(good=4),),
        level=Level.EARLY,
        signal="held",
        says="One operation with ShipStation takes 4.2 s, usually 0.5 s, and no run fails: "
        "requests are probably being held back by the instance's limit or the pool; of the flows "
        "only Dispatch to ShipStation spends it (31 in the last hour).",
    ),
    "runs that take twice what is rarely passed": Case(
        limit=allowance(None, None, pace=pace(2)),
        flows=(flow(good=4),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
    "two runs prove nothing": Case(
        limit=allowance(None, None, pace=pace(9, runs=2)),
        flows=(flow(good=4),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
    "what is usual is hardly known": Case(
        limit=allowance(None, None, pace=pace(9, count=19)),
        flows=(flow(good=4),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
    "the blink of an eye doubled": Case(
        limit=allowance(None, None, pace=pace(0.19, usually=0.01)),
        flows=(flow(good=4),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
    "what fails is slow for reasons of its own": Case(
        limit=allowance(None, None, pace=pace(9)),
        flows=(flow(good=4, other=(ended("x", status=RunStatus.FAILURE),)),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
    "what failed long ago is over": Case(
        limit=allowance(None, None, pace=pace(9)),
        flows=(flow(good=4, other=(ended("x", ago=m(16), status=RunStatus.FAILURE),)),),
        level=Level.EARLY,
        signal="held",
        says="One operation with ShipStation takes 9 s, usually 0.5 s, and no run fails: requests "
        "are probably being held back by the instance's limit or the pool.",
    ),
    "nothing is known of the runs": Case(
        limit=allowance(None, None, pace=pace(9)),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
}

REFUSED = {
    "three runs failed by it": Case(
        limit=allowance(38),
        flows=(flow(refusal("1"), refusal("2", ago=m(12)), refusal("3", ago=m(1))),),
        level=Level.BREACH,
        signal="refused",
        says="3 runs of Dispatch to ShipStation failed in the last 15 min because ShipStation "
        'refused calls, the first 12 min ago; the log says "HTTP 429 Too Many Requests". It has '
        "used 38 of 40 calls a minute (95 %), usually 12.",
    ),
    "several flows failed by it": Case(
        limit=allowance(None, None),
        flows=(
            flow(refusal("1"), refusal("2")),
            flow(refusal("3", "2"), id="2"),
            flow(refusal("4", "3", line=""), id="3"),
        ),
        level=Level.BREACH,
        signal="refused",
        says="4 runs of Dispatch to ShipStation and 2 other flows failed in the last 15 min "
        'because ShipStation refused calls, the first 5 min ago; the log says "HTTP 429 Too Many '
        'Requests".',
    ),
    "runs only tell of it": Case(
        limit=allowance(12),
        flows=(flow(refusal("1", status=WARNED), refusal("2", status=RunStatus.SUCCESS)),),
        level=Level.EARLY,
        signal="refused",
        says="ShipStation refused calls of 2 runs of Dispatch to ShipStation in the last 15 min, "
        'the first 5 min ago; none failed by it; the log says "HTTP 429 Too Many Requests". It has '
        "used 12 of 40 calls a minute (30 %), usually 12.",
    ),
    "one failed, others only tell of it": Case(
        limit=allowance(None, None),
        flows=(flow(refusal("1", ago=m(2)), refusal("2", status=WARNED)),),
        level=Level.BREACH,
        signal="refused",
        says="1 run of Dispatch to ShipStation failed in the last 15 min because ShipStation "
        'refused calls, the first 2 min ago; the log says "HTTP 429 Too Many Requests".',
    ),
    "refused while nothing newer can be read": Case(
        limit=allowance(38, blind="no answer"),
        flows=(flow(refusal("1")),),
        level=Level.BREACH,
        signal="refused",
        says="1 run of Dispatch to ShipStation failed in the last 15 min because ShipStation "
        'refused calls, the first 5 min ago; the log says "HTTP 429 Too Many Requests".',
    ),
    "refused although a bucket has room at one look": Case(
        limit=allowance(0, 40, s(1), shape=Shape.LEAKY_BUCKET),
        flows=(flow(refusal("1", line="\x00 ")),),
        level=Level.BREACH,
        signal="refused",
        says="1 run of Dispatch to ShipStation failed in the last 15 min because ShipStation "
        "refused calls, the first 5 min ago. It has used 0 of 40 calls (0 %), usually 12.",
    ),
    "refused, and used up too": Case(
        limit=by_day(1000),
        flows=(flow(refusal("1", line="")),),
        level=Level.BREACH,
        signal="refused",
        says="1 run of Dispatch to ShipStation failed in the last 15 min because ShipStation "
        "refused calls, the first 5 min ago. It has used 1,000 of 1,000 calls a day (100 %), "
        "usually 12; of the flows only Dispatch to ShipStation spends it (30 in the last hour).",
    ),
    "used up weighs more than a warning in a log": Case(
        limit=allowance(1000, 1000, d(1)),
        flows=(flow(refusal("1", status=WARNED)),),
        level=Level.BREACH,
        signal="used_up",
        says="ShipStation has used up its allowance: 1,000 of 1,000 calls a day (100 %), usually "
        "12. Further calls wait or are refused.",
    ),
    "a warning in a log is told before what is nearly full, with its moment": Case(
        limit=by_day(960),
        flows=(flow(refusal("1", status=WARNED, line="")),),
        level=Level.EARLY,
        signal="refused",
        says="ShipStation refused calls of 1 run of Dispatch to ShipStation in the last 15 min, "
        "the first 5 min ago; none failed by it. It has used 960 of 1,000 calls a day (96 %), "
        "usually 12; of the flows only Dispatch to ShipStation spends it (30 in the last hour).",
        in_=h(1) + m(20) - s(10),
    ),
    "refused too long ago": Case(
        limit=allowance(12),
        flows=(flow(refusal("1", ago=m(16))),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 12 of 40 calls a minute (30 %); nothing was refused in the last "
        "15 min.",
    ),
    "failed for another cause": Case(
        limit=allowance(12),
        flows=(flow(refusal("1", cause=Cause.CREDENTIAL)),),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 12 of 40 calls a minute (30 %); nothing was refused in the last "
        "15 min.",
    ),
    "slow because it is refused": Case(
        limit=allowance(12, pace=pace(9)),
        flows=(flow(refusal("1", status=WARNED, line=""), good=4),),
        level=Level.EARLY,
        signal="refused",
        says="ShipStation refused calls of 1 run of Dispatch to ShipStation in the last 15 min, "
        "the first 5 min ago; none failed by it. It has used 12 of 40 calls a minute (30 %), "
        "usually 12.",
    ),
}

DISPATCHED, STOCKED = spend(2303), spend(3, "2")
THE_RUN = (
    "1 run of Dispatch to ShipStation failed in the last 15 min because ShipStation refused calls, "
    "the first 5 min ago. The platform has "
)


def by_the_hour(used: float, *spends: Spend) -> Allowance:
    """2,000 calls an hour, of which Patchworks' operations say what we use."""
    return allowance(used, 2000, h(1), derived=True, spends=spends)


def turned_away(sent: int | None) -> tuple[FlowRuns, ...]:
    """A run that failed by a refusal, and what Patchworks told of the calls that it made."""
    told = flow(refusal("1", line=""))
    run = replace(told.runs[0], received=3, sent=sent)
    return (replace(told, runs=(run,)),)


WHO_SPENT_IT = {
    "the run that was refused explains it": Case(
        limit=by_the_hour(2306, DISPATCHED, STOCKED),
        flows=turned_away(2303),
        level=Level.BREACH,
        signal="refused",
        says=f"{THE_RUN}asked for 2,306 of 2,000 calls an hour (115 %), usually 12; of the flows "
        "Dispatch to ShipStation spends most (2,303 in the last hour).",
    ),
    "all that we know of is far from the limit": Case(
        limit=by_the_hour(63, spend(60), STOCKED),
        flows=turned_away(60),
        level=Level.BREACH,
        signal="refused",
        says=f"{THE_RUN}used 63 of 2,000 calls an hour (3 %), usually 12; of the flows Dispatch to "
        "ShipStation spends most (60 in the last hour). That is not all of it, so somebody else "
        "probably spends it too.",
    ),
    "what the refused run sent was not counted": Case(
        limit=by_the_hour(3, STOCKED),
        flows=turned_away(0),
        level=Level.BREACH,
        signal="refused",
        says=f"{THE_RUN}used 3 of 2,000 calls an hour (0 %), usually 12. Calls of the runs that "
        "failed may be missing from that.",
    ),
    "what the refused run sent was not told": Case(
        limit=by_the_hour(3, STOCKED),
        flows=turned_away(None),
        level=Level.BREACH,
        signal="refused",
        says=f"{THE_RUN}used 3 of 2,000 calls an hour (0 %), usually 12. Calls of the runs that "
        "failed may be missing from that.",
    ),
}

CASES = SLOW | REFUSED | WHO_SPENT_IT


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_said_and_how_grave_it_is(case: Case) -> None:
    verdict = the_verdict(case.limit, *case.flows)
    assert (verdict.level, verdict.signal, verdict.sentence) == (case.level, case.signal, case.says)
    assert verdict.expected_at == (None if case.in_ is None else NOW + case.in_)


@pytest.mark.parametrize(
    ("id_", "key"),
    [
        ("system/shop/query points", "system/shop/rate_limit/query-points"),
        ("instance/702/rate", "instance/702/rate_limit/rate"),
        ("pool/61/use", "pool/61/rate_limit/use"),
        ("platform/main/operations", "platform/main/rate_limit/operations"),
        ("system/mail/calls: Steady/15 min", "system/mail/rate_limit/calls-steady-15-min"),
        ("system/shop/", "system/shop/rate_limit/limit"),
    ],
)
def test_one_limit_is_one_key_from_the_first_warning_to_the_breach(id_: str, key: str) -> None:
    limit = replace(allowance(12), id=id_)
    warned, refused = flow(refusal("1", status=WARNED)), flow(refusal("1"))
    told = [the_verdict(limit), the_verdict(limit, warned), the_verdict(limit, refused)]
    assert [each.level for each in told] == [Level.OK, Level.EARLY, Level.BREACH]
    assert {each.key for each in told} == {key}
    assert {each.subject.name for each in told} == {"ShipStation"}


@pytest.mark.parametrize(
    ("own", "level", "says"),
    [
        (0, Level.OK, "Patchworks has used 50 of 240 calls a minute (20 %); nothing was refused"),
        (1, Level.EARLY, "Patchworks refused 1 call of our own in the last hour"),
        (2, Level.EARLY, "Patchworks refused 2 calls of our own in the last hour"),
        (3, Level.BREACH, "Patchworks refused 3 calls of our own in the last hour"),
    ],
)
def test_our_own_refused_calls_are_the_platforms_limit(own: int, level: Level, says: str) -> None:
    api = allowance(
        50, 240, id="platform/main/api", whose=Whose.OWN, instances=(), system="Patchworks"
    )
    verdict, other = judged(api, allowance(12), own=own)
    assert verdict.level is level
    assert verdict.sentence.startswith(says)
    assert verdict.facts["own_calls_refused"] == own
    assert other.level is Level.OK
    assert other.facts["own_calls_refused"] is None


@pytest.mark.parametrize(
    ("limit", "level"),
    [
        (allowance(12), Level.UNKNOWN),
        (allowance(None, None), Level.UNKNOWN),
        (allowance(12, instances=()), Level.OK),
        (allowance(38), Level.EARLY),
    ],
    ids=["with room", "judged by refusals alone", "without an instance", "nearly full"],
)
def test_runs_that_cannot_be_read_leave_refusals_unknown(limit: Allowance, level: Level) -> None:
    verdict = the_verdict(limit, blind="Patchworks did not answer.")
    assert verdict.level is level
    if level is Level.UNKNOWN:
        assert verdict.sentence == (
            "Whether ShipStation refused runs is not known: Patchworks did not answer."
        )


def test_a_refusal_that_is_known_stands_while_the_runs_cannot_be_read() -> None:
    assert the_verdict(allowance(12), flow(refusal("1")), blind="down").level is Level.BREACH


@pytest.mark.parametrize(
    ("why", "runs"), [("no answer", ""), ("", "no answer")], ids=["the limit", "the runs"]
)
def test_nothing_is_called_held_of_what_cannot_be_read(why: str, runs: str) -> None:
    limit = allowance(None, None, pace=pace(9), blind=why)
    assert the_verdict(limit, flow(good=4), blind=runs).level is Level.UNKNOWN


def test_nothing_is_called_held_while_another_limit_of_it_refuses() -> None:
    both = allowance(12, instances=("702", "703"), pace=pace(9))
    fuller = allowance(30, id="instance/703/rate", instances=("703",))
    told = flow(refusal("1", "2", instance="703", status=WARNED), id="2", instances=("703",))
    refused, other = judged(both, fuller, flows=(flow(good=4), told))
    assert (refused.signal, other.signal) == ("refused", "clear")


@pytest.mark.parametrize(
    ("limit", "flows", "critical"),
    [
        (allowance(1000, 1000, d(1), time_sensitive=True), (), True),
        (allowance(12, time_sensitive=True), (flow(refusal("1")),), True),
        (allowance(38, time_sensitive=True), (), False),
        (allowance(1000, 1000, d(1)), (), False),
    ],
    ids=["used up", "refused", "only nearly full", "used up, and nothing urgent"],
)
def test_a_breach_that_stops_a_time_sensitive_flow_is_critical(
    limit: Allowance, flows: tuple[FlowRuns, ...], critical: bool
) -> None:
    assert the_verdict(limit, *flows).critical is critical


def test_the_owner_decides_what_is_high_and_how_long_a_refusal_counts() -> None:
    policy = Policy.model_validate(
        {"high": 0.5, "full": 0.6, "within": "1m", "slower": 20, "bursts": "30s"}
    )
    flows = (flow(refusal("1", ago=m(5))),)
    (half,) = judged(allowance(20), flows=flows, policy=policy)
    assert (half.level, half.signal) == (Level.EARLY, "nearly")
    (full,) = judged(allowance(40), policy=policy)
    assert (full.level, full.signal) == (Level.BREACH, "used_up")
    (slow,) = judged(allowance(12, pace=pace(9)), flows=(flow(good=4),), policy=policy)
    assert slow.level is Level.OK


def test_the_defaults_are_as_documented() -> None:
    assert str(Policy().opens_after) == "2 of 3"
    assert Policy().stay_clear == m(10)
    assert (CHECK.name, CHECK.needs, CHECK.runbook) == ("rate_limit", "limits", "rate-limit")
    assert all(field.description for field in Policy.model_fields.values())


def test_a_line_of_a_log_cannot_break_out_of_its_sentence() -> None:
    hostile = "429\n<!channel> " + "x" * 900
    sentence = the_verdict(allowance(12), flow(refusal("1", line=hostile))).sentence
    assert "\n" not in sentence
    assert len(sentence) <= 600  # what an incident shows of it


def test_a_warning_before_now_is_never_expected_in_the_past() -> None:
    stale = replace(by_day(999), at=NOW - h(3))
    (verdict,) = judge(evidence(stale), Policy(), NOW)
    assert verdict.expected_at == NOW


@pytest.mark.parametrize(
    ("paces", "signal"),
    [
        ((4.2, 0.5, 0.5, 0.5), "held"),
        ((4.2, 4.2, 0.5, 0.5), "clear"),
        ((4.2, 4.2, 4.2), "held"),
    ],
    ids=["one of four", "half of them", "three are too few to tell"],
)
def test_what_is_slow_everywhere_is_no_limit_of_one_system(
    paces: tuple[float, ...], signal: str
) -> None:
    limits = [
        allowance(20, id=f"system/s{n}/calls", instances=(str(n),), pace=pace(lately))
        for n, lately in enumerate(paces)
    ]
    calling = [flow(good=4, instances=(str(n),)) for n in range(len(paces))]
    flows = tuple(replace(each, flow_id=str(n)) for n, each in enumerate(calling))
    first = next(v for v in judged(*limits, flows=flows) if v.subject.id == "s0")
    assert first.signal == signal


@pytest.mark.parametrize(
    ("refusals", "signal"),
    [
        ((WARNED, WARNED), "clear"),
        ((WARNED, WARNED, WARNED), "refused"),
        ((RunStatus.FAILURE,), "refused"),
    ],
    ids=["two were served after all", "three were", "one failed"],
)
def test_what_was_refused_and_then_served_is_trouble_only_when_it_is_often(
    refusals: tuple[RunStatus, ...], signal: str
) -> None:
    failures = [refusal(str(n), status=status) for n, status in enumerate(refusals)]
    known = judged(allowance(20), flows=(flow(*failures),), policy=Policy())
    assert known[0].signal == signal


def test_while_the_platform_is_full_long_runs_are_no_limit_of_a_system() -> None:
    known = evidence(allowance(20, pace=pace(4.2)), flows=(flow(good=4),))
    full = replace(known, queue_was_full=True)
    assert [judge(each, Policy(), NOW)[0].signal for each in (known, full)] == ["held", "clear"]
