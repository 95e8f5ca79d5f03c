"""Modals, Home tabs and menus as a real Bolt app meets them, over Socket Mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.workspace.server import WorkspaceServer
from tests.bot.sandbox.workspace.conftest import Start
from tests.bot.sandbox.workspace.joining import (
    MANIFEST,
    Person,
    actions,
    app_of,
    button,
    joined,
    modal,
    section,
)

Json = dict[str, Any]

PRIYA = {"user": "priya", "channel": "#integrations"}


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower()} for name in names]


def asks(block_id: str, element: Json, **more: Any) -> Json:
    """An input block; its element's action_id is that of the block with `-in` behind it."""
    own = {"action_id": f"{block_id}-in"} | element
    return {"type": "input", "block_id": block_id, "label": plain(block_id), "element": own} | more


@dataclass(kw_only=True)
class Desk:
    """A workspace, priya at her keyboard, and an app that opens `view` and answers with `reply`."""

    server: WorkspaceServer
    person: Person
    client: Any = None
    view: Json = field(default_factory=modal)
    reply: Json = field(default_factory=dict)
    submitted: list[Json] = field(default_factory=list)
    pressed: list[Json] = field(default_factory=list)
    closed: list[Json] = field(default_factory=list)

    async def open(self, **changes: Any) -> Json:
        """Type the command; the modal that opens."""
        self.view = modal(**changes)
        did = await self.person.does("command", **PRIYA, text="/seam")
        return dict(did["view"])

    async def submit(self, view: Json, **values: Any) -> Json:
        where = {"user": "priya", "view_id": view["id"]}
        return await self.person.does("view", **where, values=values, wait=0)

    async def press(self, view: Json, action_id: str, **what: Any) -> Json:
        where = {"user": "priya", "view_id": view["id"], "action_id": action_id}
        return await self.person.does("action", **where, wait=0, **what)

    async def close(self, view: Json, **what: Any) -> Json:
        where = {"user": "priya", "view_id": view["id"]}
        return await self.person.does("view/close", **where, wait=0, **what)


@pytest.fixture
async def desk(server: WorkspaceServer, person: Person) -> AsyncIterator[Desk]:
    app = app_of(server)
    desk = Desk(server=server, person=person, client=app.client)

    @app.command("/seam")
    async def seam(ack: Any, command: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=desk.view)

    @app.view("asking")
    async def asking(ack: Any, body: Json) -> None:
        desk.submitted.append(body)
        await ack(**desk.reply)

    @app.view_closed("asking")
    async def gone(ack: Any, body: Json) -> None:
        desk.closed.append(body)
        await ack()

    @app.action({"type": "block_actions", "block_id": "row"})
    async def row(ack: Any, body: Json) -> None:
        desk.pressed.append(body)
        await ack()

    async with joined(app, server):
        yield desk


EVERY_KIND: dict[str, tuple[Json, Any, Json]] = {
    "text": ({"type": "plain_text_input"}, "why not", {"value": "why not"}),
    "lines": ({"type": "plain_text_input", "multiline": True}, "a\nb", {"value": "a\nb"}),
    "e-mail": ({"type": "email_text_input"}, "a@b.example", {"value": "a@b.example"}),
    "address": ({"type": "url_text_input"}, "https://a.example", {"value": "https://a.example"}),
    "number": ({"type": "number_input", "is_decimal_allowed": True}, 2.5, {"value": "2.5"}),
    "option by value": (
        {"type": "static_select", "options": options("Orders", "Stock")},
        "stock",
        {"selected_option": options("Stock")[0]},
    ),
    "option by its text": (
        {"type": "static_select", "options": options("Orders", "Stock")},
        "Stock",
        {"selected_option": options("Stock")[0]},
    ),
    "option of a group": (
        {
            "type": "static_select",
            "option_groups": [{"label": plain("All"), "options": options("Orders")}],
        },
        "orders",
        {"selected_option": options("Orders")[0]},
    ),
    "radio": (
        {"type": "radio_buttons", "options": options("Now", "Later")},
        "now",
        {"selected_option": options("Now")[0]},
    ),
    "checkboxes": (
        {"type": "checkboxes", "options": options("Pages", "Digests")},
        ["digests"],
        {"selected_options": options("Digests")},
    ),
    "several options": (
        {"type": "multi_static_select", "options": options("A", "B", "C")},
        ["a", "C"],
        {"selected_options": options("A", "C")},
    ),
    "date": ({"type": "datepicker"}, "2026-03-09", {"selected_date": "2026-03-09"}),
    "time": ({"type": "timepicker"}, "09:30", {"selected_time": "09:30"}),
    "moment": ({"type": "datetimepicker"}, 1773046800, {"selected_date_time": 1773046800}),
    "person": ({"type": "users_select"}, "@nora", {"selected_user": "nora"}),
    "people": (
        {"type": "multi_users_select"},
        ["nora", "priya"],
        {"selected_users": ["nora", "priya"]},
    ),
    "channel": ({"type": "channels_select"}, "#random", {"selected_channel": "random"}),
    "conversation": (
        {"type": "conversations_select"},
        "#random",
        {"selected_conversation": "random"},
    ),
}


