"""From stored runs to what is told of odd flows: rolled up, weighed once an hour, judged."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot import transitions
from bot.clock import Clock
from bot.keep import Keeper
from bot.oddities import find_weighed, odd_evidence, weigh_once_an_hour
from bot.rules import Rules
from bot.sandbox.estate.company import FLOWS
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Status
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.story import operations
from bot.sandbox.scenarios import find
from bot.settings import WatchSettings
from bot.store import Store, covered, flow_hours, incidents, readings, runs
from bot.store.columns import write_time
from bot.store.failures import save_failures
from checks.catalogue.odd_flow import judge
from checks.declare import Cause
from checks.failures import Failure, FailureEvidence, FlowRuns
from checks.model import Level, Reading, Subject, Verdict
from checks.oddities.evidence import Told
from checks.oddities.policy import Policy
from checks.policy import CheckPolicy, NofM
from checks.runs import Run, RunStatus

AT_ONCE = CheckPolicy(opens_after=NofM(needed=1, of=1))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 3, 4, 9, 12, tzinfo=UTC)
STATUSES = {
    Status.SUCCESS: RunStatus.SUCCESS,
    Status.FAILURE: RunStatus.FAILURE,
    Status.PARTIAL_SUCCESS: RunStatus.PARTIAL_SUCCESS,
    Status.STOPPED: RunStatus.STOPPED,
}
SOME = [flow for flow in FLOWS if flow.cron or flow.per_minute < 0.1]  # the busiest take long
numbers = count(1)


class Standing(Clock):
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Standing:
    return Standing(NOW)


@pytest.fixture
def keeper(store: Store, clock: Standing) -> Keeper:
    return Keeper(store, clock, WatchSettings())


def run(
    at: datetime,
    seconds: float = 30.0,
    *,
    flow_id: str = "1",
    status: RunStatus = RunStatus.SUCCESS,
    operations: int | None = None,
) -> Run:
    return Run(
        id=str(next(numbers)),
        flow_id=flow_id,
        flow_name="Orders",
        status=status,
        started_at=at,
        finished_at=at + timedelta(seconds=seconds),
        received=operations,
        sent=None if operations is None else 0,
    )


def hourly(
    since: datetime, until: datetime, seconds: Callable[[datetime], float], **told: object
) -> Iterable[Run]:
    """Ten runs an hour."""
    at = since
    while at < until:
        yield run(at, seconds(at), **told)  # type: ignore[arg-type]
        at += 6 * MINUTE


def remember(store: Store, found: Iterable[Run], since: datetime, until: datetime) -> None:
    with store.writing() as db:
        runs.save_runs(db, found)
        covered.cover(db, since, until)


def flows_of(*flow_ids: str) -> FailureEvidence:
    return FailureEvidence(
        flows=tuple(FlowRuns(flow_id=each, flow_name="Orders", runs=()) for each in flow_ids)
    )


def judged(store: Store, now: datetime, *flow_ids: str) -> dict[str, Verdict]:
    evidence = odd_evidence(store.db, flows_of(*flow_ids))
    return {each.subject.id: each for each in judge(evidence, Policy(), now)}


async def test_a_flow_whose_runs_triple_is_told(store, keeper):
    calm = hourly(NOW - 8 * DAY, NOW - 3 * HOUR, lambda _: 30.0)
    slow = hourly(NOW - 3 * HOUR, NOW, lambda _: 95.0)
    remember(store, [*calm, *slow], NOW - 8 * DAY, NOW)
    await keeper.roll_up()
    found = judged(store, NOW, "1")["1"]
    assert (found.level, found.signal) == (Level.EARLY, "slower")
    assert "take 1 min 35 s, usually 30 s" in found.sentence


async def test_a_flow_that_has_three_times_as_much_to_do_is_not_slow(store, keeper):
    calm = hourly(NOW - 8 * DAY, NOW - 3 * HOUR, lambda _: 30.0, operations=10)
    busy = hourly(NOW - 3 * HOUR, NOW, lambda _: 90.0, operations=30)
    remember(store, [*calm, *busy], NOW - 8 * DAY, NOW)
    await keeper.roll_up()
    assert judged(store, NOW, "1")["1"].level is Level.OK


async def test_a_flow_that_has_little_to_do_is_not_slow_either(store, keeper):
    calm = hourly(NOW - 8 * DAY, NOW - 3 * HOUR, lambda _: 30.0, operations=30)
    idle = hourly(NOW - 3 * HOUR, NOW, lambda _: 28.0, operations=2)
    remember(store, [*calm, *idle], NOW - 8 * DAY, NOW)
    await keeper.roll_up()
    assert judged(store, NOW, "1")["1"].level is Level.OK


async def test_before_seven_days_nothing_is_called_well(store, keeper):
    remember(store, hourly(NOW - 6 * DAY, NOW, lambda _: 30.0), NOW - 6 * DAY, NOW)
    await keeper.roll_up()
    found = judged(store, NOW, "1")
    assert "1" not in found
    assert found["all"].level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("cause", "level"),
    [(Cause.LASTING, Level.EARLY), (Cause.LIMIT, Level.OK), (Cause.CREDENTIAL, Level.OK)],
)
async def test_failures_are_told_unless_they_are_told_elsewhere(store, keeper, cause, level):
    since, last = NOW - 8 * DAY, NOW.replace(minute=0) - HOUR
    failed = [run(last + n * MINUTE, status=RunStatus.FAILURE) for n in range(1, 6)]
    remember(store, [*hourly(since, NOW, lambda _: 30.0), *failed], since, NOW)
    with store.writing() as db:
        save_failures(
            db,
            [
                Failure(
                    run_id=each.id,
                    flow_id="1",
                    at=each.finished_at or NOW,
                    status=each.status,
                    cause=cause,
                    line="no",
                )
                for each in failed
            ],
        )
    await keeper.roll_up()
    assert judged(store, NOW, "1")["1"].level is level


@pytest.mark.parametrize(
    ("told_at", "cause", "of_flow", "level"),
    [
        pytest.param(5, Cause.CREDENTIAL, "1", Level.OK, id="a credential rejected beside them"),
        pytest.param(5, Cause.LIMIT, "1", Level.OK, id="an allowance used up beside them"),
        pytest.param(-50, Cause.CREDENTIAL, "1", Level.OK, id="rejected in the hour before"),
        pytest.param(-58, Cause.CREDENTIAL, "1", Level.EARLY, id="rejected too long before"),
        pytest.param(5, Cause.LASTING, "1", Level.EARLY, id="the flow's own trouble"),
        pytest.param(5, Cause.CREDENTIAL, "2", Level.EARLY, id="another flow's credential"),
    ],
)
async def test_failures_whose_logs_were_not_read_are_told_unless_their_neighbours_explain_them(
    store, keeper, told_at, cause, of_flow, level
):
    """With nothing open elsewhere: whatever was the cause has ended."""
    since, last = NOW - 8 * DAY, NOW.replace(minute=0) - HOUR
    failed = [run(last + n * MINUTE, status=RunStatus.FAILURE) for n in range(4, 12)]
    remember(store, [*hourly(since, NOW, lambda _: 30.0), *failed], since, NOW)
    await keeper.roll_up()
    read = Failure(
        run_id="read",
        flow_id=of_flow,
        at=last + told_at * MINUTE,
        status=RunStatus.FAILURE,
        cause=cause,
        line="no",
    )
    with store.writing() as db:
        save_failures(db, [read])
        db.execute("DELETE FROM snapshots WHERE name = 'weighed'")
    await keeper.roll_up()
    assert judged(store, NOW, "1")["1"].level is level


async def test_a_deeper_queue_is_told(store, keeper):
    since = NOW - 8 * DAY
    remember(store, [], since, NOW)
    with store.writing() as db:
        at = since
        while at < NOW:
            deep = 20.0 if at >= NOW - 4 * HOUR else 2.0
            told = Reading(subject="queue/main", metric="queue.waiting", at=at, value=deep)
            readings.add_readings(db, [told])
            at += 10 * MINUTE
    await keeper.roll_up()
    found = judged(store, NOW)["main"]
    assert (found.level, found.signal) == (Level.EARLY, "deeper")


async def test_an_hour_is_weighed_once_and_only_when_its_runs_are_known(store, keeper, clock):
    since = NOW - 8 * DAY
    remember(store, hourly(since, NOW, lambda _: 30.0), since, NOW.replace(minute=2))
    await keeper.roll_up()
    assert find_weighed(store.db).until == NOW.replace(minute=0) - HOUR
    remember(store, [], since, NOW)
    await keeper.roll_up()
    weighed = find_weighed(store.db)
    assert weighed.until == NOW.replace(minute=0)
    clock.at = NOW + 10 * MINUTE
    await keeper.roll_up()
    assert find_weighed(store.db) is weighed


async def test_what_becomes_known_later_replaces_what_was_rolled_up(store, keeper):
    hour = NOW.replace(minute=0) - HOUR
    remember(store, [run(hour, 30.0)], hour, NOW)
    await keeper.roll_up()
    remember(store, [run(hour + MINUTE, 40.0), run(hour + 2 * MINUTE, 80.0)], hour, NOW)
    await keeper.roll_up()
    (found,) = flow_hours.flow_hours(store.db, flow_hours.DURATION, hour, hour + HOUR)
    assert found[:3] == ("1", 0, 3)
    assert found[3] / found[2] == pytest.approx(40.0, abs=0.01)


async def test_hours_of_flows_do_not_hold_up_those_of_readings(store, keeper):
    """Where readings are rolled up from is told by their own newest hour."""
    remember(store, [run(NOW - 2 * HOUR)], NOW - 3 * HOUR, NOW)
    await keeper.roll_up()
    assert readings.rolled_up_until(store.db) is None


async def test_hours_of_flows_are_forgotten_before_other_roll_ups(store, keeper):
    old = NOW - flow_hours.KEPT - 2 * HOUR
    with store.writing() as db:
        for metric in ("calls", flow_hours.DURATION):
            row = ["flow/1", metric, write_time(old), 1, 30.0, 30.0, 1.0]
            db.execute(flow_hours.SAVE, row)
    await keeper.prune()
    left = [row[0] for row in store.db.execute("SELECT metric FROM rollups")]
    assert left == ["calls"]


def test_with_nothing_known_nothing_is_weighed(store):
    weigh_once_an_hour(store, NOW)
    assert find_weighed(store.db) is None


def of_estate(estate: Estate, since: datetime) -> list[Run]:
    return [
        Run(
            id=str(each.id),
            flow_id=str(each.flow.id),
            flow_name=each.flow.name,
            status=STATUSES[each.outcome],
            started_at=each.started_at,
            finished_at=each.ends_at,
            received=operations(each)[0],
            sent=operations(each)[1],
        )
        for each in estate.queue.runs.values()
        if each.has_ended(estate.now) and (each.ends_at or NOW) >= since
    ]


async def watch(store: Store, keeper: Keeper, clock: Standing, estate: Estate, hours: int):
    """Live on, hour by hour; which flows are told in which hour after the beginning."""
    start, told = estate.now, {}
    for hour in range(hours):
        before, clock.at = clock.at, start + (hour + 1) * HOUR
        estate.advance(clock.at)
        remember(store, of_estate(estate, before - 10 * MINUTE), before, clock.at)
        await keeper.roll_up()
        names = [str(each) for each in estate.flows]
        for verdict in judged(store, clock.at, *names).values():
            if verdict.level.is_trouble:
                told.setdefault(verdict.subject.id, []).append(hour + 1)
    return told


@pytest.fixture
def of_scenario(store, keeper, clock):
    async def live(name: str, hours: int) -> dict[str, list[int]]:
        scenario = find(name)
        options = EstateOptions(history_days=8)
        estate = Estate(now=NOW, opens=scenario.opens, options=options, flows=SOME)
        remember(store, of_estate(estate, NOW - 8 * DAY), NOW - 8 * DAY, NOW)
        estate.play(scenario.steps)
        found: dict[str, list[int]] = await watch(store, keeper, clock, estate, hours)
        return found

    return live


async def test_a_slow_drift_in_the_estate_is_told_of_that_flow_alone(of_scenario):
    told = await of_scenario("slow_drift", 66)
    assert list(told) == ["4003"]
    assert 6 <= told["4003"][0] <= 40
    assert told["4003"][-1] <= 54 + 8  # it is over some hours after the change was taken back


async def test_two_quiet_days_of_the_estate_tell_nothing(of_scenario):
    assert await of_scenario("quiet_day", 48) == {}


def test_what_is_open_elsewhere_is_handed_over_and_what_is_ours_is_not(store, verdict):
    ours = Subject(kind="flow", id="1", name="Orders")
    rules = Rules(policies={"stalled_queue": AT_ONCE, "odd_flow": AT_ONCE}, destination="nowhere")
    with store.writing() as db:
        transitions.judge(db, [verdict(), verdict(check="odd_flow", subject=ours)], rules, NOW)
    assert len(incidents.open_alerts(store.db)) == 2
    told = odd_evidence(store.db, flows_of("1")).told
    assert told == (Told(check="stalled_queue", kind="queue", id="main", incident=1),)


def test_a_thousand_flows_are_read_in_a_moment(store):
    """A round reads what was weighed: at once when it knows it, quickly when it is new."""
    flows = [
        {
            "flow_id": str(n),
            "slow": {
                "measured": 30.0 + n,
                "usual": 30.0,
                "at": NOW.isoformat(),
                "hours": [0.1, 0.2, 0.3],
                "recent": 30.0,
                "recent_usual": 30.0,
            },
        }
        for n in range(1000)
    ]
    body = json.loads(json.dumps({"until": NOW.replace(minute=0).isoformat(), "flows": flows}))
    with store.writing() as db:
        runs.save_snapshot(db, "weighed", NOW, body)
    names = [str(n) for n in range(1000)]
    judged(store, NOW, *names)
    began = time.process_time()
    assert len(judged(store, NOW, *names)) == 1001
    assert time.process_time() - began < 1.0  # about 0.06 s on an idle machine
