"""The control API: does what a person's Slack client does, and orders faults. JSON over POST.

`user` and `channel` are a name ("priya", "#integrations") or an id; durations are written "90s",
"15m", "2h", "7d".

| path             | body                                                                      |
| ---------------- | ------------------------------------------------------------------------- |
| /control/command | user, channel, text (with the slash)                                      |
| /control/message | user, channel, text, thread_ts?                                           |
| /control/action  | user, channel, message_ts, action_id, value? or option? (an option by its |
|                  | value or its text); in a view: view_id instead of channel and message_ts, |
|                  | and values? (what stands in its inputs so far)                            |
| /control/view    | user, view_id, values (by block_id)                                       |
| /control/view/close | user, view_id, all? (the whole stack)                                  |
| /control/home    | user, tab? ("messages")                                                   |
| /control/read    | user, channel: has seen what stands there                                 |
| /control/clock   | advance: "2h", or speed: 60, or nothing                                   |
| /control/fault   | method, status?, error?, headers?, times?, delay? (seconds), after?       |
|                  | (carried out first), lost? (connection cut); {} clears all.               |
|                  | Methods besides the Web API's and "*": "response_url", "upload",          |
|                  | "socket:refuse" (a handshake), "socket:duplicate" (an event),             |
|                  | "socket:lose_ack", and at once "socket:close" and                         |
|                  | "socket:disconnect:<reason>"                                              |

Each answers {"ok": true, "ack": payload or null, "acked", "ack_ms", "messages": [...], "view",
"home", "notice"}: what the app did. A message has a `kind` (posted, updated, ephemeral, deleted);
`view` is the modal that was opened or changed last, `home` the Home tab; `notice` is what Slack
itself told the person. The answer comes when the app has been quiet for a moment; with `wait`
(seconds) in the body it comes that long after the acknowledgement, with all there was.
A request that makes no sense is answered with 400 and {"ok": false, "error": one sentence}.
A modal that is filled in wrongly stays open: `view` has the `errors` by block_id, whether Slack's
own client found them (`notice` tells, `acked` is false: the app was not asked) or the app did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from bot.sandbox.workspace import faults
from bot.sandbox.workspace.feed import Change
from bot.sandbox.workspace.gestures import Gesture, Gestures
from bot.sandbox.workspace.messages import Channel, Json
from bot.sandbox.workspace.methods import METHODS
from bot.sandbox.workspace.outcome import Patience, settled
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.site import Site
from bot.sandbox.workspace.socket_mode import REASONS
from bot.sandbox.workspace.state import Unknown

Control = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]

_DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class ControlApi:
    """Serves `/control/NAME`; `extra` adds controls of the demo's own, such as "scenario".

    An extra control is given the request's body and raises ValueError with one sentence.
    """

    def __init__(self, site: Site, extra: Mapping[str, Control]) -> None:
        self._site = site
        self._gestures = Gestures(site)
        self._extra = dict(extra)
        self._own: dict[str, Control] = {
            "command": self._command,
            "message": self._message,
            "action": self._action,
            "view": self._view,
            "view/close": self._close_view,
            "home": self._home,
            "read": self._read,
            "clock": self._clock,
            "fault": self._fault,
        }

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Carry out one control, and answer 400 with a sentence when it cannot be."""
        if not _same_origin(request):
            return _refused("the control API answers its own page and programs only", status=403)
        name = request.match_info["name"]
        control = self._own.get(name) or self._extra.get(name)
        if control is None:
            known = ", ".join(sorted(self._own | self._extra))
            return _refused(f'there is no control "{name}"; there is {known}', status=404)
        try:
            body = await _body(request)
            answer = await control(body)
            if name == "scenario":
                started = Change(kind="scenario", detail={"name": body.get("name")})
                self._site.workspace.feed.publish(started)
            return web.json_response({"ok": True} | answer)
        except Unknown as unknown:
            return _refused(str(unknown.args[0]))
        except ValueError as wrong:
            return _refused(str(wrong))

    async def _command(self, body: Json) -> Json:
        user, channel, text = self._user(body), self._channel(body), _given(body, "text")
        if not text.startswith("/"):
            raise ValueError(
                f'a command starts with a slash, for example "/seam help", not "{text}"'
            )
        return await self._observed(body, user, self._gestures.command(user, channel, text))

    async def _message(self, body: Json) -> Json:
        user, channel = self._user(body), self._channel(body)
        said = self._gestures.say(user, channel, _given(body, "text"), body.get("thread_ts"))
        return await self._observed(body, user, said)

    async def _action(self, body: Json) -> Json:
        user, action_id = self._user(body), _given(body, "action_id")
        value = body.get("value", body.get("option"))
        if body.get("view_id"):
            pressed = self._gestures.press_in_view(
                user, body["view_id"], action_id, value, _values(body)
            )
        else:
            channel, message_ts = self._channel(body), _given(body, "message_ts")
            pressed = self._gestures.press(user, channel, message_ts, action_id, value)
        return await self._observed(body, user, pressed)

    async def _view(self, body: Json) -> Json:
        user, values = self._user(body), _values(body)
        submitted = self._gestures.submit(user, _given(body, "view_id"), values)
        return await self._observed(body, user, submitted)

    async def _close_view(self, body: Json) -> Json:
        user, everything = self._user(body), body.get("all") is True
        view_id = _given(body, "view_id")
        closed = self._gestures.close_view(user, view_id, everything=everything)
        answer = await self._observed(body, user, closed)
        top = self._site.views.top(user.id)
        return answer | {"view": self._site.views.as_json(top) if top else None}

    async def _home(self, body: Json) -> Json:
        user, tab = self._user(body), body.get("tab", "home")
        if tab not in ("home", "messages"):
            raise ValueError(f'the app has the tabs home and messages, not "{tab}"')
        answer = await self._observed(body, user, self._gestures.open_home(user, tab))
        view = self._site.views.home(user.id)
        shown = self._site.views.as_json(view) if view else None
        return answer | {"view": shown, "home": shown}

    async def _read(self, body: Json) -> Json:
        self._site.workspace.mark_read(self._user(body).id, self._channel(body).id)
        return {}

    async def _clock(self, body: Json) -> Json:
        clock = self._site.workspace.clock
        if "advance" in body:
            clock.advance(duration(body["advance"]))
        if "speed" in body:
            clock.set_speed(_number(body["speed"], "speed"))
        answer = await self._observed({"wait": body.get("wait", 0)}, None, _nothing())
        return answer | {"clock": clock.as_json()}

    async def _fault(self, body: Json) -> Json:
        if not body:
            self._site.faults.clear()
            return {"cleared": True}
        fault = faults.read(body, METHODS)
        if fault.method.startswith(faults.DISCONNECT):
            reason = fault.method.removeprefix(faults.DISCONNECT)
            if reason not in REASONS:
                raise ValueError(f'"{reason}" is no reason; Slack gives {", ".join(REASONS)}')
            return {"connections": await self._site.socket.disconnect(reason)}
        if fault.method == "socket:close":
            return {"connections": await self._site.socket.close()}
        self._site.faults.order(fault)
        return {"ordered": fault.method, "times": fault.times}

    async def _observed(self, body: Json, user: User | None, gesture: Awaitable[Gesture]) -> Json:
        wait = timedelta(seconds=_number(body["wait"], "wait")) if "wait" in body else None
        with self._site.workspace.feed.listen() as queue:
            done = await gesture
            patience = Patience(settle=wait) if wait is not None else self._patience(done)
            app = self._site.workspace.bot.id
            outcome = await settled(queue, app, user.id if user else None, done, patience)
        return outcome.as_json()

    def _patience(self, gesture: Gesture) -> Patience:
        """Nothing follows from what the app was never told."""
        options = self._site.options
        settle = options.settle if gesture.ack else timedelta(0)
        return Patience(settle=settle, quiet=options.quiet)

    def _user(self, body: Json) -> User:
        return self._site.workspace.signed_in(_given(body, "user"))

    def _channel(self, body: Json) -> Channel:
        return self._site.workspace.channel(_given(body, "channel"))