def with_ids(server: WorkspaceServer, value: Any) -> Any:
    """Names of people and channels as their ids."""
    known = server.users | server.channels
    if isinstance(value, list):
        return [with_ids(server, each) for each in value]
    return known.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize(("element", "value", "told"), EVERY_KIND.values(), ids=EVERY_KIND.keys())
async def test_every_kind_of_field_tells_the_app_what_slack_tells(
    desk: Desk, element: Json, value: Any, told: Json
) -> None:
    view = await desk.open(blocks=[asks("one", element)])
    did = await desk.submit(view, one=value)
    assert (did["acked"], did["view"]) == (True, None)
    (name, chosen) = next(iter(told.items()))
    expected = {"type": element["type"], name: with_ids(desk.server, chosen)}
    assert desk.submitted[0]["view"]["state"]["values"] == {"one": {"one-in": expected}}


WRONG: dict[str, tuple[Json, Any, str]] = {
    "empty": ({"type": "plain_text_input"}, "", "This must be filled in."),
    "nothing chosen": (
        {"type": "static_select", "options": options("A")},
        None,
        "This must be filled in.",
    ),
    "no box ticked": (
        {"type": "checkboxes", "options": options("A")},
        [],
        "This must be filled in.",
    ),
    "too short": (
        {"type": "plain_text_input", "min_length": 10},
        "no",
        "This must have at least 10 characters, and has 2.",
    ),
    "too long": (
        {"type": "plain_text_input", "max_length": 3},
        "four",
        "This must have at most 3 characters, and has 4.",
    ),
    "no e-mail": ({"type": "email_text_input"}, "priya", "This must be an e-mail address."),
    "no address": ({"type": "url_text_input"}, "example", "This must be a web address."),
    "no number": (
        {"type": "number_input", "is_decimal_allowed": False},
        "many",
        "This must be a number.",
    ),
    "a fraction": (
        {"type": "number_input", "is_decimal_allowed": False},
        "1.5",
        "This must be a whole number.",
    ),
    "too few": (
        {"type": "number_input", "is_decimal_allowed": False, "min_value": "1"},
        "0",
        "This must be at least 1.",
    ),
    "no date": ({"type": "datepicker"}, "9 March", "This must be a date (YYYY-MM-DD)."),
    "no time": ({"type": "timepicker"}, "25:00", "This must be a time of day (HH:MM)."),
    "no moment": (
        {"type": "datetimepicker"},
        12,
        "This must be a moment in Unix seconds, ten digits.",
    ),
    "too many": (
        {"type": "multi_users_select", "max_selected_items": 1},
        ["priya", "nora"],
        "This must have at most 1 chosen.",
    ),
}


@pytest.mark.parametrize(("element", "value", "error"), WRONG.values(), ids=WRONG.keys())
async def test_what_slacks_client_would_not_submit_never_reaches_the_app(
    desk: Desk, element: Json, value: Any, error: str
) -> None:
    view = await desk.open(blocks=[asks("one", element)])
    did = await desk.submit(view, one=value)
    assert did["view"]["errors"] == {"one": error}
    assert did["notice"].startswith('"one" of this modal must ')
    assert (did["acked"], desk.submitted) == (False, [])


