"""Carries one HTTP request out: within a call budget, a time and a size; hides every secret."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import NoReturn, TypeVar

import httpx
import stamina

from checks.budget import Budget, Held, paced
from checks.durations import say_duration
from checks.unreadable import Refused, Unavailable, Unreadable

ATTEMPTS = 3
SHORTEST_SECRET = 4  # a shorter word would blot out half of every message
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])

for _name in ("httpx", "httpcore"):  # they log whole URLs and headers, where secrets may stand
    logging.getLogger(_name).setLevel(logging.WARNING)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long we wait for one answer, and how much of it we take."""

    connect: timedelta = timedelta(seconds=5)
    read: timedelta = timedelta(seconds=15)
    total: timedelta = timedelta(seconds=30)
    first_retry: timedelta = timedelta(milliseconds=300)
    largest_bytes: int = 20_000_000


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Question:
    """One request. Its parts may hold secrets, so only its method, path and host are shown.

    At most one of `body` (sent as JSON), `form` and `text` is set. `hide`: what no message may
    repeat, such as a header's value; its words ("Bearer x" and "x") are hidden too.
    """

    method: str
    url: httpx.URL
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, object] | None = None
    form: Mapping[str, str] | None = None
    text: str = ""
    hide: tuple[str, ...] = ()

    def __str__(self) -> str:
        shown = f"{self.method} {self.url.path} at {self.url.host}"
        for secret in self.secrets:
            shown = shown.replace(secret, "[hidden]")
        return shown

    __repr__ = __str__

    @property
    def target(self) -> httpx.URL:
        """The address with its query."""
        return self.url.copy_merge_params(dict(self.params)) if self.params else self.url

    @property
    def secrets(self) -> tuple[str, ...]:
        """What an answer must not lead us to repeat, longest first."""
        words = {part for value in self.hide for part in (value, *value.split())}
        long_enough = (word for word in words - {"Bearer", "Basic"} if len(word) >= SHORTEST_SECRET)
        return tuple(sorted(long_enough, key=len, reverse=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What came back: `took` is the time from asking to the last byte, without any waiting."""

    response: httpx.Response
    content: bytes
    took: timedelta


class Transport:
    """Asks one system one question at a time, and gives back whatever it answers."""

    def __init__(
        self, http: httpx.AsyncClient, *, system: str, budget: Budget, patience: Patience
    ) -> None:
        http.cookies.jar.set_policy(NO_COOKIES)  # one system's session must not reach another
        self._http, self._system, self._budget = http, system, budget
        self._patience = patience

    async def ask(self, question: Question) -> Received:
        """One attempt; the body is whole. Raises Unavailable, or Refused for a bad address."""
        await self._wait_for_turn(question)
        asked_at = time.monotonic()
        try:
            async with asyncio.timeout(self._patience.total.total_seconds()):
                response, content = await self._send(question)
        except (TimeoutError, httpx.HTTPError) as error:
            lost = self._lost(question, error)
        else:
            took = timedelta(seconds=time.monotonic() - asked_at)
            return Received(response=response, content=content, took=took)
        raise lost  # out here, so that the library's error is not chained to it

    async def _wait_for_turn(self, question: Question) -> None:
        try:
            await self._budget.spend()
        except Held as held:
            raise Unavailable(
                f"{self._system} was not asked {question}, because it wants to be left alone for "
                f"another {say_duration(held.left)}; the watch goes on by itself after that",
                retry_after=held.left,
            ) from None

    async def _send(self, question: Question) -> tuple[httpx.Response, bytes]:
        patience, content = self._patience, bytearray()
        async with self._http.stream(
            question.method,
            question.target,
            headers=dict(question.headers),
            json=question.body,
            data=question.form,
            content=question.text or None,
            timeout=httpx.Timeout(
                patience.read.total_seconds(), connect=patience.connect.total_seconds()
            ),
            follow_redirects=False,  # a redirect would carry the key to another host
        ) as response:
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > patience.largest_bytes:
                    self._stop_reading(question)
        return response, bytes(content)

    def _stop_reading(self, question: Question) -> NoReturn:
        raise Unavailable(
            f"{self._system}, asked {question}, sent more than {self._patience.largest_bytes:,} "
            "bytes; the rest was not read and nothing was taken from it"
        )

    def _lost(self, question: Question, error: Exception) -> Unreadable:
        """The text of `error` is left out on purpose: it may quote a header with the key."""
        if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
            return Refused(
                f"{self._system} could not be asked {question}: the address or the key in the "
                "settings cannot be sent over HTTP; correct it"
            )
        trouble, passing = _trouble(error, self._patience)
        what = f"{self._system} did not answer {question}: {trouble}"
        return Unavailable(what, passing=passing)


async def persist(attempt: Callable[[int], Awaitable[T]], patience: Patience) -> T:
    """Tries again while the trouble looks passing; `attempt` is told its number, from 1.

    Only for questions that change nothing when they are asked twice.
    """
    async for again in stamina.retry_context(
        on=_pause_before_retry,
        attempts=ATTEMPTS,
        timeout=patience.total,
        wait_initial=patience.first_retry,
        wait_jitter=patience.first_retry,
    ):
        with again:
            return await attempt(again.num)
    raise AssertionError("retries end with an answer or an error")


def _trouble(error: Exception, patience: Patience) -> tuple[str, bool]:
    """What broke, and whether trying again at once is worth it."""
    if isinstance(error, httpx.ConnectTimeout):
        return f"no connection within {say_duration(patience.connect)}; check the network", True
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"the time allowed, {say_duration(patience.total)} in all, ran out", False
    if _stems_from(error, ssl.SSLError):
        return "no secure connection; check the address, its certificate and our clock", True
    if _stems_from(error, socket.gaierror):
        return "the name of its host is not known here; check the address and the DNS", True
    if isinstance(error, httpx.ConnectError):
        return "it takes no connection; check the address and the network", True
    return f"the connection broke off ({type(error).__name__}); it is asked again soon", True


def _stems_from(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False


def _pause_before_retry(error: Exception) -> bool | timedelta:
    """For stamina: False is not at all, True its jittered pause, a duration exactly so long."""
    if not isinstance(error, Unreadable) or not error.passing:
        return False
    return paced(error.retry_after) if error.retry_after else True
