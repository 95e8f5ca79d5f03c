"""The queue as a whole: stall, saturation and plateau told apart, and what stays quiet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from checks.catalogue.stalled_queue import CHECK, Evidence, Policy, judge, sample_of
from checks.model import Level, Measure
from tests.checks.catalogue.queue_cases import (
    NOW,
    USUAL,
    evidence,
    flow,
    history,
    job,
    jobs,
    judged,
    m,
    queue,
    run,
    running,
    s,
    spread,
)

HANGING = run(81234, ago=s(112))
USUALLY_12_S = {"1": spread(12, 25)}


@dataclass(frozen=True, kw_only=True)
class Case:
    seen: Evidence
    level: Level
    signal: str
    says: str


QUIET = {
    "an empty queue": Case(
        seen=evidence(queue()),
        level=Level.OK,
        signal="clear",
        says="Nothing waits; 0 of 10 slots are taken.",
    ),
    "an empty queue and an unknown allowance": Case(
        seen=evidence(queue(held=running(3)), allowance=None),
        level=Level.OK,
        signal="clear",
        says="Nothing waits; 3 slots are taken.",
    ),
    "a busy queue in health": Case(
        seen=evidence(
            queue(jobs(4, oldest=s(9)), running(10, ago=s(6))), history=history([3, 5, 2, 4])
        ),
        level=Level.OK,
        signal="clear",
        says="4 runs wait, the oldest for 9 s; 10 of 10 slots are taken.",
    ),
    "one slow pick": Case(
        seen=evidence(queue(jobs(3, oldest=s(40)), running(2, ago=s(50)))),
        level=Level.OK,
        signal="clear",
        says="3 runs wait, the oldest for 40 s; 2 of 10 slots are taken.",
    ),
    "an old start and a run queued just now": Case(
        seen=evidence(queue(jobs(1, oldest=s(4)), running(1, ago=m(20)))),
        level=Level.OK,
        signal="clear",
        says="1 run waits, the oldest for 4 s; 1 of 10 slots is taken.",
    ),
    "an old run of lowest priority while others start": Case(
        seen=evidence(
            queue((job("3", ago=m(8), priority=5), job(ago=s(3))), running(10, ago=s(5)))
        ),
        level=Level.OK,
        signal="clear",
        says="2 runs wait, the oldest for 8 min; 10 of 10 slots are taken.",
    ),
    "all slots were taken until half a minute ago": Case(
        seen=evidence(
            queue(jobs(5, oldest=s(100)), running(9, ago=s(120))),
            history=history([4, 5], held=10, every=s(30))[:1],
        ),
        level=Level.OK,
        signal="clear",
        says="5 runs wait, the oldest for 1 min 40 s; 9 of 10 slots are taken.",
    ),
    "a growth of two": Case(
        seen=evidence(
            queue(jobs(3, oldest=s(30)), running(10, ago=s(5))), history=history([1, 1, 2, 2, 3])
        ),
        level=Level.OK,
        signal="clear",
        says="3 runs wait, the oldest for 30 s; 10 of 10 slots are taken.",
    ),
    "a growth within what is usual": Case(
        seen=evidence(
            queue(jobs(6, oldest=s(30)), running(10, ago=s(5))),
            history=history([0, 1, 3, 5, 6]),
            usual_waiting=USUAL,
        ),
        level=Level.OK,
        signal="clear",
        says="6 runs wait, the oldest for 30 s; 10 of 10 slots are taken.",
    ),
    "a stall in the making is not called a growth": Case(
        seen=evidence(
            queue(jobs(22, oldest=s(40)), running(4, ago=s(50))),
            history=history([10, 13, 16, 19, 22], held=4),
        ),
        level=Level.OK,
        signal="clear",
        says="22 runs wait, the oldest for 40 s; 4 of 10 slots are taken.",
    ),
    "a backlog that drains": Case(
        seen=evidence(
            queue(jobs(8, oldest=s(200)), running(10, ago=s(5))),
            history=history([40, 32, 24, 16, 8], started=12),
        ),
        level=Level.OK,
        signal="clear",
        says="8 runs wait, the oldest for 3 min 20 s; 10 of 10 slots are taken; "
        "at this pace the queue drains in 1 min.",
    ),
    "nothing at all, over and over": Case(
        seen=evidence(queue(), history=history([0] * 12, started=3)),
        level=Level.OK,
        signal="clear",
        says="Nothing waits; 0 of 10 slots are taken.",
    ),
    "a constant queue, but a small one": Case(
        seen=evidence(
            queue(jobs(19, oldest=s(30)), running(10, ago=s(5))),
            history=history([19] * 6, started=4),
        ),
        level=Level.OK,
        signal="clear",
        says="19 runs wait, the oldest for 30 s; 10 of 10 slots are taken.",
    ),
}

STALLS = {
    "behind one hanging run": Case(
        seen=evidence(queue(jobs(14, oldest=s(100)), (HANGING,)), durations=USUALLY_12_S),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min 40 s although 9 of 10 slots are free: 14 runs wait "
        "behind run 81234 of Orders to NetSuite, running for 1 min 52 s (usually 12 s).",
    ),
    "behind one of several": Case(
        seen=evidence(
            queue(
                jobs(2, oldest=s(100)),
                (HANGING, run(7, "3", ago=m(40)), run(8, "2", ago=s(130)), run(9, ago=s(102))),
            ),
            durations=USUALLY_12_S | {"3": spread(1200, 1800), "2": spread(60, 300)},
        ),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min 40 s although 6 of 10 slots are free: 2 runs wait "
        "behind run 81234 of Orders to NetSuite, running for 1 min 52 s (usually 12 s); 2 other "
        "runs also beyond the usual time.",
    ),
    "nothing is running": Case(
        seen=evidence(queue(jobs(1, oldest=s(60)))),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min although 10 of 10 slots are free: 1 run waits, and "
        "nothing is running at all.",
    ),
    "no run is late": Case(
        seen=evidence(
            queue(jobs(2, oldest=s(70)), running(9, ago=s(80))),
            durations={"1": spread(90, 300)},
        ),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min 10 s although 1 of 10 slots is free: 2 runs wait; "
        "run 100 of Orders to NetSuite has run longest, for 1 min 20 s (usually 1 min 30 s, "
        "rarely over 5 min).",
    ),
    "what is usual is not known": Case(
        seen=evidence(queue(jobs(2, oldest=s(70)), (run(5, ago=s(75)), run(6, ago=s(90))))),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min 10 s although 8 of 10 slots are free: 2 runs wait; run "
        "6 of Orders to NetSuite has run longest, for 1 min 30 s (its usual time is not known "
        "yet).",
    ),
    "only runs started by hand go on": Case(
        seen=evidence(
            queue(jobs(2, oldest=s(90)), (run(5, ago=s(3), trigger="Manual"),)),
        ),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min 30 s although 9 of 10 slots are free: 2 runs wait, and "
        "no run in progress is old enough to be in the way.",
    ),
    "the allowance is not known, but nothing runs": Case(
        seen=evidence(queue(jobs(2, oldest=s(90))), allowance=None),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 1 min 30 s although no slot is taken: 2 runs wait, and "
        "nothing is running at all.",
    ),
    "the allowance is not known": Case(
        seen=evidence(
            queue(jobs(2, oldest=s(90)), (HANGING,)), allowance=None, durations=USUALLY_12_S
        ),
        level=Level.EARLY,
        signal="stall",
        says="Nothing has started for 1 min 30 s while 1 run holds a slot of an allowance that is "
        "not known: 2 runs wait behind run 81234 of Orders to NetSuite, running for 1 min 52 s "
        "(usually 12 s).",
    ),
    "the allowance is not known, for long": Case(
        seen=evidence(
            queue(jobs(2, oldest=m(16)), (run(5, ago=m(17)), run(6, ago=m(18)))), allowance=None
        ),
        level=Level.BREACH,
        signal="stall",
        says="Nothing has started for 16 min while 2 runs hold slots of an allowance that is not "
        "known: 2 runs wait; run 6 of Orders to NetSuite has run longest, for 18 min (its usual "
        "time is not known yet).",
    ),
}

BACKLOGS = {
    "all slots taken and the oldest waits": Case(
        seen=evidence(
            queue(
                jobs(42, oldest=m(6)), (*running(6), *running(3, flow="2"), run(9, "3", ago=s(9)))
            ),
            history=history([42, 41, 43, 42, 42], started=8),
            usual_waiting=USUAL,
        ),
        level=Level.EARLY,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 6, Stock to Shopify 3, Returns to "
        "Brightpearl 1): 42 runs wait (usually 2 at this hour), the oldest for 6 min; what waits "
        "now will have started in 5 min 15 s.",
    ),
    "just old enough": Case(
        seen=evidence(queue(jobs(42, oldest=m(5)), running(10, ago=s(5)))),
        level=Level.EARLY,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 42 runs wait, the oldest for 5 min.",
    ),
    "for a quarter of an hour": Case(
        seen=evidence(queue(jobs(42, oldest=m(15)), running(10, ago=s(5)))),
        level=Level.BREACH,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 42 runs wait, the oldest for 15 min.",
    ),
    "held by runs that do not end": Case(
        seen=evidence(queue(jobs(3, oldest=m(6)), running(10, ago=m(7))), durations=USUALLY_12_S),
        level=Level.EARLY,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10) and nothing has started for 6 min: 3 "
        "runs wait, the oldest for 6 min.",
    ),
    "a slot stands empty between two picks": Case(
        seen=evidence(
            queue(jobs(30, oldest=m(6)), running(9, ago=s(5))),
            history=history([30, 31, 30, 29, 30], held=9),
        ),
        level=Level.EARLY,
        signal="saturation",
        says="9 of 10 slots are taken (Orders to NetSuite 9): 30 runs wait, the oldest for 6 min.",
    ),
    "growing fast, cap not known": Case(
        seen=evidence(
            queue(jobs(22, oldest=m(2)), running(10, ago=s(5))),
            history=history([10, 13, 16, 19, 22], started=6),
        ),
        level=Level.EARLY,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 22 runs wait, the oldest for 2 min; "
        "it grows by 3 a minute; what waits now will have started in 3 min 40 s.",
    ),
    "full within the hour": Case(
        seen=evidence(
            queue(jobs(22, oldest=m(2)), running(10, ago=s(5))),
            history=history([10, 13, 16, 19, 22]),
            queue_cap=100,
        ),
        level=Level.BREACH,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 22 runs wait, the oldest for 2 min; "
        "at this pace it reaches its cap of 100 in 26 min.",
    ),
    "full some hours from now": Case(
        seen=evidence(
            queue(jobs(22, oldest=m(2)), running(10, ago=s(5))),
            history=history([10, 13, 16, 19, 22]),
            queue_cap=400,
        ),
        level=Level.EARLY,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 22 runs wait, the oldest for 2 min; "
        "at this pace it reaches its cap of 400 in 2 h 6 min.",
    ),
    "it drains, but too slowly": Case(
        seen=evidence(
            queue(jobs(300, oldest=m(6)), running(10, ago=s(5))),
            history=history([304, 303, 302, 301, 300]),
        ),
        level=Level.BREACH,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 300 runs wait, the oldest for 6 min; "
        "at this pace the queue drains in 5 h.",
    ),
    "growing with free slots": Case(
        seen=evidence(
            queue(jobs(22, oldest=m(2)), running(4, ago=s(5))),
            history=history([10, 13, 16, 19, 22], held=4),
        ),
        level=Level.EARLY,
        signal="saturation",
        says="Runs arrive faster than they start although 6 of 10 slots are free, so a limit on "
        "starts per minute may be reached: 22 runs wait, the oldest for 2 min; it grows by 3 a "
        "minute.",
    ),
    "old, with an unknown allowance": Case(
        seen=evidence(queue(jobs(3, oldest=m(6)), running(4, ago=s(5))), allowance=None),
        level=Level.EARLY,
        signal="saturation",
        says="4 slots of an allowance that is not known are taken (Orders to NetSuite 4): 3 runs "
        "wait, the oldest for 6 min.",
    ),
    "standing at its cap": Case(
        seen=evidence(
            queue(jobs(50, oldest=m(3)), running(10, ago=s(5))),
            history=history([50] * 5, started=6),
            queue_cap=50,
        ),
        level=Level.EARLY,
        signal="plateau",
        says="The queue has stood at 50 runs, its cap, for 4 min although runs start: more may "
        "wait outside, unseen.",
    ),
    "standing still, cap not known": Case(
        seen=evidence(
            queue(jobs(50, oldest=m(3)), running(10, ago=s(5))),
            history=history([48, 50, 50, 50, 50, 50], started=6),
        ),
        level=Level.EARLY,
        signal="plateau",
        says="The queue has stood at 50 runs, probably its cap, for 4 min although runs start: "
        "more may wait outside, unseen.",
    ),
    "saturated and at its cap": Case(
        seen=evidence(
            queue(jobs(50, oldest=m(6)), running(10, ago=s(5))),
            history=history([50] * 5, started=5),
            queue_cap=50,
        ),
        level=Level.EARLY,
        signal="saturation",
        says="All 10 slots are taken (Orders to NetSuite 10): 50 runs wait, the oldest for 6 min; "
        "what waits now will have started in 10 min; more may wait outside, unseen.",
    ),
    "standing still far below its known cap": Case(
        seen=evidence(
            queue(jobs(50, oldest=m(3)), running(10, ago=s(5))),
            history=history([50] * 5, started=6),
            queue_cap=500,
        ),
        level=Level.OK,
        signal="clear",
        says="50 runs wait, the oldest for 3 min; 10 of 10 slots are taken.",
    ),
    "standing still because all slots are taken": Case(
        seen=evidence(
            queue(jobs(50, oldest=m(3)), running(10, ago=m(4))), history=history([50] * 5)
        ),
        level=Level.EARLY,
        signal="plateau",
        says="The queue has stood at 50 runs, probably its cap, for 4 min while all slots are "
        "taken: more may wait outside, unseen.",
    ),
    "a total without rows": Case(
        seen=evidence(queue(total=7)),
        level=Level.UNKNOWN,
        signal="blind",
        says="7 runs wait, but none of them could be read.",
    ),
}

CASES = (
    {f"quiet: {name}": case for name, case in QUIET.items()}
    | {f"stall: {name}": case for name, case in STALLS.items()}
    | {f"backlog: {name}": case for name, case in BACKLOGS.items()}
)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_the_queue_is_judged_and_put_into_one_sentence(case: Case) -> None:
    verdict = judged(case.seen)["queue"]
    assert (verdict.level, verdict.signal, verdict.sentence) == (case.level, case.signal, case.says)
    assert verdict.key == "queue/main/stalled_queue/queue"


def test_the_numbers_stand_beside_what_is_usual() -> None:
    seen = evidence(
        queue(jobs(14, oldest=s(100)), (HANGING,)),
        durations=USUALLY_12_S,
        usual_waiting=USUAL,
        waits={"2": spread(4, 20)},
    )
    assert judged(seen)["queue"].measures == (
        Measure(label="Waiting", measured="14", usual="2, up to 6 on Mondays at this hour"),
        Measure(label="Oldest", measured="1 min 40 s", usual="within 12 s"),
        Measure(label="Running", measured="1 of 10"),
    )


def test_the_facts_name_the_run_in_the_way() -> None:
    seen = evidence(queue(jobs(14, oldest=s(100)), (HANGING,)), durations=USUALLY_12_S)
    facts = judged(seen)["queue"].facts
    assert {key: value for key, value in facts.items() if value is not None} == {
        "signal": "stall",
        "waiting": 14,
        "oldest_age": "1 min 40 s",
        "oldest_flow": "Stock to Shopify",
        "idle_for": "1 min 40 s",
        "running": 1,
        "allowance": 10,
        "slot_holders": "Orders to NetSuite (1)",
        "blocking_flow": "Orders to NetSuite",
        "blocking_flow_id": "1",
        "blocking_run_id": "81234",
        "blocking_elapsed": "1 min 52 s",
        "blocking_usual": "12 s",
    }


def test_every_verdict_has_the_same_facts_so_that_a_runbook_may_name_any() -> None:
    seen = evidence(
        queue(jobs(3, oldest=s(90)), (HANGING,)), flows=(flow("2", "0 * * * *"), flow("3"))
    )
    blind = evidence(None, blind="No.", flows=seen.flows)
    keys = {frozenset(v.facts) for e in (seen, blind) for v in judged(e).values()}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("cap", "expected"), [(100, NOW + m(26)), (None, None)], ids=["it fills", "nobody knows"]
)
def test_the_time_looked_ahead_to_is_told(cap: int | None, expected: object) -> None:
    seen = evidence(
        queue(jobs(22, oldest=m(2)), running(10, ago=s(5))),
        history=history([10, 13, 16, 19, 22]),
        queue_cap=cap,
    )
    verdict = judged(seen)["queue"]
    assert verdict.expected_at == expected
    assert verdict.facts["fills_at"] == (expected and "2026-03-02T10:26:00+00:00")


def test_a_stalled_queue_is_never_said_to_drain() -> None:
    seen = evidence(
        queue(jobs(8, oldest=s(70)), running(1, ago=s(80))),
        history=history([40, 32, 24, 16, 8], held=1),
    )
    verdict = judged(seen)["queue"]
    assert (verdict.signal, verdict.expected_at, verdict.facts["drains_at"]) == (
        "stall",
        None,
        None,
    )


def test_an_expected_time_is_never_in_the_past() -> None:
    seen = evidence(
        queue(jobs(8, oldest=s(20)), running(10, ago=s(5))), history=history([40, 32, 24, 16, 8])
    )
    later = NOW + timedelta(hours=1)
    assert judge(seen, Policy(), later)[0].expected_at == later


@pytest.mark.parametrize(
    ("flows", "urgent"), [({"2"}, True), ({"1"}, False)], ids=["it waits", "it only runs"]
)
def test_the_queue_is_time_sensitive_when_such_a_flow_waits(flows: set[str], urgent: bool) -> None:
    seen = evidence(queue(jobs(3, oldest=s(90)), (HANGING,)), time_sensitive=frozenset(flows))
    assert judged(seen)["queue"].critical is urgent


def test_a_stall_is_measured_the_same_however_often_we_look() -> None:
    seen = evidence(queue(jobs(3, oldest=s(90)), (HANGING,)))
    often = replace(seen, history=history([3] * 30, held=1, every=s(5), newest_start=s(112)))
    assert judged(seen)["queue"].sentence == judged(often)["queue"].sentence


def test_a_pick_remembered_from_an_earlier_round_counts() -> None:
    seen = evidence(queue(jobs(3, oldest=s(90))), history=history([3], newest_start=s(30)))
    assert judged(seen)["queue"].level is Level.OK


def test_a_sample_counts_the_picks_since_the_one_before() -> None:
    seen = queue(
        jobs(3, oldest=s(90)),
        (run(1, ago=s(10)), run(2, ago=s(20), trigger="Retry"), run(3, ago=s(70))),
        recent=(run(1, ago=s(10)), run(4, ago=s(30))),
    )
    before = history([5, 3])[0]
    sample = sample_of(seen, before)
    assert (sample.waiting, sample.running, sample.started) == (3, 3, 2)
    assert (sample.newest_start, sample.oldest_age) == (NOW - s(10), s(90))
    assert sample_of(seen, None).started == 0


def test_the_check_declares_itself() -> None:
    assert (CHECK.name, CHECK.title, CHECK.runbook) == (
        "stalled_queue",
        "Stalled Queue Syndrome",
        "stalled-queue",
    )


def test_every_threshold_is_explained_and_has_a_default() -> None:
    Policy()
    assert all(field.description for field in Policy.model_fields.values())


def test_a_zone_that_does_not_exist_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match='an IANA time zone such as "Europe/London"'):
        Policy(schedule_zone="Mars/Base")
