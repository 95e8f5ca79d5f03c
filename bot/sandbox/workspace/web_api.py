"""The Web API's door: parameters, token, scopes, faults, headers, then the method itself.

https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import asyncio
import json
import secrets
from typing import Any

from aiohttp import web

from bot.sandbox.workspace.credentials import Caller
from bot.sandbox.workspace.faults import Fault
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.methods import METHODS
from bot.sandbox.workspace.methods.call import Call
from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.site import Site


class WebApi:
    """Answers `/api/METHOD`, GET and POST alike."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Carry out one call, or what the ordered fault makes of it."""
        method = request.match_info["method"]
        fault = self._site.faults.take(method)
        if fault and not fault.after:
            await asyncio.sleep(fault.delay)
            if fault.lost or fault.answers:
                return spoilt(request, fault)
        response = await self._answer(request, method)
        if fault and fault.after:
            await asyncio.sleep(fault.delay)
            if fault.lost or fault.answers:
                return spoilt(request, fault)
        return response

    async def _answer(self, request: web.Request, method: str) -> web.Response:
        scopes = ""
        try:
            params = await parameters(request)
            caller = self._site.credentials.caller(_token(request, params))
            scopes = ",".join(caller.scopes)
            body = {"ok": True} | self._run(method, caller, params)
            return _respond(body, scopes)
        except Refusal as refusal:
            return _respond(
                refusal.as_json(), scopes, status=refusal.status, headers=refusal.headers
            )

    def _run(self, name: str, caller: Caller, params: Json) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise Refusal("unknown_method", req_method=name)
        if caller.kind not in method.tokens:
            raise Refusal("not_allowed_token_type")
        if method.scope:
            caller.needs(method.scope)
        return method.run(Call(site=self._site, caller=caller, params=params))


async def parameters(request: web.Request) -> Json:
    """Query and body in one; clients place the same parameter in either. Raises Refusal."""
    query = {name: value for name, value in request.query.items() if name != "token"}
    if request.method == "GET":
        return query
    if request.content_type == "application/json":
        return query | _json_object(await request.text())
    form = await request.post()
    return query | {name: value for name, value in form.items() if isinstance(value, str)}


def spoilt(request: web.Request, fault: Fault) -> web.Response:
    """The answer that the fault puts in the place of the real one; cut off when it is lost."""
    if fault.lost and request.transport:
        request.transport.abort()
    return web.json_response(fault.body(), status=fault.status or 200, headers=fault.all_headers())


def _json_object(text: str) -> Json:
    """A JSON body. An empty one is an empty object, as the synchronous client sends it."""
    if not text.strip():
        return {}
    try:
        body = json.loads(text)
    except ValueError as unreadable:
        raise Refusal("invalid_json") from unreadable
    if not isinstance(body, dict):
        raise Refusal("json_not_object")
    return body


def _token(request: web.Request, params: Json) -> str | None:
    """From the header, or from the body; a token in the query is never taken."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    given = params.pop("token", None)
    return str(given) if given else None


def _respond(
    body: Any, scopes: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    own = {"x-slack-req-id": secrets.token_hex(16)}
    if scopes:
        own["x-oauth-scopes"] = scopes
    return web.json_response(body, status=status, headers=own | (headers or {}))
