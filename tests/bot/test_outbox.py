"""Claiming, looking up, sending, recording: every order of events leaves one message."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field

import pytest

from bot.clock import SystemClock
from bot.incidents.events import Acknowledge
from bot.incidents.model import Actor
from bot.outbox import (
    Ambiguous,
    CannotLook,
    NeedsPerson,
    Outbox,
    RootGone,
    TryLater,
    Undelivered,
)
from bot.rules import Rules
from bot.store import outbox
from bot.store.outbox import Purpose, Row
from bot.transitions import act, judge
from checks.policy import CheckPolicy, NofM
from tests.waiting import until

HERE, ELSEWHERE = "slack/C1", "slack/C2"
PRIYA = Actor(who="UPRIYA", via="button")
RULES = Rules(
    policies={"stalled_queue": CheckPolicy(opens_after=NofM(needed=1, of=1))}, destination=HERE
)
Answer = Undelivered | None


@dataclass
class Place:
    """A destination outside: what stands in it, and what goes wrong next."""

    answers: list[Answer] = field(default_factory=list)
    lost: list[Answer] = field(default_factory=list)
    readable: Undelivered | None = None
    standing: dict[str, tuple[str, Purpose, bool]] = field(default_factory=dict)
    edits: int = 0

    async def turn(self) -> None:
        await asyncio.sleep(0)

    async def deliver(self, row: Row) -> str:
        if self.answers and (error := self.answers.pop(0)):
            raise error
        ts = f"{len(self.standing) + 1}.0"
        if row.purpose is Purpose.EDIT:
            self.edits += 1
        else:
            self.standing[ts] = (row.id, row.purpose, row.possible_repeat)
        if self.lost and (error := self.lost.pop(0)):
            raise error
        return ts

    async def find(self, row: Row) -> str | None:
        if self.readable:
            raise self.readable
        return next((ts for ts, (row_id, *_) in self.standing.items() if row_id == row.id), None)

    def purposes(self) -> list[str]:
        return [purpose.value for _, purpose, _ in self.standing.values()]


@pytest.fixture
def hurried(monkeypatch):
    """Waiting times of transport, shortened."""
    monkeypatch.setattr("bot.outbox.SETTLE_SECONDS", 0.02)
    monkeypatch.setattr("bot.outbox.PERSON_BACK_OFF", 0.02)
    monkeypatch.setattr("bot.outbox.FIRST_BACK_OFF", 0.01)


@pytest.fixture
def fallback():
    return Place()


@pytest.fixture
def place():
    return Place()


@pytest.fixture
async def sender(store, place, fallback, hurried):
    places = {HERE: place, ELSEWHERE: fallback}
    awake = asyncio.Event()
    made = Outbox(store, SystemClock(), places.__getitem__, awake, ELSEWHERE)
    task = asyncio.create_task(made.run())
    yield awake.set
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def open_one(store, verdict, now):
    with store.writing() as db:
        judge(db, [verdict()], RULES, now)


def acknowledge(store, now):
    act(store, 1, Acknowledge(), PRIYA, now, destination=HERE)


def nothing_waits(store):
    return lambda: outbox.waiting_count(store.db) == 0


async def test_root_then_edit_then_line(store, verdict, noon, place, sender):
    open_one(store, verdict, noon)
    sender()
    await until(nothing_waits(store))
    acknowledge(store, noon)
    sender()
    await until(nothing_waits(store))
    assert place.purposes() == ["root", "line"]
    assert place.edits == 1


async def test_edits_that_wait_are_one_edit(store, verdict, noon, place, sender):
    open_one(store, verdict, noon)
    acknowledge(store, noon)
    sender()
    await until(nothing_waits(store))
    assert (place.purposes(), place.edits) == (["root", "line"], 0)  # the root said it all


@pytest.mark.parametrize(
    "errors",
    [
        [TryLater("ratelimited", after=0.01)],
        [TryLater("Slack cannot be reached"), TryLater("Slack cannot be reached")],
        [Ambiguous("no answer")],
        [Ambiguous("no answer"), TryLater("ratelimited", after=0.01)],
    ],
    ids=["rate limited", "unreachable twice", "timed out before it arrived", "one after another"],
)
async def test_what_did_not_arrive_is_sent_again(store, verdict, noon, place, sender, errors):
    place.answers = errors
    open_one(store, verdict, noon)
    sender()
    await until(nothing_waits(store))
    assert place.purposes() == ["root"]


async def test_what_arrived_without_an_answer_is_found_and_not_repeated(
    store, verdict, noon, place, sender
):
    place.lost = [Ambiguous("no answer")]
    open_one(store, verdict, noon)
    sender()
    await until(nothing_waits(store))
    acknowledge(store, noon)
    place.lost = [None, Ambiguous("no answer")]
    sender()
    await until(nothing_waits(store))
    assert place.purposes() == ["root", "line"]


async def test_what_cannot_be_read_back_is_sent_again_and_marked(
    store, verdict, noon, place, sender
):
    place.lost, place.readable = [Ambiguous("no answer")], CannotLook("missing_scope")
    open_one(store, verdict, noon)
    sender()
    await until(nothing_waits(store))
    assert [repeat for *_, repeat in place.standing.values()] == [False, True]


async def test_a_person_is_asked_for_once_elsewhere_and_nothing_is_dropped(
    store, verdict, noon, place, fallback, sender
):
    place.answers = [NeedsPerson("is_archived: unarchive it") for _ in range(4)]
    open_one(store, verdict, noon)
    sender()
    await until(nothing_waits(store))
    assert place.purposes() == ["root"]
    assert fallback.purposes() == ["notice"]


async def test_one_troubled_destination_does_not_hold_up_another(
    store, verdict, noon, place, fallback, sender
):
    place.answers = [TryLater("unreachable", after=60.0)]
    open_one(store, verdict, noon)
    with store.writing() as db:
        outbox.enqueue_notice(db, topic="slack/C9: x", destination=ELSEWHERE, step=1, body="x",
                              created_at=noon, due=time.time())  # fmt: skip
    sender()
    await until(lambda: fallback.purposes() == ["notice"])
    assert outbox.waiting_count(store.db) == 1


async def test_a_deleted_root_is_posted_anew_once_and_lines_follow_it(
    store, verdict, noon, place, sender
):
    open_one(store, verdict, noon)
    sender()
    await until(nothing_waits(store))
    place.answers = [RootGone("message_not_found")]
    acknowledge(store, noon)
    sender()
    await until(nothing_waits(store))
    # The notice would shorten the older message, if it were still there; Slack drops it.
    assert place.purposes() == ["root", "root", "notice", "line"]
    assert outbox.root_ts(store.db, "incident/1", HERE) == "2.0"


async def test_an_unexpected_error_keeps_the_message(store, verdict, noon, place, sender, caplog):
    place.answers = [ValueError("a bug of ours")]  # type: ignore[list-item]
    open_one(store, verdict, noon)
    with caplog.at_level(logging.ERROR):
        sender()
        await until(nothing_waits(store))
    assert place.purposes() == ["root"]
    assert "a bug of ours" in caplog.text


def claimed(store):
    [row] = outbox.due_rows(store.db, time.time(), ())
    with store.writing() as db:
        number = outbox.claim(db, row, fence=1)
    assert number is not None
    return row, number


def test_a_row_is_claimed_by_one_only(store, verdict, noon):
    open_one(store, verdict, noon)
    row, _ = claimed(store)
    with store.writing() as db:
        assert outbox.claim(db, row, fence=1) is None


def test_an_overtaken_claim_records_nothing(store, verdict, noon):
    open_one(store, verdict, noon)
    row, number = claimed(store)
    with store.writing() as db:
        assert outbox.recover(db, 2, due=0.0) == 1
    again, newer = claimed(store)
    assert again.ambiguous
    with store.writing() as db:
        assert not outbox.record_sent(db, row, number, "1.0")
        assert outbox.record_sent(db, again, newer, "2.0")
    assert outbox.root_ts(store.db, "incident/1", HERE) == "2.0"


def test_an_edit_that_came_while_rendering_is_not_lost(store, verdict, noon):
    open_one(store, verdict, noon)
    row, number = claimed(store)
    covers = outbox.newest_edit(store.db, row)
    acknowledge(store, noon)
    with store.writing() as db:
        outbox.record_sent(db, row, number, "1.0", covers)
    purposes = [row.purpose for row in outbox.due_rows(store.db, time.time(), ())]
    assert purposes == [Purpose.EDIT]
