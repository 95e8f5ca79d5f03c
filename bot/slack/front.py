"""Takes commands, presses and mentions, acknowledges at once, and hands each to its verb."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connect import Identity
from bot.slack.desk import Desk
from bot.slack.files import NoPicture, Pictures
from bot.slack.once import Once
from bot.slack.private import respond, whisper
from bot.slack.render.buttons import read_value
from bot.slack.render.chart import picture_message, without_charts
from bot.slack.render.help import unknown_verb
from bot.slack.render.message import Message, answer
from bot.slack.render.text import mask
from bot.slack.verbs import Ask, Verb, by_button, by_word, nearest, spoken, verbs
from bot.slack.words import Typed, read, without_mention
from bot.store import outbox

log = logging.getLogger(__name__)

Ack = Callable[[], Awaitable[Any]]
Json = dict[str, Any]

STALE_BUTTON = "This button is from another version of Seamwatch and does nothing any more."
FAILED = (
    "Sorry, something went wrong on my side, so I cannot say whether that was done. Please look "
    "before you try again; the reason is in the log of whoever runs Seamwatch."
)


class FrontDesk:
    """Every listener of the app. `client` carries the bot token."""

    def __init__(
        self, desk: Desk, client: AsyncWebClient, identity: Identity, pictures: Pictures
    ) -> None:
        self._desk, self._client, self._identity = desk, client, identity
        self._pictures = pictures
        self._seen = Once()

    async def take_command(self, ack: Ack, body: Json) -> None:
        """When a connection ends before the acknowledgement, the same comes again on the next."""
        await ack()
        if self._seen.first(body.get("trigger_id")):
            await self._safely(self._command(body), body)

    async def take_press(self, ack: Ack, body: Json, action: Json) -> None:
        await ack()
        if self._seen.first(body.get("trigger_id")):
            await self._safely(self._press(body, action), body)

    async def take_mention(self, body: Json, event: Json) -> None:
        """Bolt acknowledges events by itself; they come at least once."""
        by_person = event.get("user") and not event.get("bot_id")
        if by_person and self._seen.first(body.get("event_id")):
            await self._safely(self._mention(event), body)

    async def apologise(self, error: Exception, body: Json) -> None:
        """A sentence for the user, and a log line without secrets."""
        log.error("a request failed: %s", where(error))
        event = body.get("event") or {}
        if body.get("response_url"):
            await respond(self._client, body["response_url"], answer(FAILED))
        elif event.get("user") and event.get("channel"):
            thread = event.get("thread_ts")
            await whisper(self._client, event["channel"], event["user"], thread, answer(FAILED))

    async def _safely(self, answering: Awaitable[None], body: Json) -> None:
        try:
            await answering
        except Exception as error:  # noqa: BLE001 (Bolt would take the acknowledgement back)
            await self.apologise(error, body)

    async def _command(self, command: Json) -> None:
        typed = read(command.get("text") or "")
        said = await self._serve(typed, command["user_id"], "command", command.get("team_id"))
        await self._reply(command["response_url"], said)

    async def _reply(self, url: str, said: Message) -> None:
        """The answer; where the workspace takes no charts, without, and a picture after it."""
        bare = without_charts(said)
        if not await respond(self._client, url, said) and bare is not None:
            if not await respond(self._client, url, bare):
                return
            self._desk.charting.refused()
        if said.picture is not None and self._desk.charting.pictures:
            try:
                file_id = await self._pictures.upload_for_block(said.picture)
            except NoPicture as error:
                log.warning("an answer goes without its picture: %s", error)
            else:
                await respond(self._client, url, picture_message(said.picture, file_id))

    async def _press(self, body: Json, action: Json) -> None:
        verb, pressed = by_button().get(action["action_id"]), read_value(action.get("value") or "")
        said = answer(STALE_BUTTON)
        if verb and pressed:
            user = body["user"]
            ask = Ask(
                user_id=user["id"],
                via="button",
                incident_id=pressed.incident_id,
                seen_version=pressed.version,
            )
            said = await self._answer(verb, ask, user.get("team_id"))
        if body.get("response_url"):
            await respond(self._client, body["response_url"], said)

    async def _mention(self, event: Json) -> None:
        channel, thread = event["channel"], event.get("thread_ts")
        about = None
        if thread:
            about = outbox.incident_at(self._desk.store.db, f"slack/{channel}", thread)
        text = without_mention(event.get("text") or "", self._identity.bot_user_id)
        team_id = event.get("user_team") or event.get("team")
        said = await self._serve(read(text, about), event["user"], "mention", team_id)
        await whisper(self._client, channel, event["user"], thread, said)

    async def _serve(self, typed: Typed, user_id: str, via: str, team_id: str | None) -> Message:
        """What was typed, as a request to the verb it names."""
        verb = by_word().get(typed.word or "help")
        if verb is None:
            return unknown_verb(typed.word, nearest(typed.word), verbs(), spoken(via))
        ask = Ask(
            user_id=user_id,
            via=via,
            incident_id=typed.incident_id,
            rest=typed.rest,
            said=typed.said,
        )
        return await self._answer(verb, ask, team_id)

    async def _answer(self, verb: Verb, ask: Ask, team_id: str | None) -> Message:
        """Let the verb answer. What writes may wait for the database, so not on this loop."""
        if not verb.open_to_all:
            permission = await self._desk.people.may_act(ask.user_id, team_id)
            if not permission.allowed:
                return answer(permission.because)
        if not (verb.changes or verb.slow):
            return verb.answer(self._desk, ask)
        said = await asyncio.to_thread(verb.answer, self._desk, ask)
        if verb.changes:
            self._desk.wake()
        return said


def where(error: Exception) -> str:
    """The kind of error, its words with secrets struck out, and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    return f"{type(error).__name__} at {place}: {mask(str(error))[:500]}"
