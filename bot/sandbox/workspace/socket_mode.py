"""Socket Mode: tickets, connections, envelopes and their acknowledgements.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

from bot.sandbox.workspace.delivery import Ack, Envelope, stopwatch
from bot.sandbox.workspace.faults import Faults
from bot.sandbox.workspace.feed import Change, Feed
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.options import WorkspaceOptions

MOST_CONNECTIONS = 10
CONNECTION_SECONDS = 3600
REASONS = ("warning", "refresh_requested", "link_disabled", "too_many_websockets")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Pending:
    """An envelope without acknowledgement, and the connection it was sent on."""

    frame: Json
    answer: asyncio.Future[Any]
    connection: web.WebSocketResponse | None = None


class SocketMode:
    """All connections of the app. An envelope goes to one of them, in turn."""

    def __init__(self, options: WorkspaceOptions, faults: Faults, feed: Feed, app_id: str) -> None:
        self._options = options
        self._faults = faults
        self._feed = feed
        self._app_id = app_id
        self._tickets: set[str] = set()
        self._connections: list[web.WebSocketResponse] = []
        self._pending: dict[str, _Pending] = {}
        self._turn = 0

    @property
    def connected(self) -> bool:
        return bool(self._connections)

    @property
    def connections(self) -> int:
        return len(self._connections)

    def issue_ticket(self) -> str:
        """A ticket that opens one connection, once."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection from its handshake to its end."""
        ticket = request.query.get("ticket", "")
        if self._faults.take("socket:refuse") or ticket not in self._tickets:
            return web.Response(status=403, text="this ticket does not open a connection")
        self._tickets.discard(ticket)
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        if len(self._connections) >= MOST_CONNECTIONS:
            await self._send(connection, _disconnect("too_many_websockets", request.host))
            await connection.close()
            return connection
        await self._serve(connection, request.host)
        return connection

    async def deliver(self, envelope: Envelope) -> Ack:
        """Send it to one connection and wait for the acknowledgement.

        With no connection at the moment, or when the connection ends first, it goes out on the
        next one, as long as the time for acknowledging lasts.
        """
        elapsed = stopwatch()
        envelope_id = str(uuid.uuid4())
        waiting = _Pending(_frame(envelope, envelope_id), asyncio.Future())
        self._pending[envelope_id] = waiting
        try:
            await self._dispatch(waiting)
            if envelope.kind == "events_api" and self._faults.take("socket:duplicate"):
                await self._dispatch(_Pending(_frame(envelope, str(uuid.uuid4())), waiting.answer))
            budget = self._options.ack_within.total_seconds()
            payload = await asyncio.wait_for(waiting.answer, budget)
            return Ack(ms=elapsed(), payload=payload)
        except TimeoutError:
            return Ack(ms=elapsed(), failure="timeout")
        finally:
            self._pending.pop(envelope_id, None)

    async def disconnect(self, reason: str) -> int:
        """Tell every connection to reconnect, as Slack does; returns how many were told.

        The connection stays open until the client closes it, except for `link_disabled`.
        """
        told = list(self._connections)
        for connection in told:
            await self._send(connection, _disconnect(reason, "sandbox"))
            if reason == "link_disabled":
                await connection.close()
        return len(told)

    async def close(self) -> int:
        """Close every connection without notice; returns how many there were."""
        ended = list(self._connections)
        for connection in ended:
            await connection.close()
        return len(ended)

    async def _serve(self, connection: web.WebSocketResponse, host: str) -> None:
        await self._send(connection, self._hello(host))
        self._connections.append(connection)
        self._tell()
        try:
            await self._resend_orphans()
            async for frame in connection:
                if frame.type == WSMsgType.TEXT:
                    self._acknowledge(frame.data)
        finally:
            self._connections.remove(connection)
            self._tell()
            self._orphan(connection)

    def _acknowledge(self, data: str) -> None:
        try:
            answer = json.loads(data)
        except ValueError:
            _log.warning("the app sent a frame that is not JSON")
            return
        if not isinstance(answer, dict):
            return
        waiting = self._pending.get(str(answer.get("envelope_id")))
        if waiting and self._faults.take("socket:lose_ack"):
            return
        if waiting and not waiting.answer.done():
            waiting.answer.set_result(answer.get("payload"))

    def _orphan(self, connection: web.WebSocketResponse) -> None:
        for waiting in self._pending.values():
            if waiting.connection is connection:
                waiting.connection = None

    async def _resend_orphans(self) -> None:
        for waiting in list(self._pending.values()):
            if waiting.connection is None:
                await self._dispatch(waiting)

    async def _dispatch(self, waiting: _Pending) -> None:
        if self._connections:
            self._turn += 1
            waiting.connection = self._connections[self._turn % len(self._connections)]
            await self._send(waiting.connection, waiting.frame)

    async def _send(self, connection: web.WebSocketResponse, frame: Json) -> None:
        try:
            await connection.send_str(json.dumps(frame))
        except ConnectionError:
            _log.info("a Socket Mode connection ended while it was written to")

    def _hello(self, host: str) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._connections) + 1,
            "connection_info": {"app_id": self._app_id},
            "debug_info": {
                "host": host,
                "started": "sandbox",
                "build_number": 1,
                "approximate_connection_time": CONNECTION_SECONDS,
            },
        }

    def _tell(self) -> None:
        self._feed.publish(Change(kind="app", detail={"connected": self.connected}))


def _frame(envelope: Envelope, envelope_id: str) -> Json:
    frame: Json = {
        "envelope_id": envelope_id,
        "type": envelope.kind,
        "accepts_response_payload": envelope.accepts_response,
        "payload": envelope.payload,
    }
    if envelope.kind == "events_api":
        frame |= {
            "retry_attempt": envelope.retry_attempt,
            "retry_reason": envelope.retry_reason,
        }
    return frame


def _disconnect(reason: str, host: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": host}}
