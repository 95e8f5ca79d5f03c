"""What the check of the run queue promises whatever it is given."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from checks.catalogue.stalled_queue import Evidence, Policy, QueueSample, judge
from checks.model import Level
from checks.run_queue.facts import FACTS
from checks.runs import Flow, Queue, Run, RunStatus, Waiting
from forecasting.usual import Spread, Usual
from tests.checks.catalogue.queue_cases import NOW, USUAL, evidence, judged, queue, running

unhurried = settings(deadline=None, max_examples=60)  # a busy machine is no failure

RANK = {Level.OK: 0, Level.EARLY: 1, Level.BREACH: 2}
IDS = st.sampled_from("123")
NAMES = st.sampled_from(["Orders to NetSuite", "Stock"]) | st.text(max_size=100)
AGES = st.integers(0, 3 * 3600).map(lambda seconds: timedelta(seconds=seconds))
CRONS = st.sampled_from(["*/5 * * * *", "30 * * * *", "0 3 * * 1", "nonsense"])

runs = st.builds(
    Run,
    id=st.text("0123456789", min_size=1, max_size=8),
    flow_id=IDS,
    flow_name=NAMES,
    status=st.sampled_from(RunStatus),
    started_at=AGES.map(lambda age: NOW - age),
    trigger=st.sampled_from(["Schedule", "Webhook", "Manual", "Retry", ""]),
)
waiting = st.builds(
    Waiting,
    id=st.text("0123456789", min_size=1, max_size=8),
    flow_id=IDS,
    flow_name=NAMES,
    queued_at=AGES.map(lambda age: NOW - age),
    priority=st.none() | st.integers(1, 5),
)
flows = st.builds(
    Flow,
    id=IDS,
    name=NAMES,
    enabled=st.none() | st.booleans(),
    deployed=st.none() | st.booleans(),
    priority=st.none() | st.integers(1, 5),
    schedules=st.lists(CRONS, max_size=2).map(tuple),
    changed_at=st.none() | AGES.map(lambda age: NOW - age),
)
samples = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 10), st.integers(0, 9)), max_size=12
).map(
    lambda rows: tuple(
        QueueSample(
            at=NOW - timedelta(seconds=30 * (len(rows) - 1 - place)),
            waiting=row[0],
            running=row[1],
            started=row[2],
        )
        for place, row in enumerate(rows)
    )
)


def rows(kind: st.SearchStrategy[object], unique_by: str = "id") -> st.SearchStrategy[object]:
    return st.lists(kind, max_size=8, unique_by=lambda row: getattr(row, unique_by)).map(tuple)


def by_flow(values: st.SearchStrategy[object]) -> st.SearchStrategy[Mapping[str, object]]:
    return st.dictionaries(IDS, values, max_size=3)


spreads = st.tuples(st.integers(1, 99), AGES, AGES).map(
    lambda t: Spread(count=t[0], p50=min(t[1:]), p95=max(t[1:]), p99=max(t[1:]))
)
queues = st.builds(
    lambda jobs, held, recent, extra, known: Queue(
        at=NOW,
        waiting=jobs,
        waiting_total=len(jobs) + extra,
        running=held,
        recent=recent,
        recent_since=NOW - timedelta(minutes=15),
        oldest_known=known,
    ),
    rows(waiting),
    rows(runs),
    rows(runs),
    st.sampled_from([0, 0, 0, 7]),
    st.booleans(),
)
seen = st.builds(
    Evidence,
    queue=queues,
    watched_since=AGES.map(lambda age: NOW - age),
    flows=st.none() | rows(flows),
    history=samples,
    usual_waiting=st.sampled_from([None, USUAL, Usual(middle=0, high=0, hours=2, basis="x")]),
    durations=by_flow(spreads),
    waits=by_flow(spreads),
    allowance=st.none() | st.integers(0, 10),
    queue_cap=st.none() | st.integers(0, 60),
    last_runs=by_flow(AGES.map(lambda age: NOW - age)),
    time_sensitive=st.frozensets(IDS),
    max_age=by_flow(AGES),
)


@unhurried
@given(seen)
def test_blind_is_never_ok(known: Evidence) -> None:
    found = judge(replace(known, queue=None, blind="No answer."), Policy(), NOW)
    assert {verdict.level for verdict in found} == {Level.UNKNOWN}


@unhurried
@given(seen)
def test_every_sentence_is_one_clean_line(known: Evidence) -> None:
    for verdict in judge(known, Policy(), NOW):
        assert verdict.sentence.endswith(".")
        assert not any(unicodedata.category(sign)[0] == "C" for sign in verdict.sentence)
        assert len(verdict.sentence.splitlines()) == 1


@unhurried
@given(seen)
def test_our_own_words_contain_no_markup(known: Evidence) -> None:
    for verdict in judge(with_name(known, "Plain name"), Policy(), NOW):
        assert not set("*_~`<>&|[]") & set(verdict.sentence.replace(' "nonsense"', ""))


def with_name(known: Evidence, name: str) -> Evidence:
    assert known.queue is not None
    rename = {"flow_name": name}
    return replace(
        known,
        flows=None if known.flows is None else tuple(replace(f, name=name) for f in known.flows),
        queue=replace(
            known.queue,
            waiting=tuple(replace(row, **rename) for row in known.queue.waiting),
            running=tuple(replace(row, **rename) for row in known.queue.running),
        ),
    )


@unhurried
@given(seen, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(known: Evidence, chance: Random) -> None:
    assert known.queue is not None
    shuffled = replace(
        known,
        flows=None if known.flows is None else tuple(chance.sample(known.flows, len(known.flows))),
        queue=replace(
            known.queue,
            waiting=tuple(chance.sample(known.queue.waiting, len(known.queue.waiting))),
            running=tuple(chance.sample(known.queue.running, len(known.queue.running))),
            recent=tuple(chance.sample(known.queue.recent, len(known.queue.recent))),
        ),
    )
    assert judge(known, Policy(), NOW) == judge(shuffled, Policy(), NOW)


@unhurried
@given(seen)
def test_every_key_is_told_once_with_all_facts_and_no_past_expectation(known: Evidence) -> None:
    found = judge(known, Policy(), NOW)
    assert len({verdict.key for verdict in found}) == len(found)
    for verdict in found:
        assert set(verdict.facts) == set(FACTS)
        assert verdict.expected_at is None or verdict.expected_at >= NOW


@unhurried
@given(
    ages=st.lists(AGES, min_size=1, max_size=6),
    held=st.integers(0, 12),
    allowance=st.none() | st.integers(1, 10),
    longer=AGES,
)
def test_the_same_stall_for_longer_is_never_a_lower_level(
    ages: list[timedelta], held: int, allowance: int | None, longer: timedelta
) -> None:
    def level(more: timedelta) -> Level:
        jobs = tuple(
            Waiting(id=str(i), flow_id="2", flow_name="Stock", queued_at=NOW - age - more)
            for i, age in enumerate(ages)
        )
        stuck = running(held, ago=max(ages) + more)
        return judged(evidence(queue(jobs, stuck), allowance=allowance))["queue"].level

    assert RANK[level(longer)] >= RANK[level(timedelta(0))]


@unhurried
@given(seen)
def test_what_a_stall_explains_neither_opens_nor_closes(known: Evidence) -> None:
    found = judge(known, Policy(), NOW)
    whole = found[0]
    if whole.signal == "stall" and whole.level.is_trouble:
        symptoms = [v for v in found[1:] if v.condition in ("ageing", "slot_hog")]
        assert not any(verdict.level.is_trouble for verdict in symptoms)
