"""What the page reads: state, messages, events, files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace import typed
from bot.sandbox.workspace.server import WorkspaceServer
from bot.sandbox.workspace.state import Workspace
from tests.bot.sandbox.workspace.joining import MANIFEST, Person
from tests.waiting import PATIENCE

Json = dict[str, Any]


async def test_the_state_tells_who_and_what_there_is(
    person: Person, server: WorkspaceServer
) -> None:
    answer = await person.get("/page/state", user="priya")
    state = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    assert state["me"]["name"] == "priya"
    assert state["me"]["initials"] == "PR"
    assert state["app"] == {
        "id": state["app"]["id"],
        "name": "Seamwatch",
        "user_id": server.users["seamwatch"],
        "connected": False,
        "has_home": True,
        "reads_messages": True,
    }
    named = [(entry["name"], entry["is_member"], entry.get("is_im")) for entry in state["channels"]]
    assert named == [
        ("integrations", True, None),
        ("retail-managers", True, None),
        ("random", False, None),
        ("Seamwatch", True, True),
    ]
    assert state["commands"][0] == {
        "command": "/seam",
        "description": "Ask Seamwatch",
        "usage_hint": "queue | help",
    }
    assert state["clock"]["speed"] == 1.0
    assert state["scenarios"] == [{"name": "quiet_day", "title": "A quiet day"}]
    marks = {user["name"]: (user["is_guest"], user["is_outsider"]) for user in state["users"]}
    assert marks["gina"] == (True, False)
    assert marks["otto"] == (False, True)


async def test_an_outsider_sees_the_shared_channel_only(person: Person) -> None:
    state = (await person.get("/page/state", user="otto")).json()
    assert [entry["name"] for entry in state["channels"]] == ["integrations", "Seamwatch"]


async def test_a_thread_holds_its_root_its_replies_and_the_private_ones(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    channel, priya = server.channels["integrations"], server.users["priya"]
    root = (await web.chat_postMessage(channel=channel, text="root"))["ts"]
    await web.chat_postMessage(channel=channel, text="reply", thread_ts=root)
    await web.chat_postEphemeral(channel=channel, user=priya, text="psst", thread_ts=root)

    async def texts(user: str, **query: str) -> list[str]:
        return [said["text"] for said in await person.sees("integrations", user, **query)]

    assert await texts("priya") == ["root"]
    assert await texts("priya", thread_ts=root) == ["root", "reply", "psst"]
    assert await texts("alex", thread_ts=root) == ["root", "reply"]
    (shown,) = await person.sees("integrations")
    assert shown["reply_count"] == 1


async def test_strangers_read_nothing(person: Person, server: WorkspaceServer) -> None:
    assert (await person.get("/page/state", user="zed")).status_code == 400
    where = {"user": "otto", "channel": server.channels["random"]}
    refused = await person.get("/page/messages", **where)
    assert refused.json() == {"ok": False, "error": "otto is not a member of #random"}


@pytest.mark.parametrize("path", ["/page/../server.py", "/page/%2e%2e/server.py", "/page/none.js"])
async def test_the_page_gives_away_its_own_files_only(person: Person, path: str) -> None:
    assert (await person.get(path)).status_code == 404


@asynccontextmanager
async def listening(person: Person, user: str) -> AsyncIterator[asyncio.Queue[Json]]:
    """The events that this user's page receives."""
    heard: asyncio.Queue[Json] = asyncio.Queue()
    ready = asyncio.Event()

    async def listen() -> None:
        url = person.address + "/page/events"
        async with person.http.stream("GET", url, params={"user": user}, timeout=None) as stream:
            async for line in stream.aiter_lines():
                ready.set()
                if line.startswith("data: "):
                    heard.put_nowait(json.loads(line.removeprefix("data: ")))

    task = asyncio.create_task(listen())
    await ready.wait()
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_events_tell_everything_that_concerns_the_user_and_nothing_else(
    web: AsyncWebClient, server: WorkspaceServer, person: Person
) -> None:
    channel, users = server.channels["integrations"], server.users
    async with listening(person, "priya") as heard:
        ts = (await web.chat_postMessage(channel=channel, text="a"))["ts"]
        await web.chat_update(channel=channel, ts=ts, text="b")
        await web.chat_postEphemeral(channel=channel, user=users["alex"], text="not for priya")
        await web.chat_postEphemeral(channel=channel, user=users["priya"], text="for priya")
        await web.chat_postMessage(channel=channel, text="reply", thread_ts=ts)
        await web.chat_delete(channel=channel, ts=ts)
        events = [await asyncio.wait_for(heard.get(), PATIENCE) for _ in range(6)]

    said = [(event["kind"], event.get("message", {}).get("text")) for event in events]
    assert said == [
        ("message", "a"),
        ("changed", "b"),
        ("ephemeral", "for priya"),
        ("message", "reply"),
        ("changed", "b"),
        ("deleted", None),
    ]
    assert events[3]["thread_ts"] == ts
    assert events[4]["message"]["reply_count"] == 1
    assert events[5]["ts"] == ts
    assert all(event["channel"] == channel for event in events)


async def test_events_tell_of_the_clock_whoever_moves_it(
    person: Person, clock: SandboxClock
) -> None:
    async with listening(person, "priya") as heard:
        clock.set_speed(60)
        event = await asyncio.wait_for(heard.get(), PATIENCE)
    assert (event["kind"], event["clock"]["speed"]) == ("clock", 60)


@pytest.fixture
def workspace(clock: SandboxClock) -> Workspace:
    return Workspace(clock, MANIFEST)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("a < b & c > d", "a &lt; b &amp; c &gt; d", id="the three characters"),
        pytest.param("@priya look", "<@{priya}> look", id="a person"),
        pytest.param("(@Seamwatch)", "(<@{seamwatch}>)", id="the app in brackets"),
        pytest.param("@nobody x@priya", "@nobody x@priya", id="nobody"),
        pytest.param("in #integrations.", "in <#{channel}|integrations>.", id="a channel"),
        pytest.param("ack #42", "ack #42", id="an incident"),
        pytest.param("@here", "<!here>", id="everybody here"),
        pytest.param("<!channel>", "&lt;!channel&gt;", id="a pasted broadcast"),
        pytest.param(
            "see https://a.example/x?a=1&b=2.",
            "see <https://a.example/x?a=1&amp;b=2>.",
            id="a link",
        ),
    ],
)
def test_typed_text_is_stored_as_slack_stores_it(
    workspace: Workspace, text: str, stored: str
) -> None:
    ids = {user.name: user.id for user in workspace.users.values()}
    channel = workspace.channel("#integrations").id
    assert typed.as_message(text, workspace) == stored.format(**ids, channel=channel)


@given(text=st.text(alphabet="<>&!@#|ab ", max_size=30))
def test_what_people_type_never_becomes_markup_that_they_did_not_name(text: str) -> None:
    workspace = Workspace(SandboxClock(), MANIFEST)
    assert typed.as_message(text, workspace) == typed.escape(text)
