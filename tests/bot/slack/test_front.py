"""Commands, presses and mentions through the real app, over Socket Mode, in a sandbox workspace."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import aiohttp
import httpx
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncBoltRequest

from bot import inventory
from bot.incidents.model import State
from bot.sandbox.clock import SandboxClock
from bot.sandbox.workspace.options import WorkspaceOptions
from bot.sandbox.workspace.server import WorkspaceServer
from bot.slack import manifest
from bot.slack.app import make_app
from bot.slack.connect import Identity, make_client
from bot.slack.front import FAILED, STALE_BUTTON, FrontDesk
from bot.slack.letters import view_of
from bot.slack.people import GUEST, OUTSIDER, People
from bot.slack.private import respond
from bot.slack.render.chart import NATIVE
from bot.slack.render.incident import incident_message
from bot.slack.render.message import answer
from bot.store import incidents, outbox
from bot.store.forecasts import save_forecasts
from bot.transitions import Rules
from tests.bot.slack import forecasts
from tests.bot.slack.scene import NOON, desk_over, pictures_of, stall

OPTIONS = WorkspaceOptions(quiet=WorkspaceOptions().quiet / 3)
pytestmark = pytest.mark.usefixtures("no_proxy")


@pytest.fixture
def no_proxy(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


class Office:
    """A workspace with our app in it, and what people do there."""

    def __init__(self, server, desk, client, app, identity):
        self.server, self.desk, self.client = server, desk, client
        self.app, self.identity = app, identity
        self.channel = server.channels["integrations"]
        self.wakes = 0
        self.http = httpx.AsyncClient(trust_env=False)

    async def _control(self, name, **body):
        told = {"channel": self.channel} | body
        answered = await self.http.post(f"{self.server.control_url}/{name}", json=told)
        assert answered.status_code == 200, answered.text
        return answered.json()

    async def fault(self, **order):
        answered = await self.http.post(f"{self.server.control_url}/fault", json=order)
        assert answered.status_code == 200, answered.text

    async def types(self, text, user="priya"):
        return await self._control("command", user=user, text=text)

    async def presses(self, action_id, ts, user="priya"):
        return await self._control("action", user=user, message_ts=ts, action_id=action_id)

    async def says(self, text, user="priya", thread_ts=None):
        return await self._control("message", user=user, text=text, thread_ts=thread_ts)

    async def announce(self, incident_id):
        """Post an incident's message, as the outbox would."""
        said = incident_message(view_of(self.desk, incident_id))
        posted = await self.client.chat_postMessage(channel=self.channel, **said.as_arguments())
        with self.desk.store.writing() as db:
            [row] = outbox.due_rows(db, time.time() + 1, ())
            outbox.record_sent(db, row, outbox.claim(db, row, None), posted["ts"])
        return posted["ts"]

    def state(self, incident_id=1):
        return incidents.find_incident(self.desk.store.db, incident_id).state


@asynccontextmanager
async def office_over(store):
    server = WorkspaceServer(
        clock=SandboxClock(start=NOON), manifest=manifest.load(), options=OPTIONS
    )
    await server.start()
    async with aiohttp.ClientSession() as session:
        client = make_client(server.bot_token, server.api_url, session)
        told = await client.auth_test()
        identity = Identity(
            team_id=told["team_id"], bot_id=told["bot_id"], bot_user_id=told["user_id"]
        )
        desk = desk_over(store, People(client, identity.team_id))
        destination = f"slack/{server.channels['integrations']}"
        desk = replace(desk, rules=Rules(policies=desk.rules.policies, destination=destination))
        office = Office(server, desk, client, None, identity)
        desk = office.desk = replace(desk, wake=lambda: setattr(office, "wakes", office.wakes + 1))
        office.app = make_app(desk, client=client, identity=identity, pictures=pictures_of(client))
        handler = AsyncSocketModeHandler(office.app, server.app_token, web_client=client)
        await handler.connect_async()
        try:
            yield office
        finally:
            await office.http.aclose()
            await handler.close_async()
            await server.stop()


@pytest.fixture
async def office(store):
    async with office_over(store) as opened:
        yield opened


def private(done):
    """The one private answer that a gesture brought."""
    assert [message["kind"] for message in done["messages"]] == ["ephemeral"], done
    return done["messages"][0]["text"]


