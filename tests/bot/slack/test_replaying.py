"""Which failed runs `replay` takes for an incident of a credential: those of its victims."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.inventory import Inventory, save_inventory
from bot.store import acts as stored
from bot.store import failures, incidents
from bot.store.runs import save_runs
from bot.transitions import judge
from checks.declare import Cause
from checks.failures import Failure
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.runs import Flow, Run, RunStatus, Step
from tests.bot.slack.scene import MINUTE, NOON, ask, desk_over

STEPS = (Step(id="1", name="Get", instance_id="702"),)
ORDERS = Flow(id="7", name="Orders to NetSuite", enabled=True, deployed=True, steps=STEPS)
STOCK = Flow(id="8", name="Stock to Shopify", enabled=True, deployed=True, steps=STEPS)
RETURNS = Flow(id="9", name="Returns", enabled=True, deployed=True)


@pytest.fixture
def desk(store):
    return desk_over(store)


def run(run_id, minutes_ago, status=RunStatus.FAILURE, flow=ORDERS):
    started = NOON - minutes_ago * MINUTE
    return Run(
        id=run_id,
        flow_id=flow.id,
        flow_name=flow.name,
        status=status,
        started_at=started,
        finished_at=started + MINUTE,
    )


def proposed(desk):
    return stored.newest(desk.store.db, 1)[0].draft


def rejected(desk, count):
    """Incident #1: the credential of instance 702 is rejected. Runs of Orders, `count` of them,
    failed by it; of the first the log was read late. Stock failed by it and by its own trouble."""
    told = Verdict(
        check="token_expiry",
        condition="credential",
        subject=Subject(kind="instance", id="702", name="Shopify"),
        level=Level.BREACH,
        signal="rejected",
        sentence="Shopify does not accept the credential.",
        facts={"instance_id": "702"},
    )
    orders = [run(f"1{n:02}", 25 - n / 2) for n in range(count)]
    stock = [run("201", 28, flow=STOCK), run("202", 26, flow=STOCK)]
    policies = {"token_expiry": CheckPolicy(opens_after=NofM(needed=1, of=1))}
    logs = [
        *((each.id, each.flow_id, Cause.CREDENTIAL, "702") for each in orders[1:]),
        ("201", "8", Cause.CREDENTIAL, ""),
        ("202", "8", Cause.LASTING, "702"),
        ("301", "9", Cause.CREDENTIAL, "703"),
    ]
    with desk.store.writing() as db:
        good = run("99", 40, RunStatus.SUCCESS)
        save_runs(db, [good, *orders, *stock, run("301", 20, flow=RETURNS)])
        save_inventory(
            db, Inventory(at=NOON, flows=(ORDERS, STOCK, RETURNS), time_sensitive=frozenset({"7"}))
        )
        failures.save_failures(
            db,
            [
                Failure(
                    run_id=run_id,
                    flow_id=flow_id,
                    at=NOON - 10 * MINUTE,
                    status=RunStatus.FAILURE,
                    cause=cause,
                    line="401",
                    instance_id=instance_id,
                )
                for run_id, flow_id, cause, instance_id in logs
            ],
        )
        judge(db, [told], replace(desk.rules, policies=policies), NOON)
    return told, replace(desk.rules, policies=policies)


def test_a_replay_of_a_credentials_incident_takes_the_failed_runs_of_its_victims(desk):
    rejected(desk, 3)
    ask(desk, "replay 1 the credential is renewed")
    assert [each.run_id for each in proposed(desk).targets] == ["100", "101", "102", "201"]


def test_a_replay_of_many_victims_takes_the_most_urgent_and_says_how_many_are_left(desk):
    rejected(desk, 24)
    ask(desk, "replay 1")
    draft = proposed(desk)
    assert [each.run_id for each in draft.targets] == [f"1{n:02}" for n in range(20)]
    assert "5 more failed runs will need a proposal of their own." in draft.preview


@pytest.mark.parametrize("renewed", [False, True])
def test_a_replay_is_advised_against_until_the_credential_is_accepted_again(desk, renewed):
    told, rules = rejected(desk, 3)
    later = NOON + 20 * MINUTE
    if renewed:
        with desk.store.writing() as db:
            for at in (NOON, later):
                judge(db, [replace(told, level=Level.OK, signal="accepted")], rules, at)
        assert not incidents.open_incidents(desk.store.db)
    ask(desk, "replay 102 the credential is renewed")
    assert bool(proposed(desk).against) is not renewed


def test_what_a_person_resolved_may_be_rejected_all_the_same(desk):
    rejected(desk, 3)
    ask(desk, "resolve 1")
    ask(desk, "replay 102 the credential is renewed")
    assert proposed(desk).against.startswith("Advised against")
