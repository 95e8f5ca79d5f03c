"""Files for Slack, uploaded in three steps; the id is kept before the last one shows the file.

What was completed cannot be found by its text or metadata, so it is found by that id.
https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack.picture import in_words, name_of, title_of
from bot.slack.render.message import Picture

DRAW_SECONDS = 10.0
"""Whoever else waits for the channel waits so long, and then the words go out alone."""
LOOKS, SECONDS_BETWEEN_LOOKS = 10, 0.5
BUSY = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable"})
Draw = Callable[[Picture], Awaitable[bytes]]


class NoFile(Exception):
    """It cannot be made, or not be uploaded; a phrase says why. `passing`: it may go later."""

    def __init__(self, why: str, *, passing: bool = False) -> None:
        super().__init__(why)
        self.passing = passing


class NoPicture(NoFile):
    """It cannot be drawn, or not be uploaded in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file as Slack is to show it; `alt` describes a picture for those who do not see it."""

    name: str
    title: str
    content: bytes
    alt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """Draws and uploads. `draw` does its work away from the loop, and may fail or time out."""

    client: AsyncWebClient
    draw: Draw

    async def upload(self, document: Document) -> str:
        """Upload it, which shows it to nobody yet; returns the file's id.

        Raises NoFile, aiohttp.ClientError or TimeoutError.
        """
        try:
            told = await self.client.files_getUploadURLExternal(
                filename=document.name, length=len(document.content), alt_txt=document.alt
            )
        except SlackApiError as error:
            said = _said(error)
            raise NoFile(
                f"Slack gives no place for a file ({said})", passing=_passes(error, said)
            ) from None
        await self._send(str(told["upload_url"]), document.content)
        return str(told["file_id"])

    async def complete(
        self,
        file_id: str,
        title: str,
        *,
        channel: str | None = None,
        thread_ts: str | None = None,
        text: str = "",
    ) -> AsyncSlackResponse:
        """Show it: in a thread with `text` above it, or nowhere yet, for an image block."""
        return await self.client.files_completeUploadExternal(
            files=[{"id": file_id, "title": title}],
            channel_id=channel,
            thread_ts=thread_ts,
            initial_comment=text or None,
        )

    async def upload_for_block(self, picture: Picture) -> str:
        """Draw it and upload it for an image block; returns its id once Slack has looked at it,
        which takes a moment. Raises NoPicture."""
        document = await self.drawn(picture)
        try:
            file_id = await self.upload(document)
            await self.complete(file_id, document.title)
            for _ in range(LOOKS):
                told = await self.client.files_info(file=file_id)
                if told["file"].get("mimetype"):
                    return file_id
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        except NoFile as error:
            raise NoPicture(str(error)) from error
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise NoPicture(f"a file was not uploaded ({type(error).__name__})") from error
        raise NoPicture("Slack has not looked at a file in time")

    async def drawn(self, picture: Picture) -> Document:
        """Raises NoPicture."""
        try:
            async with asyncio.timeout(DRAW_SECONDS):
                content = await self.draw(picture)
        except Exception as error:
            raise NoPicture(f"a chart could not be drawn ({type(error).__name__})") from error
        return Document(
            name=name_of(picture), title=title_of(picture), content=content, alt=in_words(picture)
        )

    async def _send(self, url: str, content: bytes) -> None:
        """The bytes go without a token, to the address that Slack has named."""
        session = self.client.session
        if session is None:
            raise NoFile("there is no session to upload by")
        async with session.post(url, data=content, proxy=self.client.proxy) as answered:
            if answered.status != 200:
                why = f"Slack did not take a file (HTTP {answered.status})"
                raise NoFile(why, passing=_is_busy(answered.status))


def _said(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error")) if isinstance(data, dict) else "not Slack's answer"


def _passes(error: SlackApiError, said: str) -> bool:
    status = int(getattr(error.response, "status_code", 0) or 0)
    return said in BUSY or _is_busy(status)


def _is_busy(status: int) -> bool:
    return status >= 500 or status == 429