async def test_an_option_that_is_not_offered_is_a_mistake(desk: Desk) -> None:
    view = await desk.open(blocks=[asks("one", {"type": "radio_buttons", "options": options("A")})])
    body = {"user": "priya", "view_id": view["id"], "values": {"one": "b"}}
    refused = await desk.person.tries("view", **body)
    assert refused.json()["error"] == '"b" is not an option of one-in; it offers a'
    refused = await desk.person.tries("view", **(body | {"values": {"two": "b"}}))
    assert refused.json()["error"] == 'this modal has no input block "two"; it has one'


async def test_what_the_app_put_in_beforehand_is_submitted_unless_it_is_changed(desk: Desk) -> None:
    blocks = [
        asks("text", {"type": "plain_text_input", "initial_value": "as it was"}),
        asks("when", {"type": "timepicker", "initial_time": "09:00"}, optional=True),
        asks("none", {"type": "datepicker"}, optional=True),
    ]
    view = await desk.open(blocks=blocks)
    await desk.submit(view, when="")
    values = desk.submitted[0]["view"]["state"]["values"]
    assert values["text"]["text-in"] == {"type": "plain_text_input", "value": "as it was"}
    assert values["when"]["when-in"] == {"type": "timepicker", "selected_time": None}
    assert values["none"]["none-in"] == {"type": "datepicker", "selected_date": None}


async def test_a_menu_in_a_modal_tells_at_once_and_stays_chosen(desk: Desk) -> None:
    select = {"type": "static_select", "action_id": "queue", "options": options("Orders", "Stock")}
    view = await desk.open(blocks=[actions(select, button()), *modal()["blocks"]])
    await desk.press(view, "queue", option="Stock", values={"why": "so far"})
    (body,) = desk.pressed
    chosen = {"type": "static_select", "selected_option": options("Stock")[0]}
    typed = {"type": "plain_text_input", "value": "so far"}
    assert body["actions"][0]["selected_option"] == options("Stock")[0]
    assert body["container"] == {"type": "view", "view_id": view["id"]}
    assert body["view"]["state"]["values"] == {"row": {"queue": chosen}, "why": {"reason": typed}}
    assert "response_url" not in body
    await desk.submit(view, why="done")
    assert desk.submitted[0]["view"]["state"]["values"]["row"]["queue"] == chosen


async def test_an_input_tells_before_submission_only_where_it_dispatches(desk: Desk) -> None:
    silent = asks("row", {"type": "static_select", "options": options("A")})
    view = await desk.open(blocks=[silent])
    where = {"user": "priya", "view_id": view["id"], "action_id": "row-in", "value": "a"}
    refused = await desk.person.tries("action", **where)
    assert "only an input block with dispatch_action" in refused.json()["error"]
    view = await desk.open(blocks=[silent | {"dispatch_action": True}])
    await desk.press(view, "row-in", value="a")
    assert desk.pressed[0]["actions"][0]["block_id"] == "row"


async def test_a_menu_is_used_by_choosing_something(desk: Desk) -> None:
    menu = {"type": "overflow", "action_id": "more", "options": options("Silence", "Details")}
    view = await desk.open(blocks=[section(accessory=menu, block_id="row")], submit=None)
    await desk.press(view, "more", option="Silence")
    assert desk.pressed[0]["actions"][0]["selected_option"]["value"] == "silence"
    refused = await desk.person.tries("action", user="priya", view_id=view["id"], action_id="more")
    assert refused.json()["error"] == '"" is not an option of more; it offers silence, details'


