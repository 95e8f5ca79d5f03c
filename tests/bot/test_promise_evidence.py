"""From stored runs and waits to how each flow keeps its promise, and what is told elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from bot.flow_settings import FlowSettings
from bot.inventory import Inventory
from bot.promise_evidence import Habits, promise_evidence
from bot.rules import Rules
from bot.served import service_of
from bot.store import Store, covered, run_days, runs
from bot.transitions import judge as take
from checks.catalogue.broken_promise import judge
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.promises.policy import Policy
from checks.runs import Flow, Run, RunStatus, Step, Waiting

NOW = datetime(2026, 3, 4, 9, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD, BAD = RunStatus.SUCCESS, RunStatus.FAILURE
numbers = count(1)
STEP = Step(id="1", name="send", instance_id="701")
ORDERS = Flow(id="7", name="Orders", enabled=True, deployed=True, steps=(STEP,))
STOCK = Inventory(at=NOW, flows=(ORDERS,))
AT_ONCE = CheckPolicy(opens_after=NofM(needed=1, of=1))


def run(at: datetime, status: RunStatus = GOOD, took: timedelta | None = MINUTE) -> Run:
    return Run(
        id=str(next(numbers)),
        flow_id="7",
        flow_name="Orders",
        status=RunStatus.STARTED if took is None else status,
        started_at=at,
        finished_at=None if took is None else at + took,
    )


def remember(store: Store, *told: Run, since: datetime = NOW - DAY) -> None:
    with store.writing() as db:
        runs.save_runs(db, told)
        covered.cover(db, since, NOW)


def told(**settings: object) -> tuple[FlowSettings, ...]:
    promise = {"success": 0.9, "within": "10m", "over": "1h"}
    return (FlowSettings.model_validate({"name": "Orders", "promise": promise, **settings}),)


def judged(store: Store, flows: tuple[FlowSettings, ...], stock: Inventory = STOCK) -> Verdict:
    evidence = promise_evidence(store.db, flows, stock, Habits(), "", NOW)
    (found,) = judge(evidence, Policy(), NOW)
    return found


def every_minute(*statuses: RunStatus) -> list[Run]:
    return [run(NOW - (n + 2) * MINUTE, each) for n, each in enumerate(statuses)]


def test_a_promise_that_is_kept_is_ok(store):
    remember(store, *every_minute(*[GOOD] * 30))
    assert judged(store, told()).level is Level.OK


def test_more_failures_than_were_promised_are_told(store):
    remember(store, *every_minute(*[BAD, GOOD] * 20))
    found = judged(store, told())
    assert (found.level, found.signal) == (Level.BREACH, "failing")
    assert found.sentence.startswith("20 of 40 runs of Orders failed within 1 h")


def test_a_run_that_hangs_counts_as_late(store):
    hanging = [run(NOW - 30 * MINUTE, took=None) for _ in range(4)]
    remember(store, *every_minute(*[GOOD] * 30), *hanging)
    assert judged(store, told()).signal == "slow"


def test_the_wait_in_the_queue_counts_for_a_time_sensitive_flow_alone(store):
    with store.writing() as db:
        for n in range(30):
            at = NOW - (n + 2) * MINUTE
            waiting = Waiting(
                id=f"j{n}", flow_id="7", flow_name="Orders", queued_at=at - 20 * MINUTE
            )
            runs.save_waiting(db, [waiting], True, at - 30 * timedelta(seconds=1))
            runs.save_waiting(db, [], True, at + 30 * timedelta(seconds=1))
    remember(store, *every_minute(*[GOOD] * 30))
    assert judged(store, told()).level is Level.OK
    found = judged(store, told(time_sensitive=True))
    assert (found.level, found.signal) == (Level.BREACH, "slow")
    assert "with their wait in the queue" in found.sentence


def test_what_was_not_watched_is_not_judged(store):
    remember(store, *every_minute(*[BAD] * 30), since=NOW - 30 * MINUTE)
    assert judged(store, told()).signal == "unseen"


def test_flows_without_a_promise_or_not_deployed_are_left_out(store):
    plain = (FlowSettings.model_validate({"name": "Orders"}),)
    off = Inventory(at=NOW, flows=(Flow(id="7", name="Orders", enabled=True, deployed=False),))
    for flows, stock in ((plain, STOCK), (told(), off), (told(), None)):
        assert promise_evidence(store.db, flows, stock, Habits(), "", NOW).flows == ()


@pytest.mark.parametrize(
    ("check", "kind", "subject_id", "words"),
    [
        ("failing_flow", "flow", "7", "its failing runs (#1)"),
        ("odd_flow", "flow", "7", "its being odd (#1)"),
        ("stalled_queue", "queue", "main", "the stalled queue (#1)"),
        ("token_expiry", "instance", "701", "the credential of its system (#1)"),
        ("failing_flow", "flow", "8", ""),
    ],
)
def test_what_another_open_incident_tells_is_not_told_again(store, check, kind, subject_id, words):
    remember(store, *every_minute(*[BAD, GOOD] * 20))
    other = Verdict(
        check=check,
        condition="x",
        subject=Subject(kind=kind, id=subject_id, name="it"),
        level=Level.BREACH,
        signal="x",
        sentence="It is broken.",
    )
    rules = Rules(policies={check: AT_ONCE}, destination="slack/C1")
    with store.writing() as db:
        take(db, [other], rules, NOW)
    found = judged(store, told())
    assert found.explained_by == words
    assert (found.level is Level.UNKNOWN) == bool(words)


def test_the_weeks_before_are_there_when_their_runs_are_forgotten(store):
    with store.writing() as db:
        for back in (10, 12, 20):
            day = date(2026, 3, 4) - timedelta(days=back)
            ended = (("7", GOOD, 30, 99), ("7", BAD, 0, 1), ("8", BAD, 0, 50))
            run_days.save_day(db, run_days.Counted(day=day, runs=150, observed=1.0, ended=ended))
    remember(store, *every_minute(*[BAD, GOOD] * 20))
    found = service_of(store.db, "7", NOW, from_queue=False)
    assert (found.week.good, found.week.bad) == (20, 20)
    assert [each and (each.good, each.bad) for each in found.weeks] == [
        (198, 2),
        (99, 1),
        None,
        None,
    ]
    measures = {each.label: each.usual for each in judged(store, told()).measures}
    assert measures["Succeeded"] == "99 %"
    assert measures["19 in 20 done within"] == "30 s"
