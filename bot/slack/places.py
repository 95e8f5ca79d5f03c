"""Where a private answer goes: beside what was pressed or typed, into a modal, or to the person."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.modals import carried_by, told_modal
from bot.slack.private import respond, whisper
from bot.slack.render.chart import without_charts
from bot.slack.render.message import Message

log = logging.getLogger(__name__)

Json = dict[str, Any]
UNREACHED = (SlackClientError, aiohttp.ClientError, TimeoutError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`surface` is message, home, modal, or "" after a modal was submitted. `channel` and `thread`
    are of the message with the button, or of the one that the modal was opened from."""

    user_id: str
    surface: str = ""
    response_url: str = ""
    trigger_id: str = ""
    view_id: str = ""
    channel: str = ""
    thread: str = ""
    is_private: bool = False


def place_of(body: Json) -> Place:
    """Of a command or an interaction, as Slack tells it.

    https://docs.slack.dev/reference/interaction-payloads
    """
    container, view = body.get("container") or {}, body.get("view") or {}
    channel = container.get("channel_id") or body.get("channel_id") or ""
    thread = container.get("thread_ts") or ""
    if body.get("type") == "view_submission":
        channel, thread = _carried_place(view)
        return Place(user_id=body["user"]["id"], channel=channel, thread=thread)
    if view:
        channel, thread = _carried_place(view)
    return Place(
        user_id=body.get("user_id") or body["user"]["id"],
        surface=str(view.get("type") or "message"),
        response_url=body.get("response_url") or "",
        trigger_id=body.get("trigger_id") or "",
        view_id=str(view.get("id") or ""),
        channel=channel,
        thread=thread,
        is_private=bool(container.get("is_ephemeral")),
    )


def _carried_place(view: Json) -> tuple[str, str]:
    try:
        carried = carried_by(view)
    except ValueError:
        return "", ""
    return carried.channel, carried.thread


async def give(
    client: AsyncWebClient, place: Place, said: Message, *, replaces: bool = False
) -> None:
    """A private answer there. Where it `replaces`, it takes the place of what was pressed on, if
    that was a private answer too."""
    if place.response_url:
        await respond(client, place.response_url, said, replaces=replaces and place.is_private)
    elif place.surface in ("home", "modal"):
        await _show(client, place, said)
    elif place.channel:
        await whisper(client, place.channel, place.user_id, place.thread or None, said)
    else:
        await _tell(client, place.user_id, said)


async def _show(client: AsyncWebClient, place: Place, said: Message) -> None:
    """As a modal; what is drawn natively does not go into one."""
    view = told_modal(without_charts(said) or said)
    try:
        if place.surface == "modal":
            await client.views_update(view_id=place.view_id, view=view)
        else:
            await client.views_open(trigger_id=place.trigger_id, view=view)
    except UNREACHED as error:
        log.warning("an answer did not reach Slack (%s)", type(error).__name__)


async def _tell(client: AsyncWebClient, user_id: str, said: Message) -> None:
    """In the person's conversation with the bot, which posting to a user id opens.

    https://docs.slack.dev/reference/methods/chat.postMessage
    """
    try:
        await client.chat_postMessage(channel=user_id, **said.as_arguments())
    except UNREACHED as error:
        log.warning("an answer did not reach Slack (%s)", type(error).__name__)
