"""The message of a storm after its end, and the line that takes the place of its older one."""

from __future__ import annotations

from datetime import timedelta

from bot import saying
from bot.incidents.announcing import Noise
from bot.slack.letters import compose
from bot.slack.render.notice import told_again
from bot.slack.storms import storm_of
from bot.store import handling, outbox
from bot.timers import Timers
from bot.transitions import judge
from checks.model import Level
from tests.bot.response_scene import HERE, rules, verdict
from tests.bot.slack.scene import NOON, StillClock, assert_slack_takes, desk_over, words_of

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
