"""A Slack with a stopwatch, run as a process of its own so that it disturbs nobody's figures.

It speaks as much of Slack's Web API, Socket Mode and response_url as an app needs to live, types
slash commands as they are ordered, and times every answer. Orders arrive as `POST /orders`.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, cycle, islice
from typing import Any

from aiohttp import WSMsgType, web

TEAM, BOT, BOT_USER = "T0BENCH", "B0BENCH", "U0BENCH"
CHANNELS = {"integrations": "C0BENCH", "retail-managers": "C0BOSSES"}
USERS = tuple(f"U{number}MEMBER" for number in range(10))
PATIENCE_SECONDS = 5.0
"""How long the last answers are waited for; what comes later counts as missing."""


@dataclass(slots=True, kw_only=True)
class Typed:
    """One command. Times are seconds of the monotonic clock, which all processes share."""

    text: str
    due: float
    sent: float = 0.0
    acked: float | None = None
    answered: float | None = None
    said: str = ""
    answers: int = 0

    @property
    def is_over(self) -> bool:
        return self.acked is not None and self.answers > 0

    def take(self, answer: Any) -> None:
        """An answer: the payload of the acknowledgement, or the body sent to the response_url."""
        self.answered = self.answered or time.monotonic()
        self.answers += 1
        self.said = str(answer.get("text", "") if isinstance(answer, dict) else answer)

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "late": self.sent - self.due,
            "ack": self.acked and self.acked - self.sent,
            "answer": self.answered and self.answered - self.sent,
            "answered_at": self.answered,
            "answers": self.answers,
            "said": self.said,
        }


class StopwatchSlack:
    """One workspace with one app, which everybody belongs to."""

    def __init__(self) -> None:
        self.url = ""
        self._app: web.WebSocketResponse | None = None
        self._connected = asyncio.Event()
        self._typed: dict[str, Typed] = {}
        self._numbers = count()  # of envelopes, triggers and messages: none is used twice

    def application(self) -> web.Application:
        application = web.Application(client_max_size=2**24)
        application.router.add_route("*", "/api/{method}", self.call)
        application.router.add_get("/link", self.link)
        application.router.add_post("/respond/{number}", self.respond)
        application.router.add_post("/orders", self.order)
        return application

    async def call(self, request: web.Request) -> web.Response:
        """Any method of the Web API; what is posted is accepted and forgotten."""
        asked = dict(request.query) | dict(await request.post())
        return web.json_response({"ok": True} | self._answer(request.match_info["method"], asked))

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        """The app's connection, from its handshake to its end."""
        app = web.WebSocketResponse()
        await app.prepare(request)
        await app.send_json({"type": "hello", "num_connections": 1})
        self._app = app
        self._connected.set()
        async for frame in app:
            if frame.type is WSMsgType.TEXT:
                self._acknowledge(json.loads(frame.data))
        self._connected.clear()
        return app

    async def respond(self, request: web.Request) -> web.Response:
        answer = await request.json()
        if typed := self._typed.get(request.match_info["number"]):
            typed.take(answer)
        return web.Response(text="ok")

    async def order(self, request: web.Request) -> web.Response:
        """`{load: {texts, rate, number}, patience}`: once an app is connected, within so many
        seconds, type that number of commands; then tell how each fared.

        They come at random, `rate` a second on the whole, and wait for no answer.
        """
        order = await request.json()
        async with asyncio.timeout(order["patience"]):
            await self._connected.wait()
        self._typed.clear()
        gc.freeze()
        typed = [await self._type(text, due) for text, due in _schedule(**order["load"])]
        patient_until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < patient_until and not all(each.is_over for each in typed):
            await asyncio.sleep(0.01)
        return web.json_response([each.as_json() for each in typed])

    async def _type(self, text: str, due: float) -> Typed:
        number = next(self._numbers)
        await asyncio.sleep(due - time.monotonic())
        typed = self._typed[str(number)] = Typed(text=text, due=due)
        envelope = json.dumps(self._envelope(number, text))
        typed.sent = time.monotonic()
        if self._app is not None:
            await self._app.send_str(envelope)
        return typed

    def _acknowledge(self, ack: dict[str, Any]) -> None:
        typed = self._typed.get(ack.get("envelope_id", ""))
        if typed is not None:
            typed.acked = time.monotonic()
            if ack.get("payload"):
                typed.take(ack["payload"])

    def _envelope(self, number: int, text: str) -> dict[str, Any]:
        user = USERS[number % len(USERS)]
        payload = {
            "token": "deprecated",
            "team_id": TEAM,
            "team_domain": "bench",
            "channel_id": CHANNELS["integrations"],
            "channel_name": "integrations",
            "user_id": user,
            "user_name": user.lower(),
            "command": "/seam",
            "text": text,
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "response_url": f"{self.url}/respond/{number}",
            "trigger_id": f"{number}.1.bench",
        }
        kind = {"type": "slash_commands", "accepts_response_payload": True}
        return kind | {"envelope_id": str(number), "payload": payload}

    def _answer(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"team_id": TEAM, "bot_id": BOT, "user_id": BOT_USER, "url": self.url}
            case "apps.connections.open":
                return {"url": f"{self.url.replace('http', 'ws', 1)}/link"}
            case "conversations.list":
                named = CHANNELS.items()
                return {"channels": [{"id": i, "name": n, "is_member": True} for n, i in named]}
            case "users.info":
                return {"user": {"id": asked.get("user"), "team_id": TEAM}}
            case "chat.postMessage" | "chat.update":
                stamp = asked.get("ts") or f"{int(time.time())}.{next(self._numbers):06}"
                return {"channel": asked.get("channel"), "ts": stamp}
            case _:
                return {"messages": []}


def _schedule(texts: list[str], rate: float, number: int) -> Iterator[tuple[str, float]]:
    """Texts in turn, each with its moment: independent people, the same for every app."""
    chance, due = random.Random(50), time.monotonic()
    for text in islice(cycle(texts), number):
        due += chance.expovariate(rate)
        yield text, due


async def serve() -> None:
    """Until SIGTERM. The first line of output is the address."""
    slack = StopwatchSlack()
    runner = web.AppRunner(slack.application(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    sys.stdout.write(slack.url + "\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await stopped.wait()
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(serve())
