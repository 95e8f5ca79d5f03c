"""The bot stops and starts again on the same database; a second one beside it refuses."""

from __future__ import annotations

import asyncio

import pytest

from bot.build import build
from bot.settings import load_settings
from bot.store import StoreRefused
from tests.stories.conftest import Begin, Heard
from tests.stories.transcript import root

ACK = "Acknowledged by @priya"


async def test_a_restart_repeats_nothing_loses_nothing_and_keeps_who_has_it(begin: Begin) -> None:
    story = await begin()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    await story.asks("priya", "ack")
    acknowledged = root("#1 Acknowledged", "@priya", edits=1, lines=[ACK])
    await story.stands(acknowledged)
    await story.stop_bot()
    await story.passes(seconds=60)
    await story.start_bot()
    await story.rounds(4)
    await story.stands(acknowledged)
    await story.queue_recovers()
    await story.stands(root("#1 Resolved", edits=2, lines=[ACK, "Cleared: Nothing waits"]))


async def test_what_slack_did_not_take_before_the_stop_stands_once_after_it(
    begin: Begin, log: Heard
) -> None:
    log.expects("cannot be posted to just now")
    story = await begin()
    await story.slack_fails("chat.postMessage", after=True)
    await story.slack_fails("chat.postMessage", status=500, times=1000)
    await story.slack_fails("conversations.history", status=500, times=1000)
    await story.queue_stalls()
    await story.until(lambda: log.says("cannot be posted to"), "the first attempt fails")
    await story.stop_bot()
    await story.does("fault")
    await story.start_bot()
    await story.all_is_sent()
    await story.stands(root("#1 Triggered"))


async def test_rounds_before_a_long_stop_do_not_count_with_those_after_it(begin: Begin) -> None:
    story = await begin()
    story.estate.hang("Orders to NetSuite")
    story.estate.stall()
    await story.passes(seconds=45)
    await story.rounds(1)
    await story.stop_bot()
    story.estate.stop_hanging()
    story.estate.release()
    await story.passes(minutes=30)
    story.estate.hang("Orders to NetSuite")
    story.estate.stall()
    await story.passes(seconds=60)
    await story.start_bot()
    await story.rounds(1)
    absent = root("Seamwatch was not looking from", "09:15 UTC", "09:46 UTC", "(31 min)")
    await story.stands(absent)
    await story.rounds(1)
    await story.stands(absent, root("#1 Triggered"))


async def test_a_second_bot_on_the_same_database_refuses(begin: Begin) -> None:
    story = await begin()
    with pytest.raises(StoreRefused, match=r"Another Seamwatch .process \d+. already runs"):
        async with build(load_settings(story.settings)):
            pass
    await story.rounds(1)
    assert "is in order" in await story.asks("priya", "status")


async def test_a_bot_told_to_stop_in_the_instant_in_which_it_wakes_does_stop(
    prepare: Begin,
) -> None:
    story = await prepare()
    async with build(load_settings(story.settings)) as bot:
        for turns in range(8):
            sending = asyncio.create_task(bot.outbox.run())
            await asyncio.sleep(0.01)
            bot.outbox._awake.set()
            for _ in range(turns):
                await asyncio.sleep(0)
            sending.cancel()
            await asyncio.wait([sending], timeout=1)
            assert sending.done(), f"it goes on when cancelled {turns} turns after the wake"
