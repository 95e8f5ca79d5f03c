"""From stored runs to what is told of silent loss: rolled up, weighed, settled, judged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from bot import transitions
from bot.clock import Clock
from bot.gather import Gathered
from bot.incidents.events import Resolve
from bot.incidents.model import Actor
from bot.inventory import Inventory
from bot.keep import Keeper
from bot.loss_evidence import LossMemory, loss_evidence, remember_losses
from bot.loss_reading import LossReadings
from bot.loss_weighing import PIECE, Weighing, weigh
from bot.reconciling.forgetting import forget
from bot.rules import Rules
from bot.run_logs import RunLog
from bot.settings import EstateSettings, Settings, WatchSettings
from bot.stock import Stock
from bot.store import Store, covered, loss, runs
from bot.store.failures import save_failures
from bot.store.readings import mark_stale
from checks.catalogue.silent_loss import judge
from checks.declare import Cause
from checks.failures import Failure, FailureEvidence, FlowRuns
from checks.loss.evidence import LossEvidence, Recovered, Told
from checks.loss.policy import Policy
from checks.model import Level, Reading, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.runs import Flow, LogLine, Run, RunStatus

NOW = datetime(2026, 3, 30, 10, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FLOW = Flow(id="5", name="Orders", enabled=True, deployed=True, pool_ids=("31",))
AT_ONCE = CheckPolicy(opens_after=NofM(needed=1, of=1))
PERSON = Actor(who="U1", via="command")
SETTINGS = Settings.model_construct(estate=EstateSettings(name="Acme", timezone="Europe/London"))
numbers = count(1)


class Standing(Clock):
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


def run(at: datetime, *, received: int = 10, sent: int = 10, **changes: object) -> Run:
    made = Run(
        id=str(next(numbers)),
        flow_id="5",
        flow_name="Orders",
        status=RunStatus.SUCCESS,
        started_at=at,
        finished_at=at + MINUTE,
        trigger="Webhook",
        received=received,
        sent=sent,
        warned=False,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def hourly(since: datetime, until: datetime, **told: int) -> Iterable[Run]:
    """Four runs an hour."""
    return [run(since + n * 15 * MINUTE, **told) for n in range((until - since) // (15 * MINUTE))]


async def remember(store: Store, found: Iterable[Run], since: datetime) -> None:
    with store.writing() as db:
        runs.save_runs(db, found)
        covered.cover(db, since, NOW)
    await Keeper(store, Standing(), WatchSettings()).roll_up()


def gathered(**told: object) -> Gathered:
    return Gathered(
        at=NOW,
        queue=None,
        stock=Stock(),
        ended=(),
        blind={},
        **told,  # type: ignore[arg-type]
    )


def evidence(store: Store, newest: Iterable[Run] = (), **seen: object) -> LossEvidence:
    flows = (FlowRuns(flow_id="5", flow_name="Orders", runs=tuple(newest)),)
    return loss_evidence(
        store.db,
        FailureEvidence(flows=flows),
        Inventory(at=NOW, flows=(FLOW,)),
        SETTINGS,
        gathered(**seen),
        LossMemory(),
        NOW,
    )


def judged(found: LossEvidence) -> Verdict:
    (verdict,) = judge(found, Policy(), NOW)
    return verdict


async def test_hours_of_empty_runs_at_a_busy_time_are_told(store):
    since = NOW.replace(minute=0) - 28 * DAY
    broke = NOW.replace(minute=0) - 3 * HOUR
    await remember(
        store,
        [*hourly(since, broke), *hourly(broke, NOW, received=0, sent=0)],
        since,
    )
    found = judged(evidence(store, [run(NOW - 5 * MINUTE, received=0, sent=0)]))
    assert (found.level, found.signal) == (Level.BREACH, "empty")
    assert found.sentence.startswith(
        "All 12 runs of Orders in the 3 h that are over ended well and received nothing; "
        "usually 120 operations come on Mondays at this time."
    )


async def test_a_span_that_was_not_watched_is_neither_judged_nor_learned_from(store):
    since = NOW.replace(minute=0) - 28 * DAY
    broke = NOW.replace(minute=0) - 3 * HOUR
    with store.writing() as db:
        runs.save_runs(db, hourly(since, broke))
        covered.cover(db, since, broke + HOUR)
        covered.cover(db, broke + 2 * HOUR, NOW)
    await Keeper(store, Standing(), WatchSettings()).roll_up()
    span = evidence(store).weighed.flows["5"]
    assert span.now is None
    assert len(span.kind) == 19


def test_the_newest_hours_need_not_have_been_rolled_up(store):
    """Else a round that comes before the roll-up would take a busy hour for one without a run."""
    at = NOW.replace(minute=0)
    with store.writing() as db:
        runs.save_runs(db, hourly(at - 3 * HOUR, at))
        covered.cover(db, at - 28 * DAY, NOW)
    weighed = evidence(store).weighed
    assert weighed.flows["5"].now.started == 12
    assert not weighed.flows["5"].kind


async def test_past_hours_that_wait_for_their_roll_up_are_not_compared_with(store):
    since = NOW.replace(minute=0) - 28 * DAY
    await remember(store, hourly(since, NOW), since)
    before = len(evidence(store).weighed.flows["5"].kind)
    with store.writing() as db:
        mark_stale(db, [NOW - 7 * DAY - HOUR])
    assert len(evidence(store).weighed.flows["5"].kind) == before - 1


async def test_norms_are_learned_for_some_flows_a_round_and_for_all_in_the_end(store):
    since = NOW.replace(minute=0) - 2 * DAY
    names = [str(number) for number in range(PIECE + 5)]
    await remember(store, [run(since, flow_id=name) for name in names], since)
    done = Weighing()
    learned = []
    for _ in range(3):
        found = weigh(store.db, names, SETTINGS, done, NOW)
        learned.append(sum(span.norm is not None for span in found.flows.values()))
    assert learned == [PIECE, PIECE + 5, PIECE + 5]


async def test_a_flow_whose_norm_is_not_learned_yet_is_not_called_well(store):
    since = NOW.replace(minute=0) - 2 * DAY
    await remember(store, hourly(since, NOW), since)
    found = evidence(store, [run(NOW - HOUR)])
    span = replace(found.weighed.flows["5"], norm=None)
    waiting = replace(found, weighed=replace(found.weighed, flows={"5": span}))
    assert judged(waiting).level is Level.UNKNOWN


def test_what_others_tell_stands_until_it_cleared_even_if_a_person_resolved_it(store):
    rules = Rules(policies={"stalled_queue": AT_ONCE}, destination="slack/C1")
    stalled = Verdict(
        check="stalled_queue",
        condition="stall",
        subject=Subject(kind="queue", id="main", name="the run queue"),
        level=Level.BREACH,
        signal="stall",
        sentence="Nothing starts.",
    )
    with store.writing() as db:
        transitions.judge(db, [stalled], rules, NOW - 3 * HOUR)
    told = Told(check="stalled_queue", kind="queue", id="main", incident=1)
    assert set(loss.told_by_others(store.db, "silent_loss", NOW)) == {told}
    assert not set(loss.told_by_others(store.db, "stalled_queue", NOW))
    transitions.act(store, 1, Resolve(), PERSON, NOW - 2 * HOUR, destination="slack/C1")
    assert set(loss.told_by_others(store.db, "silent_loss", NOW)) == {told}
    over = replace(told, until=NOW - 2 * HOUR)
    assert over in set(loss.told_by_others(store.db, "silent_loss", NOW - 3 * HOUR))


async def test_runs_by_hand_say_nothing_of_how_often_a_flow_is_called(store):
    at = NOW.replace(minute=0) - HOUR
    await remember(store, [run(at), run(at, trigger="Manual"), run(at, trigger="Retry")], at)
    found = loss.moved_lately(store.db, at, at + HOUR)["5"]
    assert (found.started, found.told, found.received) == (1, 3, 30)


async def test_counts_that_are_not_told_are_not_taken_for_nothing(store):
    at = NOW.replace(minute=0) - HOUR
    await remember(store, [run(at, received=None), run(at, sent=0), run(at, received=0)], at)
    found = loss.moved_lately(store.db, at, at + HOUR)["5"]
    assert (found.started, found.told, found.fed, found.unsent, found.empty) == (3, 2, 1, 1, 1)


def failure(of: Run) -> Failure:
    return Failure(
        run_id=of.id,
        flow_id="5",
        at=of.finished_at or of.started_at,
        status=of.status,
        cause=Cause.LASTING,
        line="HTTP 400: no such product",
    )


@pytest.mark.parametrize(("level", "told"), [("ERROR", 1), ("WARNING", 0)])
def test_only_errors_of_green_runs_count_and_warnings_do_not(store, level, told):
    green = run(NOW - HOUR, warned=True)
    log = RunLog(run=green, lines=(LogLine(at=NOW, level=level, text="HTTP 400"),))
    with store.writing() as db:
        runs.save_runs(db, [green])
        save_failures(db, [failure(green)])
        remember_losses(db, gathered(logs=(log,)))
    found = evidence(store, [green])
    assert len(found.green_errors.get("5", ())) == told
    assert not found.unread


def test_a_green_run_with_warnings_waits_for_its_log(store):
    with store.writing() as db:
        runs.save_runs(db, [run(NOW - HOUR / 2, warned=True), run(NOW - 2 * HOUR, warned=True)])
    assert evidence(store).unread == {"5": 1}


def tracked(number: int, at: datetime, *, sent: bool = True) -> loss.TrackedRow:
    return loss.TrackedRow(
        entity="order",
        key=f"SO-{number}",
        flow_id="5",
        run_id="r1",
        shown=f"SO-{number}",
        received_at=at,
        sent_at=at + MINUTE if sent else None,
    )


def remember_tracked(store: Store, rows: Iterable[loss.TrackedRow], until: datetime = NOW) -> None:
    with store.writing() as db:
        runs.save_runs(db, [run(NOW - 3 * HOUR, id="r1")])
        remember_losses(db, gathered(losses=LossReadings(tracked=tuple(rows), tracked_until=until)))


def test_values_that_had_their_time_and_were_not_sent_are_told_and_named_nowhere(store):
    lost = {7, 8, 9}
    remember_tracked(store, (tracked(n, NOW - 3 * HOUR, sent=n not in lost) for n in range(1000)))
    found = judged(evidence(store, [run(NOW - HOUR)]))
    assert (found.level, found.signal, found.facts["lost"]) == (Level.BREACH, "tracked", 3)
    assert not any(f"SO-{n}" in repr(found) for n in lost)


def test_a_value_that_is_sent_by_another_flow_later_is_not_missing(store):
    remember_tracked(store, [tracked(n, NOW - 3 * HOUR, sent=n > 0) for n in range(200)])
    assert evidence(store).tracked["5"].unsent == 1
    sent = replace(tracked(0, NOW), flow_id="6", received_at=None, sent_at=NOW - HOUR)
    remember_tracked(store, [sent])
    found = evidence(store).tracked
    assert found["5"].unsent == 0
    assert "6" not in found


def green_error(store: Store, at: datetime) -> Run:
    """A run that ended well although its log tells of an error, and that tracked ten values."""
    green = run(at, id="r9", warned=True)
    log = RunLog(run=green, lines=(LogLine(at=at, level="ERROR", text="HTTP 400"),))
    with store.writing() as db:
        runs.save_runs(db, [green])
        save_failures(db, [failure(green)])
        remember_losses(db, gathered(logs=(log,)))
    values = [replace(tracked(n, at, sent=n > 2), run_id="r9") for n in range(10)]
    remember_tracked(store, [*values, *(tracked(n, at - HOUR) for n in range(20, 200))])
    return green


def test_what_a_green_run_left_behind_is_no_longer_lost_once_all_of_it_was_sent_again(store):
    green = green_error(store, NOW - 5 * HOUR)
    assert judged(evidence(store, [green])).level is Level.BREACH
    again = [
        replace(tracked(n, NOW - HOUR), run_id="r10", sent_at=NOW - HOUR + MINUTE) for n in range(3)
    ]
    remember_tracked(store, again[:2])
    assert not evidence(store, [green]).recovered
    remember_tracked(store, again[2:])
    found = evidence(store, [green])
    assert found.recovered == {"r9": Recovered(late=3, at=NOW - HOUR + MINUTE)}
    assert judged(found).level is Level.OK
    assert "3 records that 1 run had left behind were sent since" in judged(found).sentence


def test_what_arrived_stays_arrived_when_its_key_is_forgotten(store):
    green = green_error(store, NOW - 5 * HOUR)
    remember_tracked(store, [tracked(n, NOW - HOUR) for n in range(3)])
    before = evidence(store, [green])
    for key in ("SO-0", "SO-1", "SO-2", "SO-5"):
        assert forget(store, [], key).sent == 1
        assert forget(store, [], key).sent == 0
    after = evidence(store, [green])
    assert (after.recovered, after.tracked) == (before.recovered, before.tracked)
    assert judged(after).level is Level.OK


def test_values_that_went_as_ever_do_not_make_good_what_an_error_cost(store):
    green = green_error(store, NOW - 5 * HOUR)
    in_time = [replace(tracked(n, NOW - 5 * HOUR), run_id="r9") for n in range(3)]
    remember_tracked(store, in_time)
    found = evidence(store, [green])
    assert not found.recovered
    assert judged(found).level is Level.BREACH


def test_a_value_on_its_way_is_not_missing(store):
    on_its_way = tracked(0, NOW - 14 * MINUTE, sent=False)
    remember_tracked(store, [on_its_way, *(tracked(n, NOW - HOUR) for n in range(1, 200))])
    assert evidence(store).tracked["5"].unsent == 0


@pytest.mark.parametrize(
    ("status", "unsent"),
    [(RunStatus.FAILURE, 0), (RunStatus.STARTED, 0), (RunStatus.PARTIAL_SUCCESS, 1)],
)
def test_values_of_a_run_that_failed_are_told_as_failing_and_not_as_lost(store, status, unsent):
    with store.writing() as db:
        runs.save_runs(db, [run(NOW - 2 * HOUR, id="r9", status=status)])
    lost = replace(tracked(0, NOW - 2 * HOUR, sent=False), run_id="r9")
    remember_tracked(store, [lost, *(tracked(n, NOW - 3 * HOUR) for n in range(1, 200))])
    assert evidence(store).tracked["5"].unsent == unsent


def test_values_that_were_not_read_of_late_are_out_of_sight(store):
    remember_tracked(store, [tracked(1, NOW - 2 * HOUR)], until=NOW - HOUR)
    seen = LossReadings(blind="Patchworks answered with 503")
    found = evidence(store, losses=seen)
    assert (found.tracked, found.tracked_blind) == (None, "Patchworks answered with 503")


def test_keys_are_not_stored_but_as_they_may_be_shown(store):
    hidden = replace(tracked(1, NOW), key="SO-10423", shown="*****423")
    remember_tracked(store, [hidden])
    stored = list(store.db.query("SELECT * FROM tracked_values"))
    assert "SO-10423" not in repr(stored)


def test_pools_are_compared_over_hours(store):
    with store.writing() as db:
        for back, entries in ((5, 100), (1, 160)):
            told = Reading(
                subject="pool/31", metric="pool.entries", at=NOW - back * HOUR, value=entries
            )
            remember_losses(db, gathered(losses=LossReadings(pools=(told,))))
    (pool,) = evidence(store, losses=LossReadings(pool_names={"31": "Sent"})).pools["5"]
    assert (pool.name, pool.gained, pool.until - pool.since) == ("Sent", 60, 4 * HOUR)


def test_what_a_person_resolved_is_settled_and_what_the_check_cleared_is_not(store):
    rules = Rules(policies={"silent_loss": AT_ONCE}, destination="slack/C1")
    partial = run(NOW - 2 * HOUR, status=RunStatus.PARTIAL_SUCCESS)
    with store.writing() as db:
        runs.save_runs(db, [partial])
    told = judged(evidence(store, [partial]))
    assert told.level is Level.BREACH
    with store.writing() as db:
        transitions.judge(db, [told], rules, NOW - HOUR)
    assert not evidence(store).settled
    transitions.act(store, 1, Resolve(), PERSON, NOW - HOUR / 2, destination="slack/C1")
    settled = evidence(store, [partial])
    assert settled.settled == {"5": NOW - HOUR / 2}
    assert judged(settled).level is Level.OK


def test_old_hours_and_values_are_forgotten(store):
    remember_tracked(store, [tracked(1, NOW - 9 * DAY), tracked(2, NOW - DAY)])
    with store.writing() as db:
        runs.save_runs(db, [run(NOW - 31 * DAY)])
        loss.roll_up(db, (NOW - 31 * DAY).replace(minute=0))
        assert loss.prune(db, NOW) == 2
