"""What a person does in Slack: types a command or a message, presses a button, submits a modal.

Each gesture tells the app and waits for its acknowledgement, as Slack's client does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace import inputs, payloads, people, typed
from bot.sandbox.workspace.delivery import Ack, Envelope
from bot.sandbox.workspace.interactive import answer, elements
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.respond import Responder
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.submissions import Submissions, put_in
from bot.sandbox.workspace.triggers import ResponseUrl

_NOT_TAKEN = "We had some trouble connecting. Try again?"


class Impossible(ValueError):
    """A gesture that this person cannot make; the text says why, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gesture:
    """What came of it: the acknowledgement, a notice that Slack itself showed to the person, and
    the response_url whose messages belong to it."""

    ack: Ack | None = None
    notice: str | None = None
    via: str | None = None


class Gestures:
    """The people of the workspace at their keyboards."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._responder = Responder(site)
        self._submissions = Submissions(site)
        self._chosen: dict[tuple[str, str, str], dict[str, dict[str, Json]]] = {}

    async def command(self, user: User, channel: Channel, text: str) -> Gesture:
        """Type a slash command. Only the app's commands exist, and only for its own team."""
        self._must_be_member(user, channel)
        name, _, rest = text.strip().partition(" ")
        known = {entry["command"]: entry for entry in self._commands()}
        if name not in known or user.is_outsider:
            return self._notice(user, channel, f"{name} is not a valid command.")
        if known[name].get("should_escape"):
            rest = typed.as_command(rest, self._site.workspace)
        url = self._site.response_urls.issue(user.id, channel.id)
        payload = payloads.command(
            self._site.workspace,
            user=user,
            channel=channel,
            name=name,
            text=rest.strip(),
            urls=self._urls(url, user),
        )
        ack = await self._site.delivery.deliver(Envelope(kind="slash_commands", payload=payload))
        if not ack.acked:
            failed = f'{name} failed with the error "operation_timeout"'
            return self._notice(user, channel, failed, ack, url)
        return self._answered(user, channel, text, ack, url)

    async def say(
        self, user: User, channel: Channel, text: str, thread_ts: str | None = None
    ) -> Gesture:
        """Type a message, in the channel or in a thread."""
        self._must_be_member(user, channel)
        workspace = self._site.workspace
        if not text.strip():
            raise Impossible("an empty message cannot be sent; give it some text")
        if channel.im_user and workspace.app_home("messages_tab_read_only_enabled"):
            raise Impossible("Sending messages to this app has been turned off.")
        if thread_ts and workspace.find(channel.id, thread_ts) is None:
            raise Impossible(f"there is no message {thread_ts} in #{channel.name} to reply to")
        message = workspace.post(
            Message(
                channel=channel.id,
                ts=workspace.mint_ts(),
                user=user.id,
                text=typed.as_message(text, workspace),
                thread_ts=thread_ts,
            )
        )
        return Gesture(ack=await self._site.announcer.message(message))

    async def press(
        self, user: User, channel: Channel, message_ts: str, action_id: str, value: Any = None
    ) -> Gesture:
        """Use a button or a menu of a message; it must be there, and visible to this person."""
        message = self._site.workspace.find(channel.id, message_ts)
        if message is None or message.visible_to not in (None, user.id):
            raise Impossible(f"{user.name} sees no message {message_ts} in #{channel.name}")
        self._must_be_member(user, channel)
        blocks = _all_blocks(message)
        block, element = _find(blocks, action_id, f"message {message_ts}")
        action = self._action(block, element, value)
        chosen = self._chosen.setdefault((user.id, channel.id, message.ts), {})
        if inputs.keeps_state(element):
            chosen.setdefault(block["block_id"], {})[action_id] = _field(action)
        url = self._site.response_urls.issue(user.id, channel.id, message.ts)
        payload = payloads.message_action(
            self._site.workspace,
            user=user,
            message=message,
            action=action,
            urls=self._urls(url, user),
            values=inputs.state(blocks, chosen),
        )
        ack = await self._site.delivery.deliver(Envelope(kind="interactive", payload=payload))
        return Gesture(ack=ack, via=url.id)

    async def press_in_view(
        self,
        user: User,
        view_id: str,
        action_id: str,
        value: Any = None,
        values: Json | None = None,
    ) -> Gesture:
        """Use a button or a menu of a modal or Home tab; `values` is what stands in its inputs."""
        view = self._submissions.view_of(user, view_id)
        block, element = _find(view.content["blocks"], action_id, f"view {view_id}")
        if block["type"] == "input" and not block.get("dispatch_action"):
            raise Impossible(
                f"the app hears of {action_id} when the modal is submitted; only an input block"
                " with dispatch_action tells it before"
            )
        action = self._action(block, element, value)
        view = self._site.views.fill(
            view, put_in(self._site.workspace, view, values or {}, unfinished=True)
        )
        if inputs.keeps_state(element):
            view = self._site.views.fill(view, {block["block_id"]: {action_id: _field(action)}})
        modal = view.content["type"] == "modal"
        payload = payloads.view_action(
            self._site.workspace,
            user=user,
            view=self._site.views.as_json(view),
            action=action,
            trigger_id=self._site.triggers.issue(user.id, view.id if modal else None),
        )
        ack = await self._site.delivery.deliver(Envelope(kind="interactive", payload=payload))
        return Gesture(ack=ack)

    async def submit(self, user: User, view_id: str, values: Json) -> Gesture:
        """Fill a modal in and submit it; the acknowledgement decides what happens to it."""
        try:
            ack = await self._submissions.submit(user, view_id, values)
        except inputs.Unfilled as unfilled:
            return Gesture(notice=str(unfilled))
        return Gesture(ack=ack, notice=None if ack.acked else _NOT_TAKEN)

    async def close_view(self, user: User, view_id: str, *, everything: bool) -> Gesture:
        """Close a modal without submitting it, or everything that is stacked."""
        closed = await self._submissions.close(user, view_id, everything=everything)
        return Gesture(ack=closed)

    async def open_home(self, user: User, tab: str = "home") -> Gesture:
        """Open the app's Home tab, or its Messages tab."""
        view = self._site.views.home(user.id) if tab == "home" else None
        shown = self._site.views.as_json(view) if view else None
        return Gesture(ack=await self._site.announcer.home_opened(user, tab, shown))

    def _commands(self) -> list[Json]:
        return list(self._site.workspace.manifest.get("features", {}).get("slash_commands") or [])

    def _must_be_member(self, user: User, channel: Channel) -> None:
        if user.id not in channel.members:
            raise Impossible(f"{user.name} is not a member of #{channel.name}")
        if channel.is_archived:
            raise Impossible(f"#{channel.name} is archived; nobody can post there")

    def _urls(self, url: ResponseUrl, user: User) -> Json:
        return {
            "response_url": f"{self._site.url}/respond/{url.id}",
            "trigger_id": self._site.triggers.issue(user.id),
        }

    def _action(self, block: Json, element: Json, value: Any) -> Json:
        try:
            chosen = self._choice(element, value)
        except ValueError as wrong:
            raise Impossible(str(wrong)) from wrong
        return {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._site.workspace.mint_ts(),
        } | chosen

    def _choice(self, element: Json, value: Any) -> Json:
        """What the action says was chosen. Raises ValueError for what is not offered."""
        if not inputs.keeps_state(element):
            return answer(element, value if value is not None else _first_missing(element))
        field = inputs.put_in(element, value, self._site.workspace)
        return {name: chosen for name, chosen in field.items() if name != "type"}

    def _answered(
        self, user: User, channel: Channel, text: str, ack: Ack, url: ResponseUrl
    ) -> Gesture:
        """Show the message that the acknowledgement carries, if it carries one."""
        payload = ack.payload if isinstance(ack.payload, dict) else {}
        if payload.get("response_type") == "in_channel":
            workspace = self._site.workspace
            shown = typed.as_message(text, workspace)
            ts = workspace.mint_ts()
            workspace.post(Message(channel=channel.id, ts=ts, user=user.id, text=shown))
        try:
            if payload and payload != {"response_type": "in_channel"}:
                self._responder.answer(url, payload | {"replace_original": False})
        except Refusal as refusal:
            name = text.split()[0]
            failed = f'{name} failed with the error "{refusal.error}"'
            return self._notice(user, channel, failed, ack, url)
        return Gesture(ack=ack, via=url.id)

    def _notice(
        self,
        user: User,
        channel: Channel,
        text: str,
        ack: Ack | None = None,
        url: ResponseUrl | None = None,
    ) -> Gesture:
        """What Slackbot tells the person privately."""
        workspace = self._site.workspace
        workspace.post(
            Message(
                channel=channel.id,
                ts=workspace.mint_ts(),
                user=people.SLACKBOT,
                text=typed.escape(text),
                visible_to=user.id,
            )
        )
        return Gesture(ack=ack, notice=text, via=url.id if url else None)


def _first_missing(element: Json) -> str | None:
    """An overflow menu is used by choosing from it; "" is no option, and is refused as such."""
    return "" if element.get("type") == "overflow" else None


def _field(action: Json) -> Json:
    """What the state keeps of an action: its type and what was chosen."""
    told_elsewhere = ("action_id", "block_id", "action_ts")
    return {name: value for name, value in action.items() if name not in told_elsewhere}


def _all_blocks(message: Message) -> list[Json]:
    within = [block for one in message.attachments or [] for block in one.get("blocks") or []]
    return [*(message.blocks or []), *within]


def _find(blocks: list[Json], action_id: str, place: str) -> tuple[Json, Json]:
    found = list(elements(blocks))
    for block, element in found:
        if element.get("action_id") == action_id:
            return block, element
    offered = ", ".join(str(element.get("action_id")) for _, element in found) or "none"
    raise Impossible(f'{place} has no element "{action_id}"; it has {offered}')
