"""The bytes of uploaded files, in and out.

https://docs.slack.dev/messaging/working-with-files
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.web_api import spoilt

FAULT_NAME = "upload"
_PICTURES = ("image/png", "image/jpeg", "image/gif")


class Uploads:
    """The address that files.getUploadURLExternal hands out, and the one a file is read from."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """Take the bytes, which come without any token; their number must be as announced."""
        fault = self._site.faults.take(FAULT_NAME)
        if fault:
            await asyncio.sleep(fault.delay)
            if fault.lost or fault.answers:
                return spoilt(request, fault)
        try:
            file = self._site.files.find(request.match_info["file_id"])
        except Refusal as refusal:
            return web.Response(status=404, text=refusal.error)
        content = await request.read()
        if len(content) != file.length:
            text = f"{file.length} bytes were announced, {len(content)} came"
            return web.Response(status=400, text=text)
        self._site.files.fill(file, content)
        return web.Response(text=f"OK - {len(content)}")

    async def send(self, request: web.Request) -> web.StreamResponse:
        """Give the bytes back. Only plain pictures are shown; anything else is a download."""
        try:
            file = self._site.files.find(request.match_info["file_id"])
        except Refusal as refusal:
            return web.Response(status=404, text=refusal.error)
        picture = file.mimetype in _PICTURES
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
        if not picture:
            headers["Content-Disposition"] = "attachment"
        kind = file.mimetype if picture else "application/octet-stream"
        return web.Response(body=file.content or b"", content_type=kind, headers=headers)
