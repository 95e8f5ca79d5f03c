"""The gateway against a server that speaks Slack: what arrives, and what each refusal becomes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.digest.facts import Step, Trend
from bot.foresight.chart import Chart
from bot.outbox import (
    Ambiguous,
    CannotLook,
    Needless,
    NeedsPerson,
    RootGone,
    TryLater,
    Undelivered,
)
from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.server import WorkspaceServer
from bot.slack.connect import make_client, make_session
from bot.slack.gateway import Channel, Letter, Sketching
from bot.slack.manifest import load
from bot.slack.render.blocks import section
from bot.slack.render.chart import chart_block
from bot.slack.render.message import Message, answer, plain_version
from bot.slack.render.notice import told_again
from bot.store.outbox import Purpose, Row
from tests.bot.slack.forecasts import CHART
from tests.bot.slack.scene import pictures_of, tiny_picture
from tests.loopback import NO_TLS_HERE

POST = "chat.postMessage"
UPLOAD, COMPLETE = "files.getUploadURLExternal", "files.completeUploadExternal"


def row(purpose: Purpose = Purpose.ROOT, row_id: str = "a1") -> Row:
    return Row(
        number=1,
        id=row_id,
        topic="incident/1",
        incident_id=1,
        destination="slack/C1",
        purpose=purpose,
        step=0,
        created_at=datetime.now(UTC),
        body="",
        claim=1,
        ambiguous=False,
        possible_repeat=False,
        attempts=1,
        problem="",
    )


class Desk:
    """A channel to deliver to, and the next letter, which the test may change."""

    def __init__(self, client: AsyncWebClient, workspace: WorkspaceServer, said: Message) -> None:
        self.workspace = workspace
        self.letter = Letter(message=said, plain=plain_version(said))
        self.files: list[str] = []
        self.ours, self.refusals, self.drawn = True, 0, tiny_picture
        sketching = Sketching(
            pictures=pictures_of(client, self.draw), remember=self.remember, refused=self.refused
        )
        channel_id = workspace.channels["integrations"]
        self.channel = Channel(client, channel_id, self.compose, sketching)

    async def compose(self, row: Row) -> Letter:
        return self.letter

    async def draw(self, chart: Chart) -> bytes:
        return await self.drawn(chart)

    def remember(self, row: Row, file_id: str) -> bool:
        self.files.append(file_id)
        return self.ours

    def refused(self) -> None:
        self.refusals += 1

    def write(self, said: Message, root_ts: str | None = None) -> None:
        self.letter = Letter(message=said, plain=plain_version(said), root_ts=root_ts)

    def picture(self, said: Message, root_ts: str) -> None:
        self.write(said, root_ts)
        self.letter = replace(self.letter, picture=CHART)

    async def thread(self) -> list[dict[str, Any]]:
        """What stands under the letter's root."""
        asked = {
            "channel": self.workspace.channels["integrations"],
            "ts": self.letter.root_ts,
        }
        headers = {"Authorization": f"Bearer {self.workspace.bot_token}"}
        async with httpx.AsyncClient(headers=headers, verify=NO_TLS_HERE) as client:
            url = f"{self.workspace.api_url}conversations.replies"
            answered = await client.get(url, params=asked)
        return answered.json()["messages"][1:]

    async def fault(self, **fault: object) -> None:
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as client:
            answered = await client.post(f"{self.workspace.control_url}/fault", json=fault)
            assert answered.json()["ok"], answered.text

    async def standing(self) -> list[str]:
        """The texts of the channel's messages, oldest first."""
        return [message["text"] for message in reversed(await self.messages())]

    async def messages(self) -> list[dict[str, Any]]:
        """The channel's messages, newest first."""
        asked = {"channel": self.workspace.channels["integrations"]}
        headers = {"Authorization": f"Bearer {self.workspace.bot_token}"}
        async with httpx.AsyncClient(headers=headers, verify=NO_TLS_HERE) as client:
            url = f"{self.workspace.api_url}conversations.history"
            answered = await client.get(url, params=asked)
        return answered.json()["messages"]


