"""What is open, page by page, and what of it somebody wants to see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.incidents.announcing import Noise
from bot.inventory import Inventory, save_inventory
from bot.slack.places import Place
from bot.slack.pressing import pressed
from bot.slack.render.lists import LISTED
from bot.transitions import judge
from checks.model import Level, Subject
from checks.runs import Instance
from tests.bot.response_scene import rules, verdict
from tests.bot.slack.scene import NOON, all_blocks, ask, assert_slack_takes, desk_over, words_of

MANY = 23


@pytest.fixture
def desk(store):
    found = desk_over(store, rules=rules(None, noise=Noise(storm=15)))
    told = [
        replace(
            verdict(level=Level.EARLY if number % 2 else Level.BREACH),
            subject=Subject(kind="flow", id=str(number), name=f"Till {number}"),
            facts={"system": "netsuite-live" if number < 3 else "Brightpearl & Co"},
        )
        for number in range(MANY)
    ]
    with store.writing() as db:
        judge(db, told, found.rules, NOON)
    return found


def listed(message):
    """The numbers of the incidents that have a row."""
    assert_slack_takes(message)
    rows = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    return [int(row.partition("*#")[2].partition("*")[0]) for row in rows if "*#" in row]


def turns(message):
    found = [block for block in all_blocks(message) if block["type"] == "actions"]
    return {each["text"]["text"]: each for block in found for each in block["elements"]}


def test_the_pages_hold_every_open_incident_once_the_gravest_first(desk):
    seen = [listed(ask(desk, typed)) for typed in ("incidents", "incidents 2", "incidents page 3")]
    assert [len(page) for page in seen] == [LISTED, LISTED, 3]
    graver = [number + 1 for number in range(0, MANY, 2)]
    assert [each for page in seen for each in page] == graver + [n + 1 for n in range(1, MANY, 2)]
    assert "11 to 20 of 23" in words_of(ask(desk, "incidents 2"))
    assert listed(ask(desk, "incidents 99")) == seen[2]


def test_a_button_turns_the_page_and_keeps_what_narrows_the_list(desk):
    shown = ask(desk, "incidents severity=high")
    verb, asked = pressed(turns(shown)["More ▶"], Place(user_id="U0PRIYA"))
    assert verb.replaces
    on = verb.answer(desk, asked)
    assert listed(on) == [21, 23]
    assert list(turns(on)) == ["◀ Before"]
    assert list(turns(ask(desk, "incidents 2"))) == ["◀ Before", "More ▶"]


def test_what_a_button_cannot_carry_is_typed(desk):
    shown = ask(desk, 'incidents system="Brightpearl & Co"')
    assert turns(shown) == {}
    assert '/seam incidents system="Brightpearl &amp; Co" 2' in words_of(shown)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("critical", 0),
        ("high", 12),
        ("LOW", 11),
        ("severity=high", 12),
        ("system=netsuite-live", 3),
        ("netsuite-live", 3),
        ("netsuite-live low", 0),
        ("system=netsuite-live low", 1),
        ("stalled_queue", 23),
        ("stalled queue syndrome", 23),
        ('flow=~"Till 2.*"', 4),
        ("storm", 4),
        ("storm 1 high", 0),
        ("storm 1 low", 4),
    ],
)
def test_some_of_them_are_listed_by(desk, typed, number):
    said = ask(desk, f"incidents {typed}")
    assert_slack_takes(said)
    if number:
        assert f"{number} of 23 open incidents" in words_of(said)
    else:
        assert "None of 23 open incidents is of" in words_of(said)


def test_a_name_that_nothing_has_is_told(desk):
    with desk.store.writing() as db:
        known = Instance(id="1", name="netsuite-live", system="NetSuite")
        save_inventory(db, Inventory(at=NOON, instances=(known,)))
    assert "No system is called `netsiute-live`" in words_of(ask(desk, "incidents netsiute-live"))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("sistem=x", "did you mean system?"),
        ("storm 7", "There is no such storm"),
        ("system=", "something has to stand"),
    ],
)
def test_what_is_not_understood_says_how_to_ask(desk, typed, sentence):
    said = words_of(ask(desk, f"incidents {typed}"))
    assert sentence in said
    assert "/seam incidents critical" in said


def test_what_was_resolved_lately_stands_on_the_first_page_of_all_only(desk):
    ask(desk, "resolve 1")
    assert "Resolved in the last 24 hours" in words_of(ask(desk, "incidents"))
    for typed in ("incidents 2", "incidents high"):
        assert "Resolved in the last" not in words_of(ask(desk, typed))
