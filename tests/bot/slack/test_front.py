"""Commands, presses and mentions through the real app, over Socket Mode, in a sandbox workspace."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace

import pytest
from slack_bolt.async_app import AsyncBoltRequest

from bot import inventory
from bot.incidents.model import State
from bot.slack.front import FAILED, STALE_BUTTON, FrontDesk
from bot.slack.people import GUEST, OUTSIDER
from bot.slack.private import respond
from bot.slack.render.chart import NATIVE
from bot.slack.render.message import answer
from bot.store import incidents
from bot.store.forecasts import save_forecasts
from tests.bot.slack import forecasts
from tests.bot.slack.office import PROXIES, office_over, private
from tests.bot.slack.scene import pictures_of, stall
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("no_proxy")


@pytest.fixture
def no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def office(store):
    async with office_over(store) as opened:
        yield opened


async def test_a_command_is_acknowledged_at_once_and_answered_privately(office):
    done = await office.types("/seam")
    assert done["acked"]
    assert done["ack_ms"] < 1000
    assert "Ask me with `/seam`" in private(done)


async def test_an_unknown_verb_brings_the_nearest_one_with_what_was_typed_and_no_more(office):
    done = await office.types("/seam akc 42 <!channel>")
    said = private(done)
    assert "I do not know `akc`. Did you mean `/seam ack 42 @channel`?" in said
    assert len(str(done["messages"][0]["blocks"])) < 1500


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
    await until(lambda: len(workspace.history(office.channel, reader)) >= 2)
    said = workspace.history(office.channel, reader)
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
    assert "Timeline" in str(await office.presses("incident_more", ts, option="Timeline"))
    assert "Mitigation" in str(await office.presses("incident_more", ts, option="Runbook"))


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
    for action_id in ("incident_ack", "incident_resolve"):
        assert private(await office.presses(action_id, ts, user=user)) == refusal
    timeline = await office.presses("incident_more", ts, user=user, option="Timeline")
    assert private(timeline) == refusal
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