@pytest.fixture
async def desk(monkeypatch):
    monkeypatch.setattr("bot.slack.connect.CALL_SECONDS", 1)
    monkeypatch.setattr("bot.slack.gateway.SECONDS_BETWEEN_MESSAGES", 0.2)
    workspace = WorkspaceServer(clock=SandboxClock(), manifest=load())
    await workspace.start()
    async with make_session() as session:
        client = make_client(workspace.bot_token, workspace.api_url, session)
        yield Desk(client, workspace, answer("The queue is stalled."))
    await workspace.stop()


async def test_a_message_is_posted_edited_and_answered_in_its_thread(desk):
    ts = await desk.channel.deliver(row())
    desk.write(answer("The queue moves again."), root_ts=ts)
    assert await desk.channel.deliver(row(Purpose.EDIT)) == ts
    line_ts = await desk.channel.deliver(row(Purpose.LINE, "b2"))
    assert line_ts != ts
    assert await desk.standing() == ["The queue moves again."]


async def test_a_reply_that_is_aloud_is_shown_in_the_channel_and_found_again(desk):
    ts = await desk.channel.deliver(row())
    desk.write(answer("Told: #ops."), root_ts=ts)
    desk.letter = replace(desk.letter, aloud=True)
    line_ts = await desk.channel.deliver(row(Purpose.LINE, "b2"))
    assert await desk.standing() == ["The queue is stalled.", "Told: #ops."]
    assert await desk.channel.find(row(Purpose.LINE, "b2")) == line_ts


async def test_a_message_takes_the_place_of_an_older_one_as_often_as_it_likes(desk):
    ts = await desk.channel.deliver(row())
    desk.letter = replace(desk.letter, message=told_again("#1"), replaces=ts)
    again = row(Purpose.NOTICE, "b2")
    for _ in range(2):
        assert await desk.channel.find(again) is None
        assert await desk.channel.deliver(again) == ts
    assert await desk.standing() == ["🔁 #1 is told anew below."]
    desk.letter = replace(desk.letter, replaces="1.000001")
    with pytest.raises(Needless):
        await desk.channel.deliver(again)


async def test_what_was_sent_is_found_by_its_row(desk):
    ts = await desk.channel.deliver(row())
    desk.write(answer("Acknowledged."), root_ts=ts)
    line_ts = await desk.channel.deliver(row(Purpose.LINE, "b2"))
    assert await desk.channel.find(row(Purpose.LINE, "b2")) == line_ts
    desk.write(answer("x"))
    assert await desk.channel.find(row()) == ts
    assert await desk.channel.find(row(row_id="never sent")) is None


REFUSALS: dict[str, tuple[dict[str, object], Purpose, type[Undelivered], str]] = {
    "archived": ({"error": "is_archived"}, Purpose.ROOT, NeedsPerson, "unarchive"),
    "not in the channel": ({"error": "not_in_channel"}, Purpose.ROOT, NeedsPerson, "invite"),
    "token revoked": ({"error": "token_revoked"}, Purpose.ROOT, NeedsPerson, "install"),
    "something new": ({"error": "brand_new_error"}, Purpose.ROOT, NeedsPerson, "brand_new_error"),
    "root deleted": ({"error": "message_not_found"}, Purpose.EDIT, RootGone, "message_not_found"),
    "server error": ({"status": 503}, Purpose.ROOT, Ambiguous, "internal_error"),
    "server error on an edit": ({"status": 503}, Purpose.EDIT, TryLater, "internal_error"),
    "internal error": ({"error": "internal_error"}, Purpose.ROOT, Ambiguous, "internal_error"),
    "no answer": ({"delay": 3, "after": True}, Purpose.ROOT, Ambiguous, "no answer"),
    "no answer to an edit": ({"delay": 3}, Purpose.EDIT, TryLater, "no answer"),
}


