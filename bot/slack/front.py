"""Takes commands, presses, modals and mentions, acknowledges, and hands each to its verb."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.answering import Answering
from bot.slack.connect import Identity
from bot.slack.desk import Desk
from bot.slack.files import NoPicture, Pictures
from bot.slack.home import home_of
from bot.slack.modals import Carried, as_modal, carried_by, fields_of, told_modal
from bot.slack.once import Once
from bot.slack.picture import in_words
from bot.slack.places import UNREACHED, Place, give, place_of
from bot.slack.pressing import pressed
from bot.slack.private import respond, whisper
from bot.slack.render.buttons import HOME
from bot.slack.render.chart import picture_message, without_charts
from bot.slack.render.help import unknown_verb
from bot.slack.render.home import home_tab, refused_tab
from bot.slack.render.message import Message, answer
from bot.slack.render.text import mask
from bot.slack.verbs import Ask, Dialog, Verb, by_word, nearest, spoken, verbs
from bot.slack.words import Typed, read, without_mention
from bot.store import outbox

log = logging.getLogger(__name__)

Ack = Callable[..., Awaitable[Any]]
Json = dict[str, Any]

STALE_BUTTON = "This button is from another version of Seamwatch and does nothing any more."
TOO_LATE = "Slack took too long to open that, so nothing was done. Please press it once more."
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
        self._answering = Answering(desk)
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

    async def take_submission(self, ack: Ack, body: Json, view: Json) -> None:
        """What is wrong with a modal stands in its acknowledgement, so it is read before that."""
        if not self._seen.first(body.get("trigger_id")):
            await ack()
            return
        try:
            asked = await self._submitted(body, view)
        except Exception as error:  # noqa: BLE001 (an unacknowledged modal says nothing useful)
            asked = self._failed(error)
        if isinstance(asked, Message):
            await ack(response_action="update", view=told_modal(asked))
        elif isinstance(asked, Mapping):
            await ack(response_action="errors", errors=dict(asked))
        else:
            await ack()
            await self._safely(self._carry_out(asked, body, view), body)

    async def take_home(self, body: Json, event: Json) -> None:
        """Somebody looks at App Home; its other tab is their conversation with the bot."""
        if event.get("tab") == "home" and self._seen.first(body.get("event_id")):
            await self._safely(self._publish(event["user"]), body)

    async def take_mention(self, body: Json, event: Json) -> None:
        """Bolt acknowledges events by itself; they come at least once."""
        by_person = event.get("user") and not event.get("bot_id")
        if by_person and self._seen.first(body.get("event_id")):
            await self._safely(self._mention(event), body)

    async def apologise(self, error: Exception, body: Json) -> None:
        """A sentence for the user, and a log line without secrets."""
        said = self._failed(error)
        event = body.get("event") or {}
        if body.get("user") or body.get("user_id"):
            await give(self._client, place_of(body), said)
        elif event.get("user") and event.get("channel") and event.get("type") == "app_mention":
            thread = event.get("thread_ts")
            await whisper(self._client, event["channel"], event["user"], thread, said)

    def _failed(self, error: Exception) -> Message:
        """Without the trace, in which secrets may stand."""
        log.error("a request failed: %s", where(error))
        return answer(FAILED)

    async def _safely(self, answering: Awaitable[None], body: Json) -> None:
        try:
            await answering
        except Exception as error:  # noqa: BLE001 (Bolt would take the acknowledgement back)
            await self.apologise(error, body)

    async def _command(self, command: Json) -> None:
        typed = read(command.get("text") or "")
        who, team_id = command["user_id"], command.get("team_id")
        channel = command.get("channel_id") or ""
        said = await self._serve(typed, who, "command", team_id, channel)
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
                await respond(self._client, url, picture_message(in_words(said.picture), file_id))

    async def _press(self, body: Json, action: Json) -> None:
        place, team_id = place_of(body), body["user"].get("team_id")
        asked = pressed(action, place)
        if asked is None:
            await give(self._client, place, answer(STALE_BUTTON))
            return
        verb, ask = asked
        if verb.dialog is not None and not ask.rest:
            await self._open(verb, verb.dialog, ask, place, team_id)
        elif place.surface != "home" or verb.button != HOME:
            said = await self._answering.answer(verb, ask, team_id)
            await give(self._client, place, said, replaces=verb.replaces)
        if place.surface == "home":
            await self._publish(place.user_id)

    async def _open(
        self, verb: Verb, dialog: Dialog, ask: Ask, place: Place, team_id: str | None
    ) -> None:
        view = await self._answering.view(verb, dialog, ask, team_id)
        if isinstance(view, Message):
            await give(self._client, place, view)
            return
        carried = Carried(
            incident_id=ask.incident_id,
            version=ask.seen_version,
            channel=place.channel,
            thread=place.thread,
        )
        on_top = place.surface == "modal"
        show = self._client.views_push if on_top else self._client.views_open
        try:
            await show(trigger_id=place.trigger_id, view=as_modal(view, verb.name, carried))
        except UNREACHED as error:
            log.warning("a modal could not be opened (%s)", type(error).__name__)
            await give(self._client, place, answer(TOO_LATE))

    async def _submitted(self, body: Json, view: Json) -> Ask | Mapping[str, str] | Message:
        verb, carried = by_word().get(view.get("callback_id") or ""), carried_by(view)
        if verb is None or verb.dialog is None:
            return answer(STALE_BUTTON)
        ask = Ask(
            user_id=body["user"]["id"],
            via="modal",
            word=verb.name,
            incident_id=carried.incident_id,
            seen_version=carried.version,
            channel=carried.channel,
        )
        team_id = body["user"].get("team_id")
        return await self._answering.read(verb, verb.dialog, ask, fields_of(view), team_id)

    async def _carry_out(self, ask: Ask, body: Json, view: Json) -> None:
        """What a modal asked for, by the same verb as when it is typed."""
        verb = by_word()[view["callback_id"]]
        said = await self._answering.answer(verb, ask, body["user"].get("team_id"))
        place = place_of(body)
        await give(self._client, place, said)
        if not place.channel:
            await self._publish(place.user_id)

    async def _publish(self, user_id: str) -> None:
        """App Home of one person, anew."""
        permission = await self._answering.may_read(user_id)
        view = refused_tab(permission.because)
        if permission.allowed:
            view = home_tab(home_of(self._desk, user_id))
        try:
            await self._client.views_publish(user_id=user_id, view=view)
        except UNREACHED as error:
            log.warning("App Home could not be shown (%s)", type(error).__name__)

    async def _mention(self, event: Json) -> None:
        channel, thread = event["channel"], event.get("thread_ts")
        about = None
        if thread:
            about = outbox.incident_at(self._desk.store.db, f"slack/{channel}", thread)
        text = without_mention(event.get("text") or "", self._identity.bot_user_id)
        team_id = event.get("user_team") or event.get("team")
        said = await self._serve(read(text, about), event["user"], "mention", team_id, channel)
        await whisper(self._client, channel, event["user"], thread, said)

    async def _serve(
        self, typed: Typed, user_id: str, via: str, team_id: str | None, channel: str
    ) -> Message:
        """What was typed, as a request to the verb it names."""
        verb = by_word().get(typed.word or "help")
        if verb is None:
            meant = nearest(typed.word)
            return unknown_verb(typed.word, meant, verbs(), spoken(via), typed.said)
        ask = Ask(
            user_id=user_id,
            via=via,
            word=typed.word,
            incident_id=typed.incident_id,
            rest=typed.rest,
            said=typed.said,
            accounts=typed.accounts,
            channel=channel,
        )
        return await self._answering.answer(verb, ask, team_id)


def where(error: Exception) -> str:
    """The kind of error, its words with secrets struck out, and the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "an unknown place"
    return f"{type(error).__name__} at {place}: {mask(str(error))[:500]}"
