"""Acts never guess a flow: its whole name, its name in quotes or its id, or a question back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.acting.proposal import Deed
from bot.acting.routes import ActRules, read_route
from bot.inventory import Inventory, save_inventory
from bot.slack.acting import clearly, meant_flow, resembling
from bot.slack.render.message import Message
from bot.store import acts as stored
from checks.runs import Flow
from tests.bot.slack.scene import NOON, ask, assert_slack_takes, desk_over, hostile, words_of


def flow(flow_id, name):
    return Flow(id=flow_id, name=name, enabled=True, deployed=True)


FLOWS = (
    flow("7", "Orders to NetSuite"),
    flow("8", "Orders"),
    flow("9", "Outlet orders"),
    flow("10", "Returns, UK"),
    flow("11", "Returns, UK"),
    flow("12", 'The "big" one'),
    flow("13", "7"),
    flow("14", ""),
    flow("15", "Returns " * 12 + "of stores"),
)
COMMAND = "/seam start"


@pytest.fixture
def desk(store):
    if not store.db.table("proposals").exists():
        store.db.conn.executescript(stored.SCHEMA)
    made = desk_over(store)
    flows = (flow("7", "Orders to NetSuite"), flow("9", "Outlet orders"))
    with store.writing() as db:
        save_inventory(db, Inventory(at=NOON, flows=flows))
    return made


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Orders to NetSuite the run was missed", ("7", "the run was missed")),
        ("orders TO netsuite, the run was missed", ("7", "the run was missed")),
        ('"Orders to NetSuite" the run was missed', ("7", "the run was missed")),
        ("“Orders to NetSuite” the run was missed", ("7", "the run was missed")),
        ('" Orders to NetSuite " missed', ("7", "missed")),
        ('"Orders" to NetSuite they are late', ("8", "to NetSuite they are late")),
        ("Orders are late", ("8", "are late")),
        ("'Outlet orders' are late", ("9", "are late")),
        ('"Outlet orders are late', ("9", "are late")),
        ("Orders to NetSuite", ("7", "")),
        ("9 it was missed", ("9", "it was missed")),
        ("9: it was missed", ("9", "it was missed")),
        ('"9" it was missed', ("9", "it was missed")),
        ("7 it was missed", ("13", "it was missed")),
    ],
    ids=[
        "the longest whole name wins",
        "case and punctuation do not matter",
        "in quotes",
        "in the quotes of a phone",
        "with blanks within the quotes",
        "quotes end the name",
        "a name of one word",
        "single quotes",
        "quotes that were not closed",
        "no reason",
        "an id",
        "an id and a colon",
        "an id in quotes",
        "a name wins over an id",
    ],
)
def test_a_whole_name_or_an_id_at_the_beginning_is_meant(said, meant):
    found = meant_flow(said, FLOWS, COMMAND)
    assert not isinstance(found, Message), words_of(found)
    assert (found[0].id, found[1]) == meant


@pytest.mark.parametrize(
    ("said", "offered"),
    [
        ("Outlet to NetSuite now", ['"Orders to NetSuite"', '"Outlet orders"']),
        ('"Orders to" they are late', ['"Orders to NetSuite"']),
        ("Returns UK it was missed", ["10", "11"]),
        ("big one it was missed", ["12"]),
        ("Outlet", ['"Outlet orders"']),
        ("Returns of stores were missed", ["15", "10", "11"]),
    ],
    ids=[
        "most of the words first",
        "a beginning in quotes",
        "two of one name by their ids",
        "a name with quotes by its id",
        "a part that fits one alone",
        "a long name by its id",
    ],
)
def test_anything_less_is_asked_back_with_how_to_write_it(said, offered):
    found = meant_flow(said, FLOWS[:7] + FLOWS[8:], COMMAND)
    assert isinstance(found, Message)
    assert_slack_takes(found)
    told = words_of(found)
    assert "Which flow?" in told
    assert "so nothing was done" in told
    places = [told.find(f"{COMMAND} {each} why") for each in offered]
    assert -1 not in places
    assert places == sorted(places)


def test_an_incident_is_no_flow():
    assert isinstance(meant_flow("#9 it was missed", FLOWS, COMMAND), Message)


def test_at_most_five_are_offered_and_the_others_counted():
    many = [flow(str(number), f"Orders of shop {number}") for number in range(9)]
    told = words_of(meant_flow("Orders because", many, COMMAND))
    assert told.split("nothing was done", 2)[1].count("• ") == 5
    assert "4 more flows may be meant." in told


@pytest.mark.parametrize(
    "typed",
    [
        "start Orders to Nowhere because",
        "start Outlet to NetSuite now",
        "start Orders it was missed",
        "disable Orders it floods the queue",
        "priority 1 Orders it must not wait",
    ],
)
def test_an_act_on_a_flow_that_nobody_named_is_not_proposed(desk, typed):
    told = ask(desk, typed)
    assert "Which flow?" in words_of(told)
    assert f'/seam {typed[: typed.index("O")]}"O' in words_of(told)
    assert stored.newest(desk.store.db, 1) == []


def test_whoever_proposes_reads_the_flow_and_the_reason(desk):
    told = ask(desk, "start Outlet orders the shop was empty")
    assert "Starts Outlet orders now" in words_of(told)
    assert "Reason: the shop was empty" in words_of(told)
    again = ask(desk, "start Outlet orders once more")
    assert "That is proposed already" in words_of(again)
    assert "Starts Outlet orders now" in words_of(again)


def test_without_a_reason_it_says_how_to_write_the_whole(desk):
    routed = ActRules(
        routes={Deed.PRIORITY: read_route(Deed.PRIORITY, 'POST /f/{id}/p {"p": {value}}')}
    )
    told = ask(replace(desk, acts=routed), "priority 1 Outlet orders")
    assert '/seam priority 1 "Outlet orders" why' in words_of(told)


@example([" "], "", "")
@given(st.lists(hostile, max_size=5), hostile, hostile)
def test_what_is_written_out_means_that_flow_and_no_other(names, said, reason):
    flows = [flow(f"f{number}", name) for number, name in enumerate(names)]
    for each in flows:
        found = meant_flow(f"{clearly(each, flows)} {reason}", flows, COMMAND)
        assert isinstance(found, tuple)
        assert found[0] == each
    found = meant_flow(said, flows, COMMAND)
    if isinstance(found, Message):
        assert_slack_takes(found)
    else:
        assert found[0] in flows
    assert {each.id for each in resembling(said, flows)} <= {each.id for each in flows}
