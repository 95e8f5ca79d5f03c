"""response_url and trigger_id: what they allow, how often and for how long."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import (
    Person,
    Stopwatch,
    actions,
    app_of,
    button,
    joined,
    modal,
    section,
)
from tests.loopback import NO_TLS_HERE

Json = dict[str, Any]


class Pressed:
    """A workspace in which a button was pressed: its message, response_url and trigger_id."""

    def __init__(self, server: WorkspaceServer, stopwatch: Stopwatch) -> None:
        self.server, self.stopwatch = server, stopwatch
        self.person = Person(server)
        self.web = AsyncWebClient(token=server.bot_token, base_url=server.api_url)
        self.channel = server.channels["integrations"]
        self.body: Json = {}

    @property
    def respond(self) -> AsyncWebhookClient:
        return AsyncWebhookClient(self.body["response_url"])

    async def press(self, message_ts: str) -> None:
        """Press the button of this message, with an app that only looks."""
        app = app_of(self.server)

        @app.action("go")
        async def go(ack: Any, body: Json) -> None:
            self.body = body
            await ack()

        async with joined(app, self.server):
            await self.person.does(
                "action",
                user="priya",
                channel=self.channel,
                message_ts=message_ts,
                action_id="go",
                wait=0,
            )

    async def texts(self, user: str = "priya", **query: str) -> list[str]:
        seen = await self.person.sees("integrations", user, **query)
        return [message["text"] for message in seen]


ROW = {"text": "original", "blocks": [actions(button())]}


@pytest.fixture
async def bare(start: Start) -> Any:
    """A workspace on a stopwatch."""
    stopwatch = Stopwatch()
    pressed = Pressed(await start(monotonic=stopwatch), stopwatch)
    yield pressed
    await pressed.person.http.aclose()


@pytest.fixture
async def pressed(bare: Pressed) -> Pressed:
    """... in which the button of a message was pressed."""
    posted = await bare.web.chat_postMessage(channel=bare.channel, **ROW)
    await bare.press(posted["ts"])
    return bare


async def test_an_answer_is_private_unless_it_says_otherwise(pressed: Pressed) -> None:
    await pressed.respond.send(text="private")
    await pressed.respond.send(text="visible", response_type="in_channel")
    assert await pressed.texts("priya") == ["original", "private", "visible"]
    assert await pressed.texts("alex") == ["original", "visible"]


async def test_an_answer_may_replace_or_delete_the_message_of_the_button(pressed: Pressed) -> None:
    await pressed.respond.send(text="replaced", replace_original=True)
    assert await pressed.texts() == ["replaced"]
    await pressed.respond.send(delete_original=True)
    assert await pressed.texts() == []


async def test_a_private_message_is_replaced_and_deleted_the_same_way(bare: Pressed) -> None:
    posted = await bare.web.chat_postEphemeral(
        channel=bare.channel, user=bare.server.users["priya"], **ROW
    )
    await bare.press(posted["message_ts"])
    assert bare.body["container"]["is_ephemeral"]
    await bare.respond.send(text="still private", replace_original=True)
    assert (await bare.texts("priya"), await bare.texts("alex")) == (["still private"], [])
    await bare.respond.send(delete_original=True)
    assert await bare.texts("priya") == []


async def test_an_answer_to_a_button_in_a_thread_stays_in_the_thread(bare: Pressed) -> None:
    root = await bare.web.chat_postMessage(channel=bare.channel, text="root")
    reply = await bare.web.chat_postMessage(channel=bare.channel, thread_ts=root["ts"], **ROW)
    await bare.press(reply["ts"])
    await bare.respond.send(text="here")
    assert await bare.texts() == ["root"]
    assert await bare.texts(thread_ts=root["ts"]) == ["root", "original", "here"]


async def test_the_sixth_answer_is_refused(pressed: Pressed) -> None:
    statuses = [(await pressed.respond.send(text=str(number))).status_code for number in range(6)]
    assert statuses == [200] * 5 + [404]
    sixth = await pressed.respond.send(text="again")
    assert "used_url" in sixth.body
    assert "5" not in await pressed.texts()


async def test_an_answer_after_thirty_minutes_is_refused(pressed: Pressed) -> None:
    pressed.stopwatch.seconds += 30 * 60
    assert (await pressed.respond.send(text="in time")).status_code == 200
    pressed.stopwatch.seconds += 1
    late = await pressed.respond.send(text="late")
    assert (late.status_code, "expired_url" in late.body) == (404, True)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param({"text": ""}, "no_text", id="nothing"),
        pytest.param({"blocks": [{"type": "chart"}]}, "invalid_blocks", id="bad blocks"),
    ],
)
async def test_an_answer_that_slack_would_not_take(
    pressed: Pressed, answer: Json, error: str
) -> None:
    async with httpx.AsyncClient(trust_env=False, verify=NO_TLS_HERE) as http:
        refused = await http.post(pressed.body["response_url"], json=answer)
    assert (refused.status_code, refused.json()["error"]) == (400, error)
    assert await pressed.texts() == ["original"]


async def test_a_made_up_response_url_is_refused(server: WorkspaceServer) -> None:
    refused = await AsyncWebhookClient(server.url + "/respond/made-up").send(text="x")
    assert refused.status_code == 404


async def refusal(pressed: Pressed, method: str, **params: Any) -> str:
    with pytest.raises(SlackApiError) as refused:
        await pressed.web.api_call(method, json=params)
    return str(refused.value.response["error"])


async def test_a_trigger_opens_one_view_within_three_seconds(pressed: Pressed) -> None:
    trigger = pressed.body["trigger_id"]
    pressed.stopwatch.seconds += 3
    assert (await pressed.web.views_open(trigger_id=trigger, view=modal()))["view"]["id"]
    again = await refusal(pressed, "views.open", trigger_id=trigger, view=modal())
    assert again == "exchanged_trigger_id"


async def test_a_trigger_expires_after_three_seconds(pressed: Pressed) -> None:
    pressed.stopwatch.seconds += 3.01
    trigger = pressed.body["trigger_id"]
    late = await refusal(pressed, "views.open", trigger_id=trigger, view=modal())
    assert late == "expired_trigger_id"


async def test_a_view_that_slack_would_not_take_does_not_cost_the_trigger(pressed: Pressed) -> None:
    trigger = pressed.body["trigger_id"]
    with pytest.raises(SlackApiError) as refused:
        await pressed.web.views_open(trigger_id=trigger, view=modal(title=None))
    reasons = refused.value.response["response_metadata"]["messages"]
    assert refused.value.response["error"] == "invalid_arguments"
    assert reasons == ["[ERROR] missing required field: title [json-pointer:/view]"]
    assert (await pressed.web.views_open(trigger_id=trigger, view=modal()))["ok"]


@pytest.mark.parametrize(
    ("view", "error"),
    [
        pytest.param(
            modal(blocks=[section("é" * 1300, block_id=f"b{number}") for number in range(96)]),
            "view_too_large",
            id="more than 250 kB",
        ),
        pytest.param({"type": "home", "blocks": [section()]}, "invalid_arguments", id="a Home tab"),
    ],
)
async def test_slack_refuses_to_open(pressed: Pressed, view: Json, error: str) -> None:
    trigger = pressed.body["trigger_id"]
    assert await refusal(pressed, "views.open", trigger_id=trigger, view=view) == error


async def test_an_invented_trigger_is_refused(pressed: Pressed) -> None:
    made_up = await refusal(pressed, "views.open", trigger_id="1.2.abc", view=modal())
    assert made_up == "invalid_trigger_id"


async def test_a_trigger_of_a_message_cannot_push(pressed: Pressed) -> None:
    trigger = pressed.body["trigger_id"]
    assert await refusal(pressed, "views.push", trigger_id=trigger, view=modal()) == (
        "invalid_trigger_id"
    )


async def test_an_update_with_an_old_hash_is_refused(pressed: Pressed) -> None:
    trigger = pressed.body["trigger_id"]
    opened = (await pressed.web.views_open(trigger_id=trigger, view=modal(external_id="one")))[
        "view"
    ]
    newer = await pressed.web.views_update(external_id="one", view=modal(), hash=opened["hash"])
    assert newer["view"]["hash"] != opened["hash"]
    where = {"view_id": opened["id"], "view": modal()}
    assert await refusal(pressed, "views.update", hash=opened["hash"], **where) == "hash_conflict"
    assert await refusal(pressed, "views.update", view_id="V0NONE", view=modal()) == "not_found"


async def test_a_home_tab_is_published_and_replaced(pressed: Pressed) -> None:
    priya, home = pressed.server.users["priya"], {"type": "home", "blocks": [section()]}
    first = (await pressed.web.views_publish(user_id=priya, view=home))["view"]
    second = (await pressed.web.views_publish(user_id=priya, view=home, hash=first["hash"]))["view"]
    assert first["id"] == second["id"]
    stale = {"user_id": priya, "view": home, "hash": first["hash"]}
    assert await refusal(pressed, "views.publish", **stale) == "hash_conflict"


async def test_modals_stack_three_high_and_close_one_by_one(start: Start) -> None:
    server = await start()
    app, person = app_of(server), Person(server)
    row = [actions(button())]

    @app.command("/seam")
    async def seam(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal(blocks=row))

    errors: list[str] = []

    @app.action("go")
    async def go(ack: Any, body: Json, client: Any) -> None:
        await ack()
        try:
            await client.views_push(trigger_id=body["trigger_id"], view=modal(blocks=row))
        except SlackApiError as refused:
            errors.append(refused.response["error"])

    @app.view("asking")
    async def asking(ack: Any, view: Json) -> None:
        await (ack() if view["previous_view_id"] else ack(response_action="clear"))

    async with joined(app, server):
        shown = [await person.does("command", user="priya", channel="integrations", text="/seam")]
        for _ in range(3):
            view_id = shown[-1]["view"]["id"]
            pressed = await person.does(
                "action", user="priya", view_id=view_id, action_id="go", wait=0.3
            )
            if pressed["view"]:
                shown.append(pressed)
        ids = [entry["view"]["id"] for entry in shown]
        closed = await person.does("view", user="priya", view_id=ids[2], values={}, wait=0)
        cleared = await person.does("view", user="priya", view_id=ids[0], values={}, wait=0)
        gone = await person.tries("view", user="priya", view_id=ids[1], values={})

    assert len(ids) == 3
    assert errors == ["push_limit_reached"]
    assert closed["view"]["id"] == ids[1]
    assert cleared["view"] is None
    assert (gone.status_code, gone.json()["error"]) == (400, f"priya has no view {ids[1]} open")
    await person.http.aclose()
