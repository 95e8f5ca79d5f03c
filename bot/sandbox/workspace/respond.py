"""Answers to an interaction, whether in its acknowledgement or through its response_url.

https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from bot.sandbox.workspace import content as contents
from bot.sandbox.workspace.content import Content
from bot.sandbox.workspace.messages import Json, Message
from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.triggers import ResponseUrl
from bot.sandbox.workspace.web_api import parameters, spoilt

FAULT_NAME = "response_url"


class Responder:
    """Turns an answer into a new message, an edited one or a deleted one."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Take one POST to a response_url. No token is needed; five within thirty minutes."""
        fault = self._site.faults.take(FAULT_NAME)
        if fault:
            await asyncio.sleep(fault.delay)
            if not fault.after and (fault.lost or fault.answers):
                return spoilt(request, fault)
        try:
            params = await parameters(request)
            url = self._site.response_urls.use(request.match_info["url_id"])
            self.answer(url, params)
        except Refusal as refusal:
            status = refusal.status if refusal.status != 200 else 400
            return web.json_response(refusal.as_json(), status=status)
        if fault and fault.after and (fault.lost or fault.answers):
            return spoilt(request, fault)
        return web.Response(text="ok")

    def answer(self, url: ResponseUrl, params: Json) -> None:
        """Do what the answer asks for. Raises Refusal for content that Slack would not take."""
        original = self._original(url)
        bot = self._site.workspace.bot.id
        if _is_true(params.get("delete_original")):
            if original:
                self._site.workspace.delete(original, by=bot, via=url.id)
            return
        content = contents.read(params)
        if content.is_empty:
            raise Refusal("no_text")
        if _is_true(params.get("replace_original")) and original:
            self._replace(url, original, content)
        else:
            self._post(url, params, content)

    def _original(self, url: ResponseUrl) -> Message | None:
        """The message whose button was pressed. A typed command cannot be replaced or deleted."""
        return self._site.workspace.find(url.channel, url.message_ts) if url.message_ts else None

    def _replace(self, url: ResponseUrl, original: Message, content: Content) -> None:
        self._site.workspace.change(
            original,
            by=self._site.workspace.bot.id,
            via=url.id,
            text=content.text or "",
            blocks=content.blocks,
            attachments=content.attachments,
        )

    def _post(self, url: ResponseUrl, params: Json, content: Content) -> None:
        workspace = self._site.workspace
        visible = params.get("response_type") == "in_channel"
        workspace.post(
            Message(
                channel=url.channel,
                ts=workspace.mint_ts(),
                user=workspace.bot.id,
                text=content.text or "",
                blocks=content.blocks,
                attachments=content.attachments,
                metadata=content.metadata or None,
                thread_ts=self._thread(url, params),
                visible_to=None if visible else url.user,
                bot_id=workspace.bot.bot_id,
                app_id=workspace.app_id,
            ),
            via=url.id,
        )

    def _thread(self, url: ResponseUrl, params: Json) -> str | None:
        """The thread that was asked for, else the one that the button's message stands in."""
        if params.get("thread_ts"):
            return str(params["thread_ts"])
        original = self._original(url)
        return original.thread_ts if original else None


def _is_true(value: Any) -> bool:
    return str(value).lower() in ("1", "true")
