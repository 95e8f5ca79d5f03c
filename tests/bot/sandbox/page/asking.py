"""An app that asks: modals with every field, a second step, and a Home tab that counts."""

from __future__ import annotations

from typing import Any

from slack_bolt.async_app import AsyncApp

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def options(*names: str) -> list[Json]:
    return [{"text": plain(name), "value": name.lower().replace(" ", "-")} for name in names]


def asked(block_id: str, label: str, element: Json, **more: Any) -> Json:
    element = {"action_id": f"{block_id}-field"} | element
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element} | more


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text)} | more


REASON = asked(
    "reason",
    "Why now?",
    {
        "type": "plain_text_input",
        "multiline": True,
        "min_length": 10,
        "placeholder": plain("What did you see, and what did you try?"),
    },
    hint=plain("It is read by whoever is woken."),
)
TO = asked(
    "to",
    "Escalate to",
    {
        "type": "static_select",
        "placeholder": plain("Who should know?"),
        "options": options("Integrations on-call", "Retail systems lead", "Warehouse duty manager"),
    },
)
URGENCY = asked(
    "urgency",
    "How urgent?",
    {
        "type": "radio_buttons",
        "options": options("Wake somebody", "Tomorrow morning"),
        "initial_option": options("Wake somebody")[0],
    },
)
COUNT = {
    "type": "section",
    "block_id": "scope",
    "text": {"type": "mrkdwn", "text": "*Orders to NetSuite*: 37 runs wait behind one."},
    "accessory": {
        "type": "overflow",
        "action_id": "scope-menu",
        "options": options("Show the queue", "Add a second step"),
    },
}


def escalate(**more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "escalate",
        "notify_on_close": True,
        "title": plain("Escalate #1"),
        "submit": plain("Escalate"),
        "close": plain("Cancel"),
        "blocks": [COUNT, TO, URGENCY, REASON],
    } | more


EVERYTHING = escalate(
    callback_id="everything",
    title=plain("Every field"),
    blocks=[
        asked("who", "Person", {"type": "users_select"}),
        asked("team", "People", {"type": "multi_users_select"}, optional=True),
        asked("where", "Channel", {"type": "channels_select"}, optional=True),
        asked("from", "From", {"type": "datetimepicker", "initial_date_time": 1773064800}),
        asked("day", "Day", {"type": "datepicker"}, optional=True),
        asked("at", "At", {"type": "timepicker", "initial_time": "09:30"}),
        asked("what", "What", {"type": "checkboxes", "options": options("Pages", "Messages")}),
        asked("mail", "E-mail", {"type": "email_text_input"}, optional=True),
        asked("hours", "Hours", {"type": "number_input", "is_decimal_allowed": False}),
        asked("title", "Title", {"type": "plain_text_input", "max_length": 40}, optional=True),
    ],
)
SECOND = {
    "type": "modal",
    "callback_id": "second",
    "title": plain("Second step"),
    "blocks": [
        {"type": "section", "text": plain("Nothing to fill in here.")},
        {"type": "actions", "elements": [button("rename", "Rename the first")]},
    ],
}
MODALS = {"escalate": escalate(), "everything": EVERYTHING}


def home(opened: int, mine: str | None = None) -> Json:
    """The Home tab: how often it was opened, and whose queue it shows."""
    select = {
        "type": "static_select",
        "action_id": "home-queue",
        "placeholder": plain("Which queue?"),
        "options": options("Orders", "Stock"),
    }
    asks = [select, button("home-ask", "Escalate", style="danger")]
    rows = [
        {"type": "header", "text": plain("You are on call until Monday 09:00")},
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": f"Opened {opened} times. Queue: {mine or 'all'}"},
        },
        {"type": "actions", "block_id": "asks", "elements": asks},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "As of 14:00"}]},
    ]
    return {"type": "home", "blocks": rows}


class Asked:
    """What the app has heard, for the tests to look at."""

    def __init__(self) -> None:
        self.submitted: list[Json] = []
        self.closed: list[tuple[str, bool]] = []
        self.opened: list[str] = []


HEARD = Asked()


async def submitted(ack: Any, view: Json) -> None:
    """A reason that says "later" is refused by the app itself."""
    values = view["state"]["values"]
    reason = values.get("reason", {}).get("reason-field", {}).get("value") or ""
    if "later" in reason:
        await ack(response_action="errors", errors={"reason": "Later is no reason to wake anyone"})
        return
    HEARD.submitted.append(values)
    await ack()


async def closed(ack: Any, body: Json) -> None:
    HEARD.closed.append((body["view"]["callback_id"], body["is_cleared"]))
    await ack()


async def chosen_in_modal(ack: Any, body: Json, action: Json, client: Any) -> None:
    await ack()
    if action["selected_option"]["value"] == "add-a-second-step":
        await client.views_push(trigger_id=body["trigger_id"], view=SECOND)
    else:
        shown = escalate(blocks=[*escalate()["blocks"], {"type": "divider"}])
        shown["blocks"][0] = COUNT | {"text": plain("The queue: 37 wait, 1 runs.")}
        await client.views_update(view_id=body["view"]["id"], view=shown)


async def rename(ack: Any, body: Json, client: Any) -> None:
    await ack()
    first = body["view"]["previous_view_id"]
    await client.views_update(view_id=first, view=escalate(title=plain("Renamed")))


async def home_opened(event: Json, client: Any) -> None:
    HEARD.opened.append(event["tab"])
    if event["tab"] == "home":
        await client.views_publish(user_id=event["user"], view=home(len(HEARD.opened)))


async def home_chosen(ack: Any, body: Json, action: Json, client: Any) -> None:
    await ack()
    mine = action["selected_option"]["value"]
    await client.views_publish(user_id=body["user"]["id"], view=home(len(HEARD.opened), mine))


async def home_asks(ack: Any, body: Json, client: Any) -> None:
    await ack()
    await client.views_open(trigger_id=body["trigger_id"], view=escalate())


def listen(app: AsyncApp) -> None:
    """Register all of it, with nothing heard so far."""
    HEARD.__init__()  # type: ignore[misc]  # as new for each test
    for name in ("escalate", "everything"):
        app.view(name)(submitted)
        app.view_closed(name)(closed)
    app.action("scope-menu")(chosen_in_modal)
    app.action("rename")(rename)
    app.event("app_home_opened")(home_opened)
    app.action("home-queue")(home_chosen)
    app.action("home-ask")(home_asks)