async def test_a_command_is_acknowledged_at_once_and_answered_privately(office):
    done = await office.types("/seam")
    assert done["acked"]
    assert done["ack_ms"] < 1000
    assert "Ask me with `/seam`" in private(done)


async def test_an_unknown_verb_brings_the_nearest_one_and_the_help(office):
    said = private(await office.types("/seam akc 42 <!channel>"))
    assert "I do not know `akc`. Did you mean `/seam ack`?" in said


async def test_a_command_takes_an_incident_and_wakes_the_outbox(office):
    stall(office.desk)
    assert "You have #1 in hand" in private(await office.types("/seam ack 1"))
    assert office.state() is State.ACKNOWLEDGED
    assert office.wakes == 1


def has_foreseen(office):
    with office.desk.store.writing() as db:
        inventory.save_limits(db, forecasts.LIMITS)
        ahead = forecasts.LIKELY.allowance.forecast
        save_forecasts(db, [replace(ahead, band=forecasts.BAND)])


def block_types(message):
    return [block["type"] for block in message["blocks"]]


async def answer_and_picture(office):
    """The answer, and what follows it when it has been drawn and uploaded."""
    await office.types("/seam forecast dispatch")
    workspace, reader = office.server._site.workspace, office.server.users["priya"]
    async with asyncio.timeout(20):
        while len(said := workspace.history(office.channel, reader)) < 2:
            await asyncio.sleep(0.02)
    assert {each.visible_to for each in said} == {reader}
    return [{"blocks": each.blocks} for each in said]


async def test_a_forecast_comes_with_its_chart(office):
    has_foreseen(office)
    [said] = (await office.types("/seam forecast dispatch"))["messages"]
    assert NATIVE in block_types(said)


async def test_where_pictures_are_wanted_one_follows_the_answer(office, caplog):
    has_foreseen(office)
    office.desk.charting.refused()
    said, picture = await answer_and_picture(office)
    assert NATIVE not in block_types(said)
    assert block_types(picture) == ["image"]
    assert picture["blocks"][0]["slack_file"]["id"].startswith("F")


async def test_an_answer_whose_chart_is_refused_comes_without_it(office, caplog):
    has_foreseen(office)
    refusal = {"method": "response_url", "status": 400, "error": "invalid_blocks", "times": 1}
    await office.fault(**refusal)
    said, picture = await answer_and_picture(office)
    assert "83 % within 72 h" in str(said["blocks"])
    assert block_types(picture) == ["image"]
    assert office.desk.charting.pictures


async def test_an_answer_goes_without_its_picture_when_it_cannot_be_uploaded(office, caplog):
    has_foreseen(office)
    office.desk.charting.refused()
    await office.fault(method="files.getUploadURLExternal", error="missing_scope")
    said = private(await office.types("/seam forecast dispatch"))
    assert "likely to be reached" in said
    assert "goes without its picture" in caplog.text


async def test_a_button_does_what_it_says_and_leaves_the_message_alone(office):
    stall(office.desk)
    ts = await office.announce(1)
    done = await office.presses("incident_ack", ts)
    assert "You have #1 in hand" in private(done)
    assert office.state() is State.ACKNOWLEDGED
    assert "Timeline" in str(await office.presses("incident_timeline", ts))
    assert "Mitigation" in str(await office.presses("incident_runbook", ts))


async def test_a_late_press_by_another_person_changes_nothing(office):
    stall(office.desk)
    ts = await office.announce(1)
    await office.presses("incident_ack", ts)
    said = private(await office.presses("incident_ack", ts, user="alex"))
    assert "has changed since you saw it" in said
    assert f"<@{office.server.users['priya']}>" in said
    holder = incidents.find_incident(office.desk.store.db, 1).holder
    assert holder == office.server.users["priya"]


@pytest.mark.parametrize("user", ["gina", "otto"])
async def test_guests_and_outsiders_can_neither_act_nor_read(office, user):
    stall(office.desk)
    ts = await office.announce(1)
    refusal = {"gina": GUEST, "otto": OUTSIDER}[user].because
    for action_id in ("incident_ack", "incident_resolve", "incident_timeline"):
        assert private(await office.presses(action_id, ts, user=user)) == refusal
    assert private(await office.says("@Seamwatch ack", user=user, thread_ts=ts)) == refusal
    assert office.state() is State.TRIGGERED


async def test_a_guest_can_read_the_help(office):
    assert private(await office.types("/seam queue", user="gina")) == GUEST.because
    assert "Ask me with" in private(await office.types("/seam help", user="gina"))


