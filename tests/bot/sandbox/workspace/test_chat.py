"""Posting, editing and deleting through the real Web API client, with Slack's quirks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import MANIFEST, Stopwatch, section

Json = dict[str, Any]


@pytest.fixture
def channel(server: WorkspaceServer) -> str:
    return server.channels["integrations"]


async def only(web: AsyncWebClient, channel: str, **options: Any) -> Json:
    """The one message in the channel, as history shows it."""
    (message,) = (await web.conversations_history(channel=channel, **options))["messages"]
    return message


async def test_a_message_carries_what_was_sent_and_who_sent_it(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    posted = await web.chat_postMessage(
        channel=channel,
        text="Stalled",
        blocks=[section("*Stalled*")],
        attachments=[{"color": "#a30200", "text": "red"}],
        metadata={"event_type": "incident", "event_payload": {"id": 1}},
    )
    message = await only(web, channel)
    assert posted["ts"] == message["ts"]
    assert message["user"] == server.users["seamwatch"]
    assert message["bot_id"].startswith("B")
    assert message["blocks"][0]["text"]["text"] == "*Stalled*"
    assert message["blocks"][0]["block_id"]
    assert message["attachments"] == [{"color": "#a30200", "text": "red", "id": 1}]
    assert "metadata" not in message


async def test_metadata_is_shown_only_when_asked_for(web: AsyncWebClient, channel: str) -> None:
    metadata = {"event_type": "incident", "event_payload": {"row": 7}}
    await web.chat_postMessage(channel=channel, text="x", metadata=metadata)
    assert (await only(web, channel, include_all_metadata=True))["metadata"] == metadata


async def test_the_ts_follows_the_sandbox_clock_and_always_rises(
    web: AsyncWebClient, channel: str, clock: SandboxClock
) -> None:
    clock.set_speed(0)
    first = (await web.chat_postMessage(channel=channel, text="a"))["ts"]
    second = (await web.chat_postMessage(channel=channel, text="b"))["ts"]
    clock.advance(timedelta(hours=2))
    third = (await web.chat_postMessage(channel=channel, text="c"))["ts"]
    assert first < second < third
    assert int(float(first)) == int(clock.now().timestamp()) - 7200
    assert int(float(third)) == int(clock.now().timestamp())


REFUSED: dict[str, tuple[Json, str]] = {
    "nothing to say": ({}, "no_text"),
    "bad blocks": ({"text": "x", "blocks": [{"type": "chart"}]}, "invalid_blocks"),
    "blocks that are no list": ({"text": "x", "blocks": "oops"}, "invalid_blocks_format"),
    "bad attachment": ({"attachments": [{"colour": "red"}]}, "invalid_attachments"),
    "101 attachments": ({"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
    "two tables": (
        {
            "text": "x",
            "blocks": [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
        },
        "invalid_attachments",
    ),
    "markdown beside text": ({"text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
    "long markdown": ({"markdown_text": "x" * 12_001}, "msg_too_long"),
    "metadata without payload": (
        {"text": "x", "metadata": {"event_type": "a"}},
        "invalid_metadata_schema",
    ),
    "huge metadata": (
        {"text": "x", "metadata": {"event_type": "a", "event_payload": {"a": "x" * 9000}}},
        "metadata_too_large",
    ),
    "thread_ts of no kind": ({"text": "x", "thread_ts": "0"}, "invalid_thread_ts"),
    "unknown channel": ({"text": "x", "channel": "C0NOWHERE"}, "channel_not_found"),
}


@pytest.mark.parametrize(("message", "error"), REFUSED.values(), ids=REFUSED.keys())
async def test_slack_refuses_to_post(
    web: AsyncWebClient, channel: str, message: Json, error: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await web.api_call("chat.postMessage", json={"channel": channel} | message)
    assert refused.value.response["error"] == error
    assert (await web.conversations_history(channel=channel))["messages"] == []


async def test_invalid_blocks_are_explained_with_pointers(
    web: AsyncWebClient, channel: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await web.chat_postMessage(channel=channel, text="x", blocks=[section("x" * 3001)])
    answer = refused.value.response
    reason = "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"
    assert answer["errors"] == [reason]
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {reason}"]


async def test_text_past_forty_thousand_characters_is_cut_off(
    web: AsyncWebClient, channel: str
) -> None:
    await web.chat_postMessage(channel=channel, text="x" * 40_001)
    assert len((await only(web, channel))["text"]) == 40_000


async def test_a_channel_takes_its_name_and_a_user_id_opens_the_direct_message(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    by_name = await web.chat_postMessage(channel="#integrations", text="x")
    direct = await web.chat_postMessage(channel=server.users["priya"], text="x")
    assert by_name["channel"] == channel
    assert direct["channel"].startswith("D")


async def test_posting_needs_membership_or_the_public_scope(
    start: Start, web: AsyncWebClient, server: WorkspaceServer
) -> None:
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await web.chat_postMessage(channel=server.channels["random"], text="x")
    scopes = [*MANIFEST["oauth_config"]["scopes"]["bot"], "chat:write.public"]
    wider = await start(MANIFEST | {"oauth_config": {"scopes": {"bot": scopes}}})
    other = AsyncWebClient(token=wider.bot_token, base_url=wider.api_url)
    assert (await other.chat_postMessage(channel=wider.channels["random"], text="x"))["ok"]


async def test_an_archived_channel_takes_nothing(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    posted = await web.chat_postMessage(channel=channel, text="x")
    priya = AsyncWebClient(token=server.user_tokens["priya"], base_url=server.api_url)
    await priya.conversations_archive(channel=channel)
    with pytest.raises(SlackApiError, match="is_archived"):
        await web.chat_postMessage(channel=channel, text="y")
    with pytest.raises(SlackApiError, match="is_archived"):
        await web.chat_update(channel=channel, ts=posted["ts"], text="y")


async def test_a_thread_shows_its_replies_and_its_root_counts_them(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    root = await web.chat_postMessage(channel=channel, text="root")
    await web.chat_postMessage(channel=channel, text="one", thread_ts=root["ts"])
    last = await web.chat_postMessage(
        channel=channel, text="two", thread_ts=root["ts"], reply_broadcast=True
    )
    thread = (await web.conversations_replies(channel=channel, ts=root["ts"]))["messages"]
    history = (await web.conversations_history(channel=channel))["messages"]

    assert [message["text"] for message in thread] == ["root", "one", "two"]
    assert [message["text"] for message in history] == ["two", "root"]
    assert history[1]["reply_count"] == 2
    assert history[1]["latest_reply"] == last["ts"]
    assert history[1]["reply_users"] == [server.users["seamwatch"]]
    assert thread[0]["thread_ts"] == root["ts"]


@pytest.mark.parametrize("parent", ["a reply", "nobody"])
async def test_a_reply_to_what_is_no_parent_lands_in_the_channel(
    web: AsyncWebClient, channel: str, parent: str
) -> None:
    root = await web.chat_postMessage(channel=channel, text="root")
    reply = await web.chat_postMessage(channel=channel, text="reply", thread_ts=root["ts"])
    ts = reply["ts"] if parent == "a reply" else "1700000000.000001"
    stray = await web.chat_postMessage(channel=channel, text="stray", thread_ts=ts)
    history = (await web.conversations_history(channel=channel))["messages"]
    assert "thread_ts" not in stray["message"]
    assert [message["text"] for message in history] == ["stray", "root"]


EDITS: dict[str, tuple[Json, Json]] = {
    "text alone drops the blocks": ({"text": "b"}, {"text": "b", "blocks": None}),
    "blocks alone keep the text": ({"blocks": [section("new")]}, {"text": "a", "blocks": "new"}),
    "text and blocks": ({"text": "b", "blocks": [section("new")]}, {"text": "b", "blocks": "new"}),
    "empty blocks remove them": ({"blocks": []}, {"text": "a", "blocks": None}),
    "neither keeps both": ({"metadata": {}}, {"text": "a", "blocks": "old"}),
    "attachments stay": ({"text": "b"}, {"attachments": 1}),
    "empty attachments remove them": ({"text": "b", "attachments": []}, {"attachments": 0}),
    "metadata stays": ({"text": "b"}, {"metadata": "incident"}),
    "empty metadata removes it": ({"text": "b", "metadata": {}}, {"metadata": None}),
    "text is marked as edited": ({"text": "b"}, {"edited": True}),
    "blocks are not": ({"text": "b", "blocks": [section("new")]}, {"edited": False}),
}


@pytest.mark.parametrize(("edit", "expected"), EDITS.values(), ids=EDITS.keys())
async def test_an_edit(web: AsyncWebClient, channel: str, edit: Json, expected: Json) -> None:
    posted = await web.chat_postMessage(
        channel=channel,
        text="a",
        blocks=[section("old")],
        attachments=[{"text": "more"}],
        metadata={"event_type": "incident", "event_payload": {}},
    )
    await web.api_call("chat.update", json={"channel": channel, "ts": posted["ts"]} | edit)
    message = await only(web, channel, include_all_metadata=True)
    blocks = message.get("blocks")
    seen = {
        "text": message["text"],
        "blocks": blocks[0]["text"]["text"] if blocks else None,
        "attachments": len(message.get("attachments", [])),
        "metadata": message.get("metadata", {}).get("event_type"),
        "edited": "edited" in message,
    }
    assert seen | expected == seen


async def test_only_ones_own_messages_can_be_edited_or_deleted(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    priya = AsyncWebClient(token=server.user_tokens["priya"], base_url=server.api_url)
    hers = (await priya.chat_postMessage(channel=channel, text="mine"))["ts"]
    with pytest.raises(SlackApiError, match="cant_update_message"):
        await web.chat_update(channel=channel, ts=hers, text="ours")
    with pytest.raises(SlackApiError, match="cant_delete_message"):
        await web.chat_delete(channel=channel, ts=hers)
    assert (await priya.chat_update(channel=channel, ts=hers, text="still mine"))["ok"]


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        pytest.param({"text": "x" * 4001}, "msg_too_long", id="4001 characters"),
        pytest.param({"ts": "1700000000.000001", "text": "x"}, "message_not_found", id="deleted"),
        pytest.param({"channel": "{priya}", "text": "x"}, "channel_not_found", id="a user's id"),
        pytest.param({}, "no_text", id="nothing"),
    ],
)
async def test_slack_refuses_to_edit(
    web: AsyncWebClient, server: WorkspaceServer, channel: str, edit: Json, error: str
) -> None:
    posted = await web.chat_postMessage(channel=channel, text="a")
    wanted = {"channel": channel, "ts": posted["ts"]} | edit
    wanted["channel"] = wanted["channel"].format(priya=server.users["priya"])
    with pytest.raises(SlackApiError) as refused:
        await web.api_call("chat.update", json=wanted)
    assert refused.value.response["error"] == error


async def test_a_deleted_message_is_gone_and_its_replies_stay(
    web: AsyncWebClient, channel: str
) -> None:
    root = await web.chat_postMessage(channel=channel, text="root")
    await web.chat_postMessage(channel=channel, text="reply", thread_ts=root["ts"])
    await web.chat_delete(channel=channel, ts=root["ts"])
    assert (await web.conversations_history(channel=channel))["messages"] == []
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await web.conversations_replies(channel=channel, ts=root["ts"])


async def test_an_ephemeral_message_is_no_message_to_the_api(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    ts = (await web.chat_postEphemeral(channel=channel, user=server.users["priya"], text="psst"))[
        "message_ts"
    ]
    assert (await web.conversations_history(channel=channel))["messages"] == []
    with pytest.raises(SlackApiError, match="message_not_found"):
        await web.chat_update(channel=channel, ts=ts, text="louder")
    with pytest.raises(SlackApiError, match="user_not_in_channel"):
        await web.chat_postEphemeral(channel=channel, user="USLACKBOT", text="psst")


async def test_a_second_message_within_a_second_meets_429_when_pacing_is_on(start: Start) -> None:
    stopwatch = Stopwatch()
    server = await start(pace_messages=True, monotonic=stopwatch)
    web = AsyncWebClient(token=server.bot_token, base_url=server.api_url, retry_handlers=[])
    channel = server.channels["integrations"]
    await web.chat_postMessage(channel=channel, text="a")
    with pytest.raises(SlackApiError) as refused:
        await web.chat_postMessage(channel=channel, text="b")
    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["Retry-After"] == "1"
    assert refused.value.response["error"] == "ratelimited"
    assert (await web.chat_postMessage(channel=server.users["priya"], text="elsewhere"))["ok"]
    stopwatch.seconds += 1
    assert (await web.chat_postMessage(channel=channel, text="b"))["ok"]


async def test_a_permalink_names_the_channel_and_the_message(
    web: AsyncWebClient, server: WorkspaceServer, channel: str
) -> None:
    ts = (await web.chat_postMessage(channel=channel, text="a"))["ts"]
    link = (await web.chat_getPermalink(channel=channel, message_ts=ts))["permalink"]
    assert link == f"{server.url}/archives/{channel}/p{ts.replace('.', '')}"
