"""Everything about incidents that goes to Slack goes through here: pacing, sending, looking up.

Slack has no idempotency key for posting. So the row's id travels in the message's metadata, and
after an ambiguous send the channel is read back. Every failure becomes one of the outbox's kinds.
https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.foresight.chart import Chart
from bot.outbox import Ambiguous, CannotLook, Needless, NeedsPerson, RootGone, TryLater
from bot.slack.files import Document, NoFile, NoPicture, Pictures
from bot.slack.picture import in_words
from bot.slack.render.chart import with_picture, without_charts
from bot.slack.render.message import Message
from bot.store.outbox import Purpose, Row

log = logging.getLogger(__name__)

EVENT_TYPE = "seamwatch_message"
SECONDS_BETWEEN_MESSAGES = 1.0
"""About one message a second per channel. https://docs.slack.dev/apis/web-api/rate-limits"""
LOOK_BACK_SECONDS = 300.0
PAGES = 5

NEED_A_PERSON = {
    "channel_not_found": "the channel does not exist or the bot cannot see it; invite the bot",
    "not_in_channel": "the bot is not in the channel; invite it with /invite",
    "is_archived": "the channel is archived; unarchive it or name another one in the settings",
    "restricted_action": "the workspace does not let the bot post there; ask its administrator",
    "restricted_action_read_only_channel": "only some people may post there; let the bot post",
    "invalid_auth": "Slack refuses the bot token; put a valid one in place and restart",
    "not_authed": "Slack refuses the bot token; put a valid one in place and restart",
    "token_revoked": "the bot token was revoked; install the app again and restart",
    "token_expired": "the bot token has expired; put a fresh one in place and restart",
    "account_inactive": "the bot's account is switched off; install the app again and restart",
    "missing_scope": "the app lacks a scope; compare its manifest with `seamwatch manifest`",
}
OUR_BUG = {
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_attachments",
    "msg_too_long",
    "msg_blocks_too_long",
    "no_text",
    "too_many_attachments",
}
ROOT_GONE = {"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"}
MAYBE_SENT = {"internal_error", "fatal_error", "request_timeout", "service_unavailable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message ready to go, and its plain, short form for when Slack refuses the blocks.

    `root_ts` is the message that it edits or replies to, `replaces` an older one whose place it
    takes. A reply that is `aloud` is shown in the channel too. `picture` is drawn and shown with
    the message's text above it; where that cannot be done the message goes without. So is the file
    that `write` makes, but it is waited for while Slack is only busy; `without` is then said
    instead.
    """

    message: Message
    plain: Message
    root_ts: str | None = None
    replaces: str | None = None
    aloud: bool = False
    picture: Chart | None = None
    write: Callable[[], Awaitable[Document]] | None = None
    without: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketching:
    """How a channel comes by pictures, and what it says of them: `remember` keeps a file's id by
    its row (False: the row is no longer ours), `refused` that native charts are not taken."""

    pictures: Pictures
    remember: Callable[[Row, str], bool]
    refused: Callable[[], None]


class Channel:
    """One Slack channel as a destination of the outbox. `id` is C..., G... or D...."""

    def __init__(
        self,
        client: AsyncWebClient,
        channel_id: str,
        compose: Callable[[Row], Awaitable[Letter]],
        sketching: Sketching,
    ) -> None:
        """`client` must not retry by itself: a repeated post is a second message."""
        self._client, self._id, self._compose = client, channel_id, compose
        self._sketching = sketching
        self._next_turn = 0.0

    async def turn(self) -> None:
        await asyncio.sleep(max(0.0, self._next_turn - time.monotonic()))
        self._next_turn = time.monotonic() + SECONDS_BETWEEN_MESSAGES

    async def deliver(self, row: Row) -> str:
        letter = await self._compose(row)
        if letter.picture is not None or letter.write is not None:
            try:
                return await self._show(row, letter)
            except NoFile as error:
                if letter.write is not None and error.passing:
                    raise TryLater(str(error)) from None
                what = "picture" if letter.picture is not None else "file"
                log.warning("%s goes without its %s: %s", row.topic, what, error)
        return await self._say(row, letter)

    async def _say(self, row: Row, letter: Letter) -> str:
        """As it is, else with a picture in place of its chart, else without, else as text alone."""
        full = letter.without or letter.message
        bare = without_charts(full)
        if bare is not None and (ts := await self._try(row, letter, full)) is not None:
            return ts
        illustrated = await self._illustrated(row, bare or full)
        for said in filter(None, (illustrated, bare or full)):
            if (ts := await self._try(row, letter, said)) is not None:
                if bare is not None:
                    self._sketching.refused()
                return ts
        try:
            return await self._send(row, letter, letter.plain)
        except SlackApiError as error:
            self._refuse(error, row)

    async def _try(self, row: Row, letter: Letter, said: Message) -> str | None:
        """None where Slack refuses its blocks."""
        try:
            return await self._send(row, letter, said)
        except SlackApiError as error:
            self._unless_blocks(error, row)
            return None

    async def _illustrated(self, row: Row, said: Message) -> Message | None:
        """With its picture; None where it has none, or it cannot be drawn or uploaded."""
        if said.picture is None or not said.blocks:
            return None
        try:
            file_id = await self._sketching.pictures.upload_for_block(said.picture)
        except NoPicture as error:
            log.warning("%s goes without its picture: %s", row.topic, error)
            return None
        return with_picture(said, in_words(said.picture), file_id)

    async def find(self, row: Row) -> str | None:
        letter = await self._compose(row)
        if letter.replaces is not None:
            return None  # to replace it once more does no harm
        root_ts = letter.root_ts
        in_thread = row.purpose is Purpose.LINE and root_ts is not None
        method = "conversations.replies" if in_thread else "conversations.history"
        asked = {
            "channel": self._id,
            "oldest": f"{row.created_at.timestamp() - LOOK_BACK_SECONDS:.6f}",
            "include_all_metadata": "true",
            "limit": "200",
        } | ({"ts": root_ts} if in_thread else {})
        for _ in range(PAGES):
            page = await self._look(self._client.api_call(method, http_verb="GET", params=asked))
            for message in page["messages"]:
                if _row_id(message) == row.id or row.body in _file_ids(message):
                    return str(message["ts"])
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
            asked = asked | {"cursor": cursor}
        return None

    async def _show(self, row: Row, letter: Letter) -> str:
        """The file in the thread; where it stands is told by its id. Raises NoFile."""
        pictures = self._sketching.pictures
        document = await self._document(letter)
        try:
            file_id = await pictures.upload(document)
        except (TimeoutError, aiohttp.ClientError) as error:
            raise TryLater(f"a file was not uploaded ({type(error).__name__})") from error
        if not self._sketching.remember(row, file_id):
            raise TryLater("somebody else sends it")
        complete = pictures.complete(
            file_id,
            document.title,
            channel=self._id,
            thread_ts=letter.root_ts,
            text=letter.message.text,
        )
        try:
            await self._call(row, complete)
        except SlackApiError as error:
            self._refuse(error, row)
        return file_id

    async def _document(self, letter: Letter) -> Document:
        """Raises NoFile."""
        if letter.picture is not None:
            return await self._sketching.pictures.drawn(letter.picture)
        if letter.write is not None:
            return await letter.write()
        raise NoFile("there is nothing to show")

    async def _send(self, row: Row, letter: Letter, message: Message) -> str:
        arguments = {"channel": self._id, **message.as_arguments()}
        if letter.replaces is not None:
            return await self._replace(row, letter.replaces, arguments)
        if row.purpose is Purpose.EDIT:
            await self._call(row, self._client.chat_update(ts=letter.root_ts or "", **arguments))
            return letter.root_ts or ""
        metadata = {"event_type": EVENT_TYPE, "event_payload": {"id": row.id}}
        answer = await self._call(
            row,
            self._client.chat_postMessage(
                thread_ts=letter.root_ts,
                reply_broadcast=letter.aloud or None,
                metadata=metadata,
                unfurl_links=False,
                unfurl_media=False,
                **arguments,
            ),
        )
        return str(answer["ts"])

    async def _replace(self, row: Row, ts: str, arguments: dict[str, Any]) -> str:
        """Raises Needless when the older message has gone."""
        try:
            await self._call(row, self._client.chat_update(ts=ts, **arguments))
        except SlackApiError as error:
            if _code(error) in ROOT_GONE:
                raise Needless from None
            raise
        return ts

    async def _call(self, row: Row, call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        """Network trouble as one of the outbox's kinds; what Slack itself says is passed on."""
        try:
            return await call
        except aiohttp.ClientConnectorError as error:
            raise TryLater("Slack cannot be reached") from error
        except (TimeoutError, aiohttp.ClientError) as error:
            raise _maybe_sent(row, f"no answer ({type(error).__name__})") from error

    def _unless_blocks(self, error: SlackApiError, row: Row) -> None:
        """Blocks that Slack refuses are no reason to be silent; anything else is raised."""
        code = _code(error)
        if code not in OUR_BUG:
            self._refuse(error, row)
        log.warning("Slack refused %s %s (%s); sending it plainer", row.topic, row.purpose, code)

    def _refuse(self, error: SlackApiError, row: Row) -> NoReturn:
        code = _code(error)
        if code in NEED_A_PERSON:
            raise NeedsPerson(f"{code}: {NEED_A_PERSON[code]}") from None
        if code in ROOT_GONE and row.purpose is not Purpose.ROOT:
            raise RootGone(code) from None
        if code == "ratelimited":
            raise TryLater(code, after=_retry_after(error)) from None
        if _status(error) >= 500 or code in MAYBE_SENT:
            raise _maybe_sent(row, code) from None
        raise NeedsPerson(f"{code}: Slack refuses the message; see the log") from None

    async def _look(self, call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
        try:
            return await call
        except (TimeoutError, aiohttp.ClientError) as error:
            raise Ambiguous("Slack cannot be read back just now") from error
        except SlackApiError as error:
            code = _code(error)
            if code == "ratelimited":
                raise Ambiguous(code, after=_retry_after(error)) from None
            if _status(error) >= 500 or code in MAYBE_SENT:
                raise Ambiguous(code) from None
            raise CannotLook(code) from None


def _maybe_sent(row: Row, problem: str) -> TryLater | Ambiguous:
    """An edit may be repeated at will; anything else must be looked up first."""
    return TryLater(problem) if row.purpose is Purpose.EDIT else Ambiguous(problem)


def _row_id(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    found: str | None = (metadata.get("event_payload") or {}).get("id")
    return found


def _file_ids(message: dict[str, Any]) -> set[str]:
    return {str(file.get("id")) for file in message.get("files") or ()}


def _code(error: SlackApiError) -> str:
    """Slack's own word for it; a phrase when the answer was not Slack's JSON."""
    data = getattr(error.response, "data", None)
    if isinstance(data, dict) and isinstance(data.get("error"), str):
        return str(data["error"])
    return f"HTTP {_status(error)} without a Slack answer"


def _status(error: SlackApiError) -> int:
    return int(getattr(error.response, "status_code", 0) or 0)


def _retry_after(error: SlackApiError) -> float:
    headers = getattr(error.response, "headers", None) or {}
    told = {str(name).lower(): value for name, value in headers.items()}.get("retry-after", "")
    return float(told) if str(told).isdigit() else 30.0