async def test_fields_of_a_message_hold_what_each_reader_chose(desk: Desk) -> None:
    boxes = {"type": "checkboxes", "action_id": "done", "options": options("One", "Two")}
    posted = await desk.client.chat_postMessage(
        channel=desk.server.channels["integrations"],
        text="steps",
        blocks=[actions(boxes, button("go"))],
    )
    where = {"channel": "#integrations", "message_ts": posted["ts"], "wait": 0}
    await desk.person.does("action", user="priya", **where, action_id="done", value=["one"])
    await desk.person.does("action", user="priya", **where, action_id="go")
    await desk.person.does("action", user="alex", **where, action_id="go")
    held = [body["state"]["values"]["row"]["done"]["selected_options"] for body in desk.pressed]
    assert held == [options("One"), options("One"), []]


async def test_a_view_that_is_updated_keeps_what_stands_in_the_same_fields(desk: Desk) -> None:
    same, other = asks("same", {"type": "plain_text_input"}), asks("x", {"type": "datepicker"})
    view = await desk.open(blocks=[actions(button()), same, other | {"optional": True}])
    await desk.press(view, "go", values={"same": "typed", "x": "2026-03-09"})
    newer = asks("x", {"type": "datepicker", "action_id": "new"}, optional=True)
    updated = await desk.client.views_update(view_id=view["id"], view=modal(blocks=[same, newer]))
    values = updated["view"]["state"]["values"]
    assert values["same"]["same-in"]["value"] == "typed"
    assert values["x"] == {"new": {"type": "datepicker", "selected_date": None}}


ANSWERS: dict[str, tuple[Json, str | None, Json]] = {
    "nothing": ({}, None, {}),
    "clear": ({"response_action": "clear"}, None, {}),
    "update": (
        {"response_action": "update", "view": modal(title=plain("Changed"))},
        "Changed",
        {},
    ),
    "push": ({"response_action": "push", "view": modal(title=plain("Second"))}, "Second", {}),
    "errors": (
        {"response_action": "errors", "errors": {"why": "Say more"}},
        "Asking",
        {"why": "Say more"},
    ),
    "errors of no field": (
        {"response_action": "errors", "errors": {"reason": "Say more"}},
        "Asking",
        {"": 'errors name "reason", which is no input block of this modal'},
    ),
    "a view that Slack would not take": (
        {"response_action": "update", "view": modal(submit=None)},
        "Asking",
        {"": "invalid_arguments; [ERROR] missing required field: submit [json-pointer:/view]"},
    ),
    "an action that is none": (
        {"response_action": "close"},
        "Asking",
        {"": 'unknown response_action "close"'},
    ),
}


@pytest.mark.parametrize(("reply", "title", "errors"), ANSWERS.values(), ids=ANSWERS.keys())
async def test_the_acknowledgement_decides_what_becomes_of_the_modal(
    desk: Desk, reply: Json, title: str | None, errors: Json
) -> None:
    view = await desk.open()
    desk.reply = reply
    shown = (await desk.submit(view, why="because"))["view"]
    assert (shown and shown["title"]["text"]) == title
    assert (shown or {}).get("errors", {}) == errors


async def test_closing_is_told_only_where_it_was_asked_for(desk: Desk) -> None:
    view = await desk.open()
    assert (await desk.close(view))["view"] is None
    assert desk.closed == []
    view = await desk.open(notify_on_close=True, private_metadata="42")
    did = await desk.close(view)
    (body,) = desk.closed
    assert (body["type"], body["is_cleared"], did["acked"]) == ("view_closed", False, True)
    assert (body["view"]["private_metadata"], body["user"]["username"]) == ("42", "priya")
    gone = await desk.person.tries("view/close", user="priya", view_id=view["id"])
    assert gone.json()["error"] == f"priya has no view {view['id']} open"


async def test_a_closed_second_step_shows_the_first_and_all_closes_both(desk: Desk) -> None:
    asked = {"notify_on_close": True}
    desk.reply = {"response_action": "push", "view": modal(title=plain("Second"), **asked)}
    first = await desk.open(**asked)
    second = (await desk.submit(first, why="one"))["view"]
    assert second["previous_view_id"] == first["id"]
    assert (await desk.close(second))["view"]["id"] == first["id"]
    second = (await desk.submit(first, why="two"))["view"]
    assert (await desk.close(second, all=True))["view"] is None
    told = [(body["view"]["title"]["text"], body["is_cleared"]) for body in desk.closed]
    assert told == [("Second", False), ("Second", True), ("Asking", True)]