@pytest.mark.parametrize(
    ("fault", "purpose", "kind", "said"), REFUSALS.values(), ids=REFUSALS.keys()
)
async def test_a_refusal_becomes(desk, fault, purpose, kind, said):
    ts = await desk.channel.deliver(row())
    desk.write(answer("Again."), root_ts=ts if purpose is Purpose.EDIT else None)
    method = "chat.update" if purpose is Purpose.EDIT else POST
    await desk.fault(method=method, times=1, **fault)
    with pytest.raises(kind, match=said) as caught:
        await desk.channel.deliver(row(purpose, "b2"))
    assert type(caught.value) is kind


async def test_a_rate_limit_says_how_long_to_wait(desk):
    headers = {"Retry-After": "7"}
    await desk.fault(method=POST, status=429, error="ratelimited", headers=headers, times=1)
    with pytest.raises(TryLater) as caught:
        await desk.channel.deliver(row())
    assert caught.value.after == 7.0


async def test_an_unreachable_slack_is_certainly_not_sent(desk):
    await desk.workspace.stop()
    with pytest.raises(TryLater, match="reached"):
        await desk.channel.deliver(row())


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
async def test_refused_blocks_are_sent_plain(desk, code, caplog):
    await desk.fault(method=POST, error=code, times=1)
    await desk.channel.deliver(row())
    assert await desk.standing() == ["The queue is stalled."]
    assert f"({code}); sending it plain" in caplog.text


async def test_blocks_over_a_limit_are_refused_by_the_server_and_sent_plain(desk, caplog):
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}
    desk.write(replace(answer("Too long."), blocks=(section,)))
    await desk.channel.deliver(row())
    assert await desk.standing() == ["Too long."]


async def test_a_channel_that_cannot_be_read_back(desk):
    await desk.fault(method="conversations.history", error="missing_scope", times=1)
    with pytest.raises(CannotLook, match="missing_scope"):
        await desk.channel.find(row())
    await desk.fault(method="conversations.history", status=500, times=1)
    with pytest.raises(Ambiguous):
        await desk.channel.find(row())


async def test_messages_to_one_channel_keep_their_distance(desk):
    began = time.monotonic()
    for _ in range(3):
        await desk.channel.turn()
    assert time.monotonic() - began >= 0.39


async def test_no_secret_in_any_error(desk):
    await desk.fault(method=POST, error="invalid_auth", times=1)
    with pytest.raises(NeedsPerson) as caught:
        await desk.channel.deliver(row())
    assert desk.workspace.bot_token not in repr(caught.value) + str(caught.value)
    await asyncio.sleep(0)


def charted():
    """An incident's message with Slack's own chart in it."""
    block = chart_block(CHART)
    return Message(text="The limit is likely to be reached.", blocks=(section("Soon."), block))


async def test_a_workspace_that_refuses_a_chart_gets_the_message_without(desk, caplog):
    desk.write(charted())
    await desk.fault(method=POST, error="invalid_blocks", times=1)
    await desk.channel.deliver(row())
    assert await desk.standing() == ["The limit is likely to be reached."]
    assert desk.refusals == 1


async def test_a_chart_that_is_taken_is_not_spoken_of(desk):
    desk.write(charted())
    await desk.channel.deliver(row())
    assert desk.refusals == 0


async def test_refused_blocks_are_not_blamed_on_the_chart_when_they_are_refused_without_it(desk):
    desk.write(charted())
    await desk.fault(method=POST, error="invalid_blocks", times=2)
    await desk.channel.deliver(row())
    assert desk.refusals == 0
    assert await desk.standing() == ["The limit is likely to be reached."]


TREND = Trend(
    title="Failed runs a day",
    steps=(
        Step(first=date(2026, 11, 20), label="Fri 20", value=3),
        Step(first=date(2026, 11, 21), label="Sat 21", value=None),
    ),
)


def illustrated(**more):
    """A digest's message, which is to hold a picture."""
    said = Message(text="All well.", blocks=(section("All well."), section("small")), **more)
    return replace(said, picture=TREND)


async def images(desk):
    [said] = await desk.messages()
    return [block for block in said["blocks"] if block["type"] == "image"]


