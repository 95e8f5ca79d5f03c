"""The look-alikes as one server on loopback, and a mail server beside it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Coroutine
from typing import Any

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from bot.sandbox.pagers.alerts import AlertsDouble
from bot.sandbox.pagers.board import PRESSES, Alert, Board, Json
from bot.sandbox.pagers.faults import BadFault, Fault, Faults
from bot.sandbox.pagers.mail import MailDouble
from bot.sandbox.pagers.pagerduty import PagerDutyDouble
from bot.sandbox.pagers.service import Answer, Asked, CallBack, Service
from bot.sandbox.pagers.webhook import WebhookDouble

HOST = "127.0.0.1"
MOST_BYTES = 1024 * 1024
STOP_SECONDS = 0.1
CALL_SECONDS = 5.0
"""PagerDuty waits 5 s for an answer. https://developer.pagerduty.com/docs/webhooks-behavior"""
PREFIXES = {
    "pagerduty": "/pagerduty/v2/enqueue",
    "opsgenie": "/opsgenie/v2",
    "jira": "/jira/jsm/ops/integration/v2",
    "webhook": "/webhook",
}


class BadPress(ValueError):
    """What was asked of the control cannot be done; one sentence."""


class PagerServer:
    """All paging services of one company. The addresses are known after `start`.

    `callbacks` says by service where it tells what happens to its alerts; the bot's address may be
    set when it is known. `login` and `tls` are the mail server's.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.board, self.faults = Board(), Faults()
        self.pagerduty = PagerDutyDouble()
        self.opsgenie = AlertsDouble(service="opsgenie", token_in_address=True)
        self.jira = AlertsDouble(service="jira")
        self.webhook = WebhookDouble()
        self.mail = MailDouble(self.board, self.faults, login, tls)
        self.callbacks: dict[str, str] = {}
        self.url = ""
        self._services: dict[str, Service] = {
            "pagerduty": self.pagerduty,
            "opsgenie": self.opsgenie,
            "jira": self.jira,
            "webhook": self.webhook,
        }
        self._port = port
        self._runner: web.AppRunner | None = None
        self._client: ClientSession | None = None
        self._calls: set[asyncio.Task[Json]] = set()
        self._last: dict[str, CallBack] = {}

    def address(self, service: str) -> str:
        """The URL that stands in the bot's settings for a service."""
        return self.url + PREFIXES[service]

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        application = web.Application(client_max_size=MOST_BYTES)
        for service, prefix in PREFIXES.items():
            application.router.add_post(prefix + "{rest:.*}", self._serving(service))
        application.router.add_get("/control", self._show)
        application.router.add_post("/control", self._control)
        self._client = ClientSession(timeout=ClientTimeout(total=CALL_SECONDS))
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=STOP_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        await self.mail.start(HOST)

    async def stop(self) -> None:
        await self.settled()
        await self.mail.stop()
        if self._runner:
            await self._runner.cleanup()
        if self._client:
            await self._client.close()

    async def settled(self) -> None:
        """Wait until everything that is to be called back has been."""
        while self._calls:
            await asyncio.gather(*self._calls, return_exceptions=True)

    async def press(
        self, service: str, act: str, user: str | None = None, key: str | None = None
    ) -> Json:
        """Do at a service what its user would (no user: its own time-out), and call back.

        Raises BadPress. Returns the alert, and what the callback was answered.
        """
        if act not in PRESSES or service not in self._services:
            raise BadPress(f"press {', '.join(PRESSES)} at {', '.join(self._services)}")
        alert = self.board.find(service, key)
        if alert is None:
            raise BadPress(f"{service} has no such open alert")
        alert.state = PRESSES[act]
        answer = await self._tell(service, alert, act, user, by_api=False)
        return {"ok": True, "state": alert.state, "key": alert.key, "answer": answer}

    async def repeat(self, service: str) -> Json:
        """Make the last callback of a service once more, unchanged. Raises BadPress."""
        if service not in self._last:
            raise BadPress(f"{service} has called nobody back yet")
        return {"ok": True, "answer": await self._post(service, self._last[service])}

    def _serving(self, service: str) -> Any:
        async def serve(request: web.Request) -> web.StreamResponse:
            fault = self.faults.take(service)
            if fault:
                await asyncio.sleep(fault.delay)
                if not fault.after and (fault.lost or fault.status):
                    return _spoilt(request, fault)
            answer = await self._take(service, request)
            if fault and fault.after:
                return _spoilt(request, fault)
            return web.json_response(answer.body, status=answer.status)

        return serve

    async def _take(self, service: str, request: web.Request) -> Answer:
        body = await request.read()
        asked = Asked(
            path=request.path.removeprefix(PREFIXES[service]),
            query=request.query,
            headers=request.headers,
            body=body,
        )
        came = self.board.note(service, asked.path, asked.headers, _json(body))
        answer = self._services[service].take(self.board, asked)
        came.status = answer.status
        if answer.alert:
            told = self._tell(service, answer.alert, answer.act, answer.user, by_api=True)
            self._soon(told)
        return answer

    def _soon(self, call: Coroutine[Any, Any, Json]) -> None:
        task = asyncio.create_task(call)
        self._calls.add(task)
        task.add_done_callback(self._calls.discard)

    async def _tell(
        self, service: str, alert: Alert, act: str, user: str | None, *, by_api: bool
    ) -> Json:
        made = self._services[service].call_back(alert, act, user, by_api)
        self._last[service] = made
        return await self._post(service, made)

    async def _post(self, service: str, made: CallBack) -> Json:
        url = self.callbacks.get(service)
        if url is None or self._client is None:
            return {}
        headers = {"Content-Type": "application/json", **made.headers}
        try:
            async with self._client.post(url, data=made.body, headers=headers) as response:
                return {"status": response.status, "said": await response.text()}
        except (TimeoutError, ClientError) as error:
            return {"status": 0, "said": type(error).__name__}

    async def _show(self, _: web.Request) -> web.Response:
        return web.json_response(self.board.as_json())

    async def _control(self, request: web.Request) -> web.Response:
        try:
            return web.json_response(await self._order(_json(await request.read())))
        except (BadPress, BadFault, TypeError) as error:
            return web.json_response({"ok": False, "error": str(error)}, status=400)

    async def _order(self, told: Any) -> Json:
        match told:
            case {"service": str(service), "press": "again"}:
                return await self.repeat(service)
            case {"service": str(service), "press": str(act)}:
                return await self.press(service, act, told.get("user"), told.get("key"))
            case {"service": str(service), "fault": dict(fault)}:
                self.faults.order(service, fault)
            case {"service": str(service), "call_back": str(url)}:
                self.callbacks[service] = url
            case _:
                raise BadPress('expected "service", and "press", "fault" or "call_back"')
        return {"ok": True}


def _spoilt(request: web.Request, fault: Fault) -> web.Response:
    if fault.lost and request.transport:
        request.transport.close()
    return web.Response(
        status=fault.status or 500,
        text=fault.body,
        headers=dict(fault.headers),
        content_type="application/json",
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
