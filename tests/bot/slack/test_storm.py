"""The message of a storm after its end, and the line that takes the place of its older one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from bot import saying
from bot.incidents.announcing import Noise
from bot.incidents.model import State
from bot.inventory import Inventory, save_inventory
from bot.slack.letters import compose
from bot.slack.places import Place
from bot.slack.pressing import pressed
from bot.slack.render.notice import told_again
from bot.slack.storms import storm_of, told_by
from bot.slack.taking_all import AT_ONCE
from bot.store import handling, outbox
from bot.timers import Timers
from bot.transitions import judge
from checks.model import Level, Subject
from checks.runs import Flow, Instance, Step
from tests.bot.response_scene import HERE, rules, verdict
from tests.bot.slack.scene import (
    NOON,
    StillClock,
    all_blocks,
    ask,
    assert_slack_takes,
    desk_over,
    words_of,
)

MANY = 12


def rows(desk):
    return [row for row in outbox.due_rows(desk.store.db, 1e12, ()) if row.destination == HERE]


def test_what_is_left_of_a_storm_is_listed_whole_and_the_older_message_points_to_it(store):
    clock = StillClock()
    desk = desk_over(store, clock=clock, rules=rules(None, noise=Noise(storm=MANY, singly=5)))
    timers = Timers(store, clock, desk.rules, lambda: None)
    queues = [f"q{number}" for number in range(MANY + 9)]
    with store.writing() as db:
        judge(db, [verdict(each) for each in queues], desk.rules, NOON)
        judge(db, [verdict(each, level=Level.OK) for each in queues[:MANY]], desk.rules, NOON)
    timers.run_due()
    clock.at += desk.rules.noise.settling + timedelta(seconds=1)
    timers.run_due()
    sent = "UPDATE outbox SET state = 'sent', ts = number WHERE topic = ? AND purpose = 'root'"
    store.db.execute("DELETE FROM outbox WHERE topic <> 'storm/1'")
    (row,) = (each for each in rows(desk) if each.purpose == "root")
    shown = storm_of(desk, row)
    assert_slack_takes(shown)
    words = words_of(shown)
    assert "🟠 The storm is over" in words
    assert "9 still open" in words
    assert all(f"#{number}" in words for number in range(MANY + 1, MANY + 10))
    assert f"`/seam ack {MANY + 1}` takes it in hand" in words
    assert handling.in_storm(store.db, 1) == list(range(MANY + 1, MANY + 10))
    store.db.execute(sent, ["storm/1"])
    with store.writing() as db:
        saying.told_again(db, row, NOON)
    (note,) = (each for each in rows(desk) if each.topic.startswith("told-again/storm/"))
    assert compose(desk, note).message == told_again("The storm")


def storm_over(store, *, facts=(), flows=(), many=MANY + 9):
    """A storm of so many flows that fail alike; the first few were told singly."""
    desk = desk_over(store, rules=rules(None, noise=Noise(storm=MANY)))
    with store.writing() as db:
        save_inventory(
            db,
            Inventory(
                at=NOON, instances=(Instance(id="b1", name="Brightpearl", system=""),), flows=flows
            ),
        )
        found = [
            replace(
                verdict(),
                subject=Subject(kind="flow", id=str(number), name=f"Till {number}"),
                sentence=f"Till {number} fails.",
                facts=dict(facts),
            )
            for number in range(many)
        ]
        judge(db, found, desk.rules, NOON)
    (row,) = (each for each in all_rows(store) if each.topic == "storm/1")
    return desk, row


def all_rows(store):
    store.db.execute("DELETE FROM outbox WHERE topic NOT LIKE 'storm/%'")
    return outbox.due_rows(store.db, 1e12, ())


def flow_to(instance_id, number):
    steps = (Step(id="s", name="s", instance_id=instance_id),)
    return Flow(id=str(number), name=f"Till {number}", enabled=True, deployed=True, steps=steps)


def test_what_all_share_is_said_first_and_what_stands_is_a_table(store):
    flows = tuple(flow_to("b1", number) for number in range(MANY + 9))
    desk, row = storm_over(store, flows=flows, facts={"first_error": "HTTP 503: order 7 refused"})
    shown = storm_of(desk, row)
    assert_slack_takes(shown)
    words = words_of(shown)
    assert "Stalled Queue Syndrome: 9." in words
    assert "all 9 concern Brightpearl; all 9 say in their logs" in words
    assert "HTTP 503: order 7 refused" in words
    (table,) = (block for block in shown.blocks if block["type"] == "table")
    heads, first, *_ = ([cell["text"] for cell in cells] for cells in table["rows"])
    assert heads == ["Incident", "Severity", "About", "Since", "In hand"]
    assert first == [f"#{MANY + 1}", "high", f"Till {MANY}", "21 Nov 12:00", "nobody"]
    assert len(table["rows"]) == 10


def test_what_differs_is_told_of_each(store):
    flows = tuple(flow_to("b1" if number % 2 else "b2", number) for number in range(MANY + 9))
    desk, row = storm_over(store, flows=flows)
    shown = storm_of(desk, row)
    assert "What they share" not in words_of(shown)
    (table,) = (block for block in shown.blocks if block["type"] == "table")
    assert table["rows"][0][-1]["text"] == "What"
    assert table["rows"][1][-1]["text"] == f"Till {MANY} fails."


def test_the_largest_storm_still_fits_a_message(store):
    desk, row = storm_over(store, many=MANY + 300)
    shown = storm_of(desk, row)
    assert_slack_takes(shown)
    assert "280 more incidents as well; `/seam incidents storm 1` lists them all" in words_of(shown)


def test_what_a_silence_holds_back_besides_is_said(store):
    desk, row = storm_over(store)
    known = handling.find_handling(store.db, MANY + 1)
    with store.writing() as db:
        handling.save_handling(db, replace(known, held="silence 3: they know"))
    assert "Held back: 1 of them, by silence 3: they know." in words_of(storm_of(desk, row))


def test_all_of_a_storm_are_taken_with_one_press_and_by_command(store):
    desk, row = storm_over(store, many=MANY + AT_ONCE + 2)
    (pressed_on,) = (
        element
        for block in all_blocks(storm_of(desk, row))
        if block["type"] == "actions"
        for element in block["elements"]
    )
    verb, asked = pressed(pressed_on, Place(user_id="U0PRIYA"))
    assert verb.concerns(desk, asked) == MANY + 1
    assert f"You have {AT_ONCE} incidents of storm 1 in hand now" in verb.answer(desk, asked).text
    left = [each for each in told_by(desk, 1) if each.state is State.TRIGGERED]
    assert [each.id for each in left] == [MANY + AT_ONCE + 1, MANY + AT_ONCE + 2]
    assert "You have 2 incidents of storm 1 in hand now." in ask(desk, "ack storm").text
    assert "nothing was changed" in ask(desk, "ack storm 1").text
    assert not any(block["type"] == "actions" for block in all_blocks(storm_of(desk, row)))


class Interrupting(StillClock):
    """A clock that somebody else is quicker than: at the first look at it they do something."""

    def __init__(self, meanwhile):
        super().__init__()
        self._meanwhile = [meanwhile]

    def now(self):
        while self._meanwhile:
            self._meanwhile.pop()()
        return super().now()


def test_of_two_who_press_at_once_each_is_told_what_they_have(store):
    desk, row = storm_over(store, many=MANY + 5)

    def nora_is_quicker():
        for number in (MANY + 2, MANY + 4):
            ask(desk, f"ack {number}", "U0NORA")

    slower = replace(desk, clock=Interrupting(nora_is_quicker))
    said = ask(slower, "ack storm").text
    assert "You have 3 incidents of storm 1 in hand now. Somebody else took 2 others" in said
    assert Counter(each.holder for each in told_by(desk, 1)) == {"U0NORA": 2, "U0PRIYA": 3}
    assert "nothing was changed" in ask(desk, "ack storm", "U0NORA").text
    assert "5 still open, 5 of them in hand, 0 resolved" in words_of(storm_of(desk, row))


def test_without_a_storm_nothing_is_taken(store):
    desk = desk_over(store)
    assert "No storm is on" in ask(desk, "ack storm").text
    assert "No storm is on" in ask(desk, "ack storm 3").text