async def test_clear_on_close_closes_everything(desk: Desk) -> None:
    desk.reply = {"response_action": "push", "view": modal(clear_on_close=True)}
    second = (await desk.submit(await desk.open(), why="one"))["view"]
    assert (await desk.close(second))["view"] is None


async def test_a_modal_that_nobody_acknowledges_stays_and_says_so(start: Start) -> None:
    server = await start(ack_within=timedelta(milliseconds=60))
    app, person = app_of(server), Person(server)

    @app.command("/seam")
    async def seam(ack: Any, command: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=modal())

    async with joined(app, server):
        opened = await person.does("command", **PRIYA, text="/seam", wait=0.3)
        where = {"user": "priya", "view_id": opened["view"]["id"], "values": {"why": "x"}}
        did = await person.does("view", **where, wait=0)
        assert did["notice"] == "We had some trouble connecting. Try again?"
        state = (await person.get("/page/state", user="priya")).json()
    assert state["view"]["id"] == opened["view"]["id"]
    await person.http.aclose()


BAD_VIEWS: dict[str, tuple[Json, str]] = {
    "101 blocks": (
        modal(blocks=[{"type": "divider"}] * 101),
        "no more than 100 items allowed [json-pointer:/view/blocks]",
    ),
    "long metadata": (
        modal(private_metadata="x" * 3001),
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
    ),
    "long callback_id": (
        modal(callback_id="x" * 256),
        "must be less than 256 characters [json-pointer:/view/callback_id]",
    ),
    "inputs without submit": (
        modal(submit=None),
        "missing required field: submit [json-pointer:/view]",
    ),
    "a long title": (
        modal(title=plain("x" * 25)),
        "must be less than 25 characters [json-pointer:/view/title/text]",
    ),
}


@pytest.mark.parametrize(("view", "reason"), BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
async def test_a_view_beyond_the_limits_is_refused_with_the_place(
    desk: Desk, view: Json, reason: str
) -> None:
    opened = await desk.open()
    with pytest.raises(SlackApiError) as refused:
        await desk.client.views_update(view_id=opened["id"], view=view)
    answer = refused.value.response
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [f"[ERROR] {reason}"]


async def test_the_home_tab_answers_beside_the_modal_that_it_opens(
    server: WorkspaceServer, person: Person
) -> None:
    app, tabs = app_of(server), []

    def home(text: str) -> Json:
        select = {"type": "static_select", "action_id": "pick", "options": options("Orders")}
        return {"type": "home", "blocks": [section(text), actions(button("go"), select)]}

    @app.event("app_home_opened")
    async def opened(event: Json, client: Any) -> None:
        tabs.append((event["tab"], event.get("view", {}).get("hash")))
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=home("first"))

    @app.action("go")
    async def go(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal())
        await client.views_publish(user_id=body["user"]["id"], view=home("second"))

    async with joined(app, server):
        shown = (await person.does("home", user="priya", wait=0.3))["home"]
        await person.does("home", user="priya", tab="messages", wait=0.3)
        pressed = await person.does(
            "action", user="priya", view_id=shown["id"], action_id="go", wait=0.5
        )
        refused = await person.tries("view/close", user="priya", view_id=shown["id"])

    assert tabs == [("home", None), ("messages", None)]
    assert pressed["view"]["title"]["text"] == "Asking"
    assert pressed["home"]["blocks"][0]["text"]["text"] == "second"
    assert pressed["home"]["id"] == shown["id"]
    assert "cannot be closed" in refused.json()["error"]


async def test_a_home_tab_that_the_manifest_does_not_enable_cannot_be_published(
    start: Start,
) -> None:
    features = {**MANIFEST["features"], "app_home": {"messages_tab_enabled": True}}
    server = await start(MANIFEST | {"features": features})
    client = app_of(server).client
    view = {"type": "home", "blocks": [section()]}
    with pytest.raises(SlackApiError, match="not_enabled"):
        await client.views_publish(user_id=server.users["priya"], view=view)
