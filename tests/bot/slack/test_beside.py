"""Incidents that may be of one fault name each other."""

from __future__ import annotations

import pytest

from bot.incidents.events import Resolve
from bot.incidents.model import Actor
from bot.slack.letters import view_of
from bot.slack.render.incident import incident_message
from bot.transitions import act, judge
from checks.model import Level, Subject, Verdict
from tests.bot.slack.scene import NOON, PRIYA, assert_slack_takes, desk_over, stall, words_of

TITLES = {"silent_loss": "Silent Data Loss", "reconciliation": "Records do not match"}


@pytest.fixture
def desk(store):
    made = desk_over(store)
    policy = made.rules.policies["stalled_queue"]
    rules = type(made.rules)(
        policies=dict.fromkeys([*TITLES, "stalled_queue"], policy), destination="slack/C1"
    )
    return desk_over(store, rules=rules, check_titles=TITLES)


def lose(desk, check, kind, name, condition="loss", flow_id=None):
    told = Verdict(
        check=check,
        condition=condition,
        subject=Subject(kind=kind, id=name, name=name),
        level=Level.BREACH,
        signal="lost",
        sentence="3 orders never arrived.",
        facts={"flow_id": flow_id} if flow_id else {},
    )
    with desk.store.writing() as db:
        judge(db, [told], desk.rules, NOON)


def said(desk, number):
    message = incident_message(view_of(desk, number))
    assert_slack_takes(message)
    return words_of(message)


def test_a_loss_names_the_others_of_its_flow_and_of_its_systems(desk):
    lose(desk, "silent_loss", "flow", "7")
    lose(desk, "reconciliation", "reconcile", "Orders", "06:00", flow_id="7")
    lose(desk, "reconciliation", "reconcile", "Orders", "07:00", flow_id="7")
    lose(desk, "silent_loss", "flow", "8")
    match = "Records do not match"
    assert f"Perhaps the same fault as #2 ({match}) and #3 ({match})." in said(desk, 1)
    assert f"Perhaps the same fault as #1 (Silent Data Loss) and #3 ({match})." in said(desk, 2)
    assert "Perhaps" not in said(desk, 4)


def test_what_is_over_is_named_no_more_and_names_nobody(desk):
    lose(desk, "silent_loss", "flow", "7")
    lose(desk, "reconciliation", "reconcile", "Orders", flow_id="7")
    act(desk.store, 2, Resolve(), Actor(who=PRIYA, via="button"), NOON, destination="slack/C1")
    assert "Perhaps" not in said(desk, 1)
    assert "Perhaps" not in said(desk, 2)


def test_another_kind_of_trouble_of_the_flow_is_not_the_same_fault(desk):
    lose(desk, "silent_loss", "flow", "7")
    stall(desk, "7")
    assert "Perhaps" not in said(desk, 1)


def test_of_many_the_first_are_named(desk):
    for hour in range(8):
        lose(desk, "reconciliation", "reconcile", "Orders", f"{hour:02}:00")
    assert "#6 (Records do not match) and 2 more." in said(desk, 1)
