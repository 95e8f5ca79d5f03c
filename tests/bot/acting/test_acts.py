"""From a proposal to its result, against a look-alike over HTTP: once, by the right people."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import sys
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot import acts
from bot.acting.proposal import Came, Deed, Stage, Why
from bot.acts import Acts
from bot.incidents.model import Actor
from bot.permissions import Permission
from bot.sandbox.estate.model import Trigger
from bot.store import acts as stored
from bot.store import audit
from tests.bot.acting.estate import ALEX, ALONE, HOME, PRIYA, RULES
from tests.waiting import PATIENCE

BY_PRIYA = Actor(who=PRIYA, via="command")
BY_ALEX = Actor(who=ALEX, via="button")
ONE_IS_OPEN = "Whether it succeeds is not known yet; /seam acts tells it once it has ended."


def proposed(scene, draft=None, rules=RULES):
    made, is_new = acts.propose(
        scene.store, draft or scene.draft(), BY_PRIYA, rules, HOME, scene.clock.now()
    )
    assert is_new
    return made


def approve(scene, proposal, by=BY_ALEX, rules=RULES, **more):
    now = scene.clock.now()
    return acts.approve(scene.store, proposal.id, by, rules, HOME, now, **more)


def approved(scene, draft=None):
    made = proposed(scene, draft)
    _, why = approve(scene, made)
    assert why is None
    return made


def result_of(scene, proposal):
    return stored.find(scene.store.db, proposal.id)


def notices(scene):
    """The lines under the messages of the proposals."""
    rows = scene.store.db.query(
        "SELECT body FROM outbox WHERE topic LIKE 'act/%' AND purpose = 'line' ORDER BY step"
    )
    return [row["body"] for row in rows]


def attempted(scene):
    return [
        (row.what, row.who, row.allowed)
        for row in audit.audited_since(scene.store.db, scene.clock.now() - timedelta(days=1))
    ]


async def test_what_is_approved_is_started_once_and_its_run_is_named(scene):
    made = approved(scene)
    await scene.acts().work()
    [run] = scene.begun()
    after = result_of(scene, made)
    assert after.stage is Stage.EXECUTED
    assert after.result == f"Began run {run.id}. {ONE_IS_OPEN}"
    await scene.acts().work()
    assert len(scene.begun()) == 1
    assert [each.split(":")[0] for each in notices(scene)] == ["Proposal 1 carried out"]
    told = scene.store.db.execute(
        "SELECT purpose FROM outbox WHERE topic = 'act/1' ORDER BY number"
    )
    assert [purpose for (purpose,) in told] == ["root", "edit", "edit", "line"]
    assert attempted(scene) == [
        ("propose start", PRIYA, True),
        ("approve start", ALEX, True),
        ("execute start", "Seamwatch", True),
    ]


async def test_nothing_is_done_before_somebody_approves(scene):
    made = proposed(scene)
    await scene.acts().work()
    assert scene.begun() == []
    assert scene.stage_of(made.id) == "pending"


async def test_the_payload_of_a_failed_run_is_replayed_as_it_was(scene):
    failed = scene.failed_run('[{"id": 7}]')
    approved(scene, scene.draft(Deed.REPLAY, failed))
    await scene.acts().work()
    [run] = scene.begun()
    assert run.payload == '[{"id": 7}]'


async def test_what_the_settings_route_goes_by_that_route(scene):
    failed = scene.failed_run()
    made = approved(scene, scene.draft(Deed.RETRY, failed))
    await scene.acts().work()
    [run] = scene.begun(Trigger.RETRY)
    assert run.retry_of == failed.id
    assert result_of(scene, made).result == f"Began run {run.id}. {ONE_IS_OPEN}"


async def test_a_route_that_was_taken_out_of_the_settings_is_not_used(scene):
    made = approved(scene, scene.draft(Deed.RETRY, scene.failed_run()))
    await scene.acts(rules=replace(RULES, routes={})).work()
    assert result_of(scene, made).stage is Stage.FAILED
    assert "no route for retry" in result_of(scene, made).result
    assert scene.begun(Trigger.RETRY) == []


async def test_a_payload_that_patchworks_has_forgotten_is_not_replayed(scene):
    failed = scene.failed_run()
    made = approved(
        scene,
        scene.draft(
            Deed.REPLAY,
            failed,
            targets=tuple(
                replace(each, forgotten_at=scene.clock.now())
                for each in scene.draft(Deed.REPLAY, failed).targets
            ),
        ),
    )
    await scene.acts().work()
    assert result_of(scene, made).stage is Stage.FAILED
    assert "72 hours" in result_of(scene, made).result
    assert scene.begun() == []


async def test_a_payload_that_is_gone_after_all_is_said_so(scene):
    failed = scene.failed_run()
    scene.clock.advance(timedelta(hours=73))
    fresh = replace(scene.draft(Deed.REPLAY, failed).targets[0], forgotten_at=None)
    made = approved(scene, scene.draft(Deed.REPLAY, failed, targets=(fresh,)))
    await scene.acts().work()
    after = result_of(scene, made)
    assert after.stage is Stage.FAILED
    assert "no longer has the payload" in after.result


def test_nobody_approves_their_own_proposal(scene):
    made = proposed(scene)
    _, why = approve(scene, made, BY_PRIYA, reason="it cannot wait until the morning")
    assert why is Why.OWN
    assert scene.stage_of(made.id) == "pending"
    assert attempted(scene)[-1] == ("approve start", PRIYA, False)


def test_the_database_itself_refuses_an_approver_who_proposed(scene):
    made = proposed(scene)
    with pytest.raises(sqlite3.IntegrityError), scene.store.writing() as db:
        stored.decide(db, made, Stage.APPROVED, PRIYA, "because", scene.clock.now())


async def test_a_lone_night_shift_approves_with_a_reason(scene):
    made = proposed(scene, rules=ALONE)
    _, why = approve(scene, made, BY_PRIYA, ALONE)
    assert why is Why.NO_REASON
    _, why = approve(scene, made, BY_PRIYA, ALONE, reason="nobody else is awake")
    assert why is None
    await scene.acts(rules=ALONE).work()
    assert scene.stage_of(made.id) == "executed"


async def test_settings_that_became_stricter_hold_for_what_was_approved_before(scene):
    made = proposed(scene, rules=ALONE)
    approve(scene, made, BY_PRIYA, ALONE, reason="nobody else is awake")
    await scene.acts(rules=RULES).work()
    assert scene.stage_of(made.id) == "failed"
    assert scene.begun() == []


async def test_what_nobody_approves_in_time_lapses(scene):
    made = proposed(scene)
    scene.clock.advance(timedelta(minutes=31))
    await scene.acts().work()
    assert scene.stage_of(made.id) == "expired"
    assert approve(scene, made)[1] is Why.DECIDED
    assert scene.begun() == []


def test_a_late_approval_is_refused_even_before_the_loop_noticed(scene):
    made = proposed(scene)
    scene.clock.advance(timedelta(minutes=30))
    assert approve(scene, made)[1] is Why.LATE
    assert scene.stage_of(made.id) == "expired"


async def test_what_was_approved_in_time_and_is_found_too_late_is_not_done(scene):
    made = approved(scene)
    scene.clock.advance(timedelta(hours=2))
    await scene.acts().work()
    assert scene.stage_of(made.id) == "failed"
    assert scene.begun() == []


def test_a_month_old_button_does_nothing(scene):
    made = proposed(scene)
    acts.refuse(scene.store, made.id, BY_ALEX, HOME, scene.clock.now())
    scene.clock.advance(timedelta(days=30))
    assert approve(scene, made, seen_version=1)[1] is Why.DECIDED


def test_a_button_of_another_version_does_nothing(scene):
    made = proposed(scene)
    assert approve(scene, made, seen_version=2)[1] is Why.CHANGED


def test_the_same_act_is_proposed_once_while_it_stands(scene):
    made = proposed(scene)
    now = scene.clock.now()
    again, is_new = acts.propose(scene.store, scene.draft(), BY_ALEX, RULES, HOME, now)
    assert (again.id, is_new) == (made.id, False)
    later = now + timedelta(minutes=31)
    _, is_new = acts.propose(scene.store, scene.draft(), BY_ALEX, RULES, HOME, later)
    assert is_new


async def test_two_approvals_at_once_let_it_be_done_once(scene):
    made = proposed(scene)
    ready = threading.Barrier(2)

    def press(user):
        ready.wait()
        return approve(scene, made, Actor(who=user, via="button"), seen_version=1)[1]

    came = await asyncio.gather(*(asyncio.to_thread(press, user) for user in (ALEX, "U0MARA")))
    assert sorted(came, key=str) == [None, Why.DECIDED]
    loop = scene.acts()
    await asyncio.gather(loop.work(), loop.work())
    assert len(scene.begun()) == 1


async def test_who_may_not_approve_any_more_has_not_approved(scene):
    async def nobody(user_id, right, *, channel=""):
        assert (user_id, channel) == (ALEX, "C1")
        return Permission(allowed=False, because="Approving needs Mara.")

    made = approved(scene)
    await scene.acts(may=nobody).work()
    assert result_of(scene, made).stage is Stage.FAILED
    assert "needs Mara" in result_of(scene, made).result
    assert scene.begun() == []
    assert attempted(scene)[-1] == ("execute start", "Seamwatch", False)


async def test_an_answer_that_is_lost_is_looked_up_and_not_repeated(scene):
    made = approved(scene)
    await scene.spoil(path_prefix="/start/", status=504)
    await scene.acts().work()
    [run] = scene.begun()
    after = result_of(scene, made)
    assert after.stage is Stage.EXECUTED
    assert f"run {run.id} began then" in after.result


async def test_a_time_out_that_began_nothing_is_said_to_have_failed(scene):
    made = approved(scene)
    await scene.spoil(path_prefix="/start/", status=502, instead=True)
    await scene.acts().work()
    after = result_of(scene, made)
    assert after.stage is Stage.FAILED
    assert "No run began" in after.result
    assert scene.begun() == []


async def test_what_cannot_be_looked_up_is_not_known(scene):
    made = approved(scene)
    await scene.spoil(path_prefix="/start/", status=504)
    await scene.spoil(path_prefix="/api/v1/flow-runs", status=403)
    await scene.acts().work()
    assert scene.stage_of(made.id) == "unknown"
    assert notices(scene)[-1].startswith("Proposal 1 not known whether it was done")
    assert "Look in Patchworks (process flows" in notices(scene)[-1]


async def test_another_run_that_began_alike_makes_it_not_known(scene):
    made = approved(scene)
    await scene.spoil(path_prefix="/start/", status=504)

    async def somebody_else_starts(seconds):
        scene.company.queue.enqueue(scene.company.flow("Orders to NetSuite"), Trigger.API)
        scene.clock.advance(timedelta(seconds=seconds))

    await scene.acts(executor=scene.executor(pause=somebody_else_starts)).work()
    assert scene.stage_of(made.id) == "unknown"


@pytest.mark.parametrize("status", [401, 403, 404, 422, 429])
async def test_what_patchworks_turns_down_has_failed(scene, status):
    made = approved(scene)
    await scene.spoil(path_prefix="/start/", status=status, instead=True)
    await scene.acts().work()
    after = result_of(scene, made)
    assert after.stage is Stage.FAILED
    assert str(status) in after.result
    assert scene.server.api_key not in after.result


async def test_of_several_runs_each_is_told(scene):
    first, second = scene.failed_run("[1]"), scene.failed_run("[2]")
    gone = replace(scene.draft(Deed.REPLAY, second).targets[0], run_id="99999999")
    targets = (*scene.draft(Deed.REPLAY, first).targets, gone)
    made = approved(scene, scene.draft(Deed.REPLAY, targets=targets))
    await scene.acts().work()
    after = result_of(scene, made)
    assert after.stage is Stage.FAILED
    assert after.result.startswith("1 of 2 started again.")
    assert "Run 99999999:" in after.result
    assert len(scene.begun()) == 1


class Killed(BaseException):
    """The process dies here."""


async def test_dying_between_approval_and_execution_executes_once(scene, monkeypatch):
    made = approved(scene)

    async def die(*_):
        raise Killed

    dying = scene.executor()
    monkeypatch.setattr(dying, "carry_out", die)
    with pytest.raises(Killed):
        await scene.acts(executor=dying).work()
    assert scene.stage_of(made.id) == "executing"
    await scene.acts().work()
    assert scene.stage_of(made.id) == "executed"
    assert len(scene.begun()) == 1


@pytest.mark.parametrize("sent", [True, False], ids=["after the request", "before the request"])
async def test_dying_around_the_request_never_sends_it_twice(scene, monkeypatch, sent):
    made = approved(scene)
    start = scene.starter.start

    async def die(*args):
        if sent:
            await start(*args)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(scene.starter, "start", die)
        with pytest.raises(Killed):
            await scene.acts().work()
    [attempt] = stored.attempts_of(scene.store.db, made.id)
    assert attempt.came is Came.INTENDED
    await scene.acts().work()
    assert len(scene.begun()) == sent
    assert scene.stage_of(made.id) == ("executed" if sent else "failed")


async def test_dying_before_it_was_told_tells_it_once_after_the_start(scene, monkeypatch):
    made = approved(scene)
    with monkeypatch.context() as dying:
        tell = Acts._tell

        def die_at_the_end(loop, proposal):
            if proposal.stage.is_over:
                raise Killed
            tell(loop, proposal)

        dying.setattr(Acts, "_tell", die_at_the_end)
        with pytest.raises(Killed):
            await scene.acts().work()
    assert scene.stage_of(made.id) == "executed"
    await scene.acts().work()
    await scene.acts().work()
    assert sum("carried out:" in each for each in notices(scene)) == 1


async def test_the_loop_goes_on_after_a_broken_act(scene, monkeypatch):
    executor, target = scene.executor(), scene.draft().targets[0]
    carry_out = executor.carry_out
    other = replace(target, flow_id=str(scene.company.flow("Stock to Shopify").id))

    async def break_the_first(proposal):
        if proposal.id == 2:
            raise RuntimeError("a bug of ours")
        return await carry_out(proposal)

    monkeypatch.setattr(executor, "carry_out", break_the_first)
    approved(scene)
    approved(scene, scene.draft(targets=(other,)))
    loop = scene.acts(executor=executor)
    living = asyncio.create_task(loop.run())
    try:
        async with asyncio.timeout(PATIENCE):
            while scene.stage_of(1) != "executed":
                loop.wake()
                await asyncio.sleep(0.02)
    finally:
        living.cancel()
    assert len(scene.begun()) == 1


def test_a_withdrawn_proposal_is_never_done(scene):
    made = proposed(scene)
    _, why = acts.refuse(scene.store, made.id, BY_PRIYA, HOME, scene.clock.now(), "a mistake")
    assert why is None
    assert approve(scene, made)[1] is Why.DECIDED
    assert notices(scene)[-1] == "Proposal 1 turned down: Reason: a mistake."


def test_of_an_unknown_number_nothing_is_found(scene):
    assert acts.approve(scene.store, 99, BY_ALEX, RULES, HOME, scene.clock.now()) is None
    assert acts.refuse(scene.store, 99, BY_ALEX, HOME, scene.clock.now()) is None


@pytest.mark.parametrize("moment", ["claimed", "sent", "recorded"])
async def test_a_process_killed_on_the_way_is_taken_up_and_it_is_done_once(scene, moment):
    made = approved(scene)
    told = {
        "core": scene.server.core_url,
        "start": scene.server.start_url,
        "login": scene.server.login_url,
        "key": scene.server.api_key,
        "now": scene.clock.now().isoformat(),
    }
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bot.acting.dying",
        str(scene.store.path),
        json.dumps(told),
        moment,
    )
    assert await child.wait() == -signal.SIGKILL
    assert scene.stage_of(made.id) == "executing"
    await scene.acts().work()
    assert scene.stage_of(made.id) == "executed"
    assert len(scene.begun()) == 1
    assert sum("carried out:" in each for each in notices(scene)) == 1