async def test_a_mention_in_the_thread_means_its_incident(office):
    stall(office.desk, "Orders", "Stock")
    first = await office.announce(1)
    second = await office.announce(2)
    done = await office.says("@Seamwatch ack", thread_ts=second)
    assert "You have #2 in hand" in private(done)
    assert done["messages"][0]["thread_ts"] == second
    await office.says("@Seamwatch resolve 3 runs were stopped", user="alex", thread_ts=first)
    resolved = incidents.find_incident(office.desk.store.db, 1)
    assert resolved.resolution == "3 runs were stopped"
    assert resolved.resolved_by.via == "mention"


async def test_a_mention_outside_a_thread_needs_a_number(office):
    stall(office.desk, "Orders", "Stock")
    assert "Which one?" in private(await office.says("@Seamwatch ack"))
    assert "You have #2 in hand" in private(await office.says("@Seamwatch ack 2"))


async def test_an_unknown_verb_in_a_mention_is_answered_in_terms_of_mentions(office):
    stall(office.desk)
    thread = await office.announce(1)
    said = private(await office.says("@Seamwatch akc", thread_ts=thread))
    assert "I do not know `akc`. Did you mean `@Seamwatch ack`?" in said
    assert "/seam" not in said


async def test_a_mention_with_words_that_are_no_number_changes_nothing(office):
    stall(office.desk)
    thread = await office.announce(1)
    said = private(await office.says("@Seamwatch ack 1 2 3", thread_ts=thread))
    assert "Only one incident at a time" in said
    assert office.state() is State.TRIGGERED


async def test_an_event_that_comes_twice_is_answered_once(office):
    stall(office.desk)
    await office.http.post(
        f"{office.server.control_url}/fault", json={"method": "socket:duplicate", "times": 1}
    )
    assert "in hand" in private(await office.says("@Seamwatch ack 1"))


async def test_a_press_on_an_unknown_button_is_answered(office):
    block = {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Old"},
                "action_id": "incident_old",
                "value": "1:1",
            }
        ],
    }
    posted = await office.client.chat_postMessage(
        channel=office.channel, text="old", blocks=[block]
    )
    assert private(await office.presses("incident_old", posted["ts"])) == STALE_BUTTON


async def test_a_failure_is_told_privately_and_logged_without_secrets(office, caplog):
    with office.desk.store.writing() as db:
        db.execute("INSERT INTO snapshots VALUES ('queue', '2026', 'password=hunter2')")
    with caplog.at_level(logging.ERROR):
        done = await office.types("/seam queue")
    assert done["acked"]
    assert private(done) == FAILED
    assert "hunter2" not in caplog.text
    assert "a request failed" in caplog.text


async def test_while_slack_cannot_say_who_somebody_is_nothing_is_done(office):
    stall(office.desk)
    fault = {"method": "users.info", "status": 500, "times": 1}
    await office.http.post(f"{office.server.control_url}/fault", json=fault)
    assert "cannot check who you are" in private(await office.types("/seam ack 1"))
    assert office.state() is State.TRIGGERED
    assert "You have #1 in hand" in private(await office.types("/seam ack 1"))


async def test_an_answer_that_slack_refuses_is_only_logged(office, caplog):
    await respond(office.client, f"{office.server.url}/respond/none", answer("hello"))
    await respond(office.client, "http://127.0.0.1:9/respond/none", answer("hello"))
    assert "did not take an answer" in caplog.text
    assert "did not reach Slack" in caplog.text
    assert "/respond/" not in caplog.text


async def test_fifty_commands_at_once_are_all_acknowledged(office):
    done = await asyncio.gather(*(office.types("/seam queue") for _ in range(50)))
    assert all(each["acked"] for each in done)


async def test_a_request_over_http_needs_a_signature(office):
    request = AsyncBoltRequest(
        body="command=%2Fseam&text=help&user_id=U1&team_id=T1",
        headers={"content-type": ["application/x-www-form-urlencoded"]},
    )
    assert (await office.app.async_dispatch(request)).status == 401


async def test_messages_of_other_bots_are_not_answered(office):
    front = FrontDesk(office.desk, office.client, office.identity, pictures_of(office.client))
    event = {"channel": office.channel, "user": "U1", "bot_id": "B1", "text": "<@UBOT> help"}
    await front.take_mention({"event_id": "Ev1"}, event)