async def test_a_message_with_a_picture_holds_it_above_its_small_print(desk):
    desk.write(illustrated())
    await desk.channel.deliver(row())
    [said] = await desk.messages()
    assert [block["type"] for block in said["blocks"]] == ["section", "image", "section"]
    [image] = await images(desk)
    assert image["alt_text"] == "Failed runs a day: Fri 20 3, Sat 21 not known."
    assert image["slack_file"]["id"].startswith("F")
    assert desk.refusals == 0


async def test_a_chart_that_is_refused_becomes_the_picture_at_once(desk):
    said = illustrated()
    desk.write(replace(said, blocks=(chart_block(CHART), *said.blocks)))
    await desk.fault(method=POST, error="invalid_blocks", times=1)
    await desk.channel.deliver(row())
    assert len(await images(desk)) == 1
    assert desk.refusals == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"method": "files.getUploadURLExternal", "error": "missing_scope"},
        {"method": POST, "error": "invalid_blocks", "times": 1},
    ],
    ids=["it cannot be uploaded", "the image is refused"],
)
async def test_where_a_picture_cannot_be_shown_the_words_go_alone(desk, fault, caplog):
    desk.write(illustrated())
    await desk.fault(**fault)
    await desk.channel.deliver(row())
    assert await images(desk) == []
    assert await desk.standing() == ["All well."]


async def opened(desk):
    """The root, and a thread line with a picture that is to follow it."""
    ts = await desk.channel.deliver(row())
    desk.picture(answer("The forecast: 83 %."), ts)
    return row(Purpose.LINE, "b2")


async def test_a_picture_stands_in_the_thread_with_its_words(desk):
    line = await opened(desk)
    place = await desk.channel.deliver(line)
    [said] = await desk.thread()
    assert said["text"] == "The forecast: 83 %."
    assert [file["id"] for file in said["files"]] == [place] == desk.files
    assert "limit 2,400" in said["files"][0]["alt_txt"]


async def test_a_picture_whose_answer_was_lost_is_found_by_its_file(desk):
    line = await opened(desk)
    await desk.fault(method=COMPLETE, after=True, lost=True)
    with pytest.raises(Ambiguous):
        await desk.channel.deliver(line)
    [file_id] = desk.files
    assert await desk.channel.find(replace(line, body=file_id))
    assert len(await desk.thread()) == 1


async def test_a_picture_that_was_never_shown_is_not_found(desk):
    line = await opened(desk)
    await desk.fault(method=COMPLETE, lost=True)
    with pytest.raises(Ambiguous):
        await desk.channel.deliver(line)
    [file_id] = desk.files
    assert await desk.channel.find(replace(line, body=file_id)) is None


async def test_nothing_is_shown_for_a_row_that_somebody_else_has_taken(desk):
    line = await opened(desk)
    desk.ours = False
    with pytest.raises(TryLater):
        await desk.channel.deliver(line)
    assert await desk.thread() == []


def raising(error):
    async def draw(chart):
        raise error

    return draw


NO_PICTURES = {
    "drawing fails": (ValueError("no font"), None),
    "drawing is lost with its worker": (RuntimeError("gone"), None),
    "the app may not upload": (
        None,
        {"method": UPLOAD, "error": "missing_scope"},
    ),
    "Slack does not take the bytes": (None, {"method": "upload", "status": 500}),
}


@pytest.mark.parametrize(("error", "fault"), NO_PICTURES.values(), ids=NO_PICTURES.keys())
async def test_the_words_go_without_a_picture_when(desk, error, fault, caplog):
    line = await opened(desk)
    if error:
        desk.drawn = raising(error)
    if fault:
        await desk.fault(times=1, **fault)
    await desk.channel.deliver(line)
    [said] = await desk.thread()
    assert said["text"] == "The forecast: 83 %."
    assert "files" not in said
    assert "goes without its picture" in caplog.text


async def test_a_picture_is_not_waited_for_for_ever(desk, monkeypatch, caplog):
    monkeypatch.setattr("bot.slack.files.DRAW_SECONDS", 0.05)
    line = await opened(desk)
    desk.drawn = lambda chart: asyncio.Event().wait()
    await desk.channel.deliver(line)
    assert "goes without its picture" in caplog.text
