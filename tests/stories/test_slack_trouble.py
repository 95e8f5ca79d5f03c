"""Slack fails in every way it knows; at the end every message stands exactly once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.slack import connect
from tests.stories.conftest import Begin, Heard
from tests.stories.story import EVERY, Story
from tests.stories.transcript import root

POST, UPDATE = "chat.postMessage", "chat.update"
CANNOT_POST = "slack/C.* cannot be posted to just now"
CAN_POST = "slack/C.* can be posted to again"
ACK = "Acknowledged by @priya"
TROUBLE = [
    pytest.param({"status": 429, "headers": {"Retry-After": "1"}}, id="too many requests"),
    pytest.param({"status": 500}, id="server error"),
    pytest.param({"error": "internal_error", "after": True}, id="error although it was accepted"),
    pytest.param({"after": True}, id="answer lost after acceptance"),
    pytest.param({"lost": True}, id="connection cut before anything was done"),
    pytest.param({"error": "fatal_error", "times": 3}, id="three failures in a row"),
]


@pytest.mark.parametrize("fault", TROUBLE)
async def test_every_message_stands_once_whatever_becomes_of_the_first_call(
    begin: Begin, log: Heard, fault: dict[str, Any]
) -> None:
    log.expects(CANNOT_POST, CAN_POST)
    story = await begin()
    await story.slack_fails(POST, **fault)
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    await story.slack_fails(UPDATE, **fault)
    await story.slack_fails(POST, **fault)
    await story.asks("priya", "ack")
    edits = 2 if fault.get("after") else 1  # an edit may be repeated at will
    await story.all_is_sent()
    await story.stands(root("#1 Acknowledged", edits=edits, lines=[ACK]))
    assert all("may be a repeat" not in str(seen) for seen in story.seen())


async def test_an_answer_that_comes_too_late_is_looked_up(
    begin: Begin, log: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.expects("cannot be posted to just now: no answer .TimeoutError.", CAN_POST)
    monkeypatch.setattr(connect, "CALL_SECONDS", 1)
    story = await begin()
    await story.slack_fails(POST, delay=1.3, after=True, status=200)
    await story.queue_stalls()
    await story.all_is_sent()
    await story.stands(root("#1 Triggered"))


async def test_a_message_that_cannot_be_looked_up_is_marked_as_a_possible_repeat(
    begin: Begin, log: Heard
) -> None:
    log.expects(CANNOT_POST, CAN_POST, "cannot look up incident/1 root")
    story = await begin()
    await story.slack_fails(POST, after=True)
    await story.slack_fails("conversations.history", error="missing_scope")
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"), root("#1 Triggered", "may be a repeat"))


async def test_blocks_that_slack_refuses_are_said_in_plain_words(begin: Begin, log: Heard) -> None:
    log.expects("Slack refused incident/1 root .invalid_blocks.; sending it plain")
    story = await begin()
    await story.slack_fails(POST, error="invalid_blocks")
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered", "behind run"))
    assert "Acknowledge" not in seen.words


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        pytest.param({"is_archived": True}, "is_archived", id="archived"),
        pytest.param({"members": frozenset()}, "not_in_channel", id="the bot was removed"),
    ],
)
async def test_a_channel_out_of_reach_is_told_once_elsewhere_and_loses_nothing(
    begin: Begin, log: Heard, broken: dict[str, Any], problem: str
) -> None:
    log.expects(f"ERROR .*slack/C.* until a person acts: {problem}", CAN_POST)
    story = await begin()
    channel = story.slack.channel("integrations")
    story.slack.change_channel(channel, **broken)
    await story.queue_stalls()
    notice = root("Seamwatch cannot post to <#", problem, channel="retail-managers")
    await story.stands(notice)
    await story.rounds(2)
    await story.stands(notice)
    story.slack.change_channel(channel)
    await story.stands(root("#1 Triggered"), notice)
    await story.asks("priya", "ack")
    await story.stands(root("#1 Acknowledged", edits=1, lines=[ACK]), notice)


async def test_a_message_that_somebody_deleted_is_posted_anew_once(
    begin: Begin, log: Heard
) -> None:
    log.expects("the message of incident/1 is gone")
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    delete(story, seen.ts)
    await story.asks("priya", "ack")
    (anew,) = await story.stands(root("#1 Acknowledged", lines=[ACK]))
    assert anew.ts != seen.ts
    await story.queue_recovers()
    await story.stands(root("#1 Resolved", edits=1, lines=[ACK, "Cleared by itself"]))


@pytest.mark.parametrize(
    "reason", ["warning", "refresh_requested", "link_disabled", "too_many_websockets"]
)
async def test_a_socket_that_slack_ends_is_opened_again(
    begin: Begin, log: Heard, reason: str
) -> None:
    log.tolerates("the connection to Slack is lost")
    story = await begin()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    await story.slack_fails(f"socket:disconnect:{reason}")
    await story.asks("priya", "ack")
    await story.stands(root("#1 Acknowledged", edits=1, lines=[ACK]))


async def test_an_event_that_comes_twice_is_obeyed_once(begin: Begin) -> None:
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    await story.slack_fails("socket:duplicate")
    assert "You have #1 in hand" in await story.mentions("priya", "ack", seen.ts)
    await story.stands(root("#1 Acknowledged", edits=1, lines=[ACK]))


async def test_while_slack_is_away_nothing_is_lost(begin: Begin, log: Heard) -> None:
    log.expects("cannot be posted to just now: Slack cannot be reached", CAN_POST)
    log.tolerates("slack_bolt", "the connection to Slack is lost")
    story = await begin()
    await story.queue_stalls(rounds=2)
    server = story.sandbox.workspace
    server._port = int(server.url.rpartition(":")[2])
    await server.stop()
    story.sandbox.clock.advance(EVERY)
    await story.round_is_over()
    await story.until(lambda: log.says("Slack cannot be reached"), "the first attempt fails")
    await server.start()
    await story.all_is_sent()
    await story.stands(root("#1 Triggered"))


async def test_messages_keep_the_pace_that_slack_asks_for(prepare: Begin) -> None:
    """With the real pace, against a workspace that refuses messages in quick succession. How many
    edits become one depends on who is quicker."""
    pace = {"pace_messages": True, "pace": timedelta(milliseconds=700)}
    story = await prepare(workspace=pace)
    await story.start_bot()
    await story.queue_stalls()
    await story.asks("priya", "ack")
    await story.asks("priya", "unack")
    lines = [ACK, "Given back by @priya"]
    await story.stands(root("#1 Triggered", edits=None, lines=lines))


def delete(story: Story, ts: str) -> None:
    """As an administrator may, in Slack's own client."""
    message = story.slack.find(story.slack.channel("integrations").id, ts)
    assert message is not None
    story.slack.delete(message, by=story.slack.user("marcus").id)
