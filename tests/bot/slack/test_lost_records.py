"""Which records an incident of silent loss names, and that it names them only while it may."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.ownership import Ownership
from bot.rules import Rules
from bot.slack.letters import view_of
from bot.slack.render.incident import incident_message
from bot.store import loss, runs
from bot.transitions import judge
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from checks.reconcile.showing import Keys
from checks.runs import RunStatus
from tests.bot.slack import samples
from tests.bot.slack.scene import NOON, assert_slack_takes, desk_over, words_of
from tests.bot.test_ownership import flow

HOUR = timedelta(hours=1)
ORDERS = samples.INVENTORY.flows[0]
OPENS = CheckPolicy(opens_after=NofM(needed=1, of=1))


def lose(store, count: int, status: RunStatus = RunStatus.SUCCESS) -> None:
    """So many of its values were received an hour ago, in a run that ended so, and never sent."""
    run = samples.run(9, started_at=NOON - HOUR, finished_at=NOON - HOUR, status=status)
    rows = [
        loss.TrackedRow(
            entity="order",
            key=f"17209{n:02}",
            shown=f"17209{n:02}",
            flow_id=ORDERS.id,
            run_id=run.id,
            received_at=NOON - HOUR + timedelta(seconds=n),
            sent_at=NOON if n >= count else None,
        )
        for n in range(count + 3)
    ]
    with store.writing() as db:
        runs.save_runs(db, [run])
        loss.save_tracked(db, rows, NOON)


@pytest.fixture
def told(store):
    def told(keys: Keys = Keys.FULL, entity: str = "orders") -> str:
        rules = Rules(policies={"silent_loss": OPENS}, destination="slack/C1")
        matrix = Ownership(told=(flow(ORDERS.name, entity=entity),))
        desk = desk_over(store, rules=rules, keys=keys, ownership=matrix)
        verdict = Verdict(
            check="silent_loss",
            condition="loss",
            subject=Subject(kind="flow", id=ORDERS.id, name=ORDERS.name),
            level=Level.BREACH,
            signal="tracked",
            sentence="Records are missing.",
            facts={
                "unsent_since": (NOON - 48 * HOUR).isoformat(),
                "unsent_until": (NOON - HOUR / 2).isoformat(),
            },
        )
        with store.writing() as db:
            judge(db, [verdict], rules, NOON)
        message = incident_message(view_of(desk, 1))
        assert_slack_takes(message)
        return words_of(message)

    return told


def test_the_orders_that_never_were_sent_are_named(store, told):
    lose(store, 3)
    said = "3 orders were received and never sent: `1720900`, `1720901` and `1720902`."
    assert said in told()


def test_one_is_one_and_without_a_name_for_them_they_are_records(store, told):
    lose(store, 1)
    assert "1 of the orders was received and never sent: `1720900`." in told()
    assert "1 record was received and never sent: `1720900`." in told(entity="")


def test_of_many_the_first_are_named(store, told):
    lose(store, 30)
    assert "30 orders were received and never sent: `1720900`" in told()
    assert "`1720904` and 25 more." in told()


def test_keys_are_shown_as_is_set(store, told):
    lose(store, 2)
    assert "sent: `****900` and `****901`." in told(Keys.MASKED)
    assert "2 orders were received and never sent." in told(Keys.NONE)


def test_what_was_deleted_is_shown_no_more(store, told):
    lose(store, 3)
    with store.writing() as db:
        db.execute("DELETE FROM tracked_values WHERE shown = '1720901'")
    assert "2 orders were received and never sent: `1720900` and `1720902`." in told()
    with store.writing() as db:
        db.execute("DELETE FROM tracked_values")
    assert "never sent" not in told()


def test_what_a_failed_run_carried_is_not_lost(store, told):
    lose(store, 3, RunStatus.FAILURE)
    assert "never sent" not in told()