def duration(written: object) -> timedelta:
    """Read "90s", "15m", "2h" or "7d". Raises ValueError."""
    found = _DURATION.fullmatch(str(written).strip())
    if not found:
        raise ValueError(f'"{written}" is no duration; write it like 90s, 15m, 2h or 7d')
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


async def _nothing() -> Gesture:
    return Gesture()


def _given(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f'the request has no "{name}"; give it as a string')
    return value


def _values(body: Json) -> Json:
    values = body.get("values") or {}
    if not isinstance(values, dict):
        raise ValueError('"values" is an object: block_id to value, or to {action_id: value}')
    return values


def _number(value: object, name: str) -> float:
    try:
        return float(str(value))
    except ValueError as wrong:
        raise ValueError(f'"{name}" is a number, not "{value}"') from wrong


async def _body(request: web.Request) -> Json:
    text = await request.text()
    try:
        body = json.loads(text) if text.strip() else {}
    except ValueError as unreadable:
        raise ValueError(f"the request is not JSON: {unreadable}") from unreadable
    if not isinstance(body, dict):
        raise ValueError("the request is a JSON object, nothing else")
    return body


def _same_origin(request: web.Request) -> bool:
    """Whether no foreign web page sent it: browsers name the origin of every cross-site POST.

    The name must be loopback's too, so that no foreign name that leads here passes for the page.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    local = urlsplit(origin).hostname in ("127.0.0.1", "localhost")
    return local and origin == f"http://{request.host}"


def _refused(sentence: str, status: int = 400) -> web.Response:
    return web.json_response({"ok": False, "error": sentence}, status=status)
