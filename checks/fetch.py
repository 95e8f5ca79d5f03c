"""Carries out one HTTP request within a shared call budget, and names what went wrong.

    Unreadable        we could not look, so the verdict is `unknown`, never `ok`
      Refused         a person must act: rejected credential, missing right, wrong address
      Unavailable     the next round may do: time-out, limit, server error, senseless answer

Each error says in `what`, one sentence: which system, what was asked, what came back, what to do.
It never holds a secret: library errors, whose texts may quote headers, are not passed on.
"""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import NoReturn

import httpx
import stamina

from checks.answers import Senseless, read_json, read_message, read_retry_after
from checks.budget import LONGEST_HOLD, LONGEST_WAIT, Held
from checks.budget import Budget as Budget
from checks.durations import say_duration

ATTEMPTS = 3
PASSING_STATUSES = frozenset({408, 425, 429})
JSON_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}


class Unreadable(Exception):
    """We could not look. `status` is the HTTP status when one came; `passing` invites a retry."""

    def __init__(
        self,
        what: str,
        *,
        retry_after: timedelta | None = None,
        status: int | None = None,
        passing: bool = False,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after
        self.status = status
        self.passing = passing


class Refused(Unreadable):
    """A person must act before this can work again."""


class Unavailable(Unreadable):
    """Not now; the next round may do."""


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
    """One request. Its headers and body may hold secrets, so they are never shown."""

    method: str
    url: httpx.URL
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.url.path} at {self.url.host}"

    __repr__ = __str__

    @property
    def secrets(self) -> tuple[str, ...]:
        """What an answer must not lead us to repeat, longest first ("Bearer x" and "x")."""
        values = (*self.headers.values(), *(self.body or {}).values())
        words = {part for value in values for part in (value, *value.split()) if len(part) > 3}
        return tuple(sorted(words - {"Bearer"}, key=len, reverse=True))


class Fetch:
    """Asks one system and gives back the JSON it answers, or raises Refused or Unavailable.

    `advice` says per HTTP status what a person should do about it.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        system: str,
        budget: Budget,
        advice: Mapping[int, str] = MappingProxyType({}),
        patience: Patience | None = None,
    ) -> None:
        self._http, self._system, self._budget, self._advice = http, system, budget, advice
        self._patience = patience or Patience()

    async def get(
        self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]
    ) -> object:
        """A GET changes nothing, so it is tried again while the trouble looks passing."""
        question = Question(method="GET", url=httpx.URL(url), params=params, headers=headers)
        answer: object = None
        async for attempt in stamina.retry_context(
            on=_pause_before_retry,
            attempts=ATTEMPTS,
            timeout=self._patience.total,
            wait_initial=self._patience.first_retry,
            wait_jitter=self._patience.first_retry,
        ):
            with attempt:
                answer = await self._ask(question, may_rest=attempt.num == 1)
        return answer

    async def post(self, url: str, *, body: Mapping[str, str]) -> object:
        """One attempt only: whether a lost POST was carried out is not known."""
        question = Question(method="POST", url=httpx.URL(url), body=body)
        return await self._ask(question, may_rest=False)

    async def _ask(self, question: Question, *, may_rest: bool) -> object:
        """`may_rest`: whether a short rest asked for is worth sitting out, then asking again."""
        await self._wait_for_turn(question)
        response, content = await self._exchange(question)
        if not response.is_success:
            raise self._turned_down(question, response, content, may_rest=may_rest)
        try:
            return read_json(content, response.headers.get("Content-Type", ""))
        except Senseless as senseless:
            what = str(senseless)
        raise Unavailable(f"{self._system}, asked {question}, {what}", status=response.status_code)

    async def _wait_for_turn(self, question: Question) -> None:
        try:
            await self._budget.spend()
        except Held as held:
            raise Unavailable(
                f"{self._system} was not asked {question}, because it wants to be left alone for "
                f"another {say_duration(held.left)}; the watch goes on by itself after that",
                retry_after=held.left,
            ) from None

    async def _exchange(self, question: Question) -> tuple[httpx.Response, bytes]:
        try:
            async with asyncio.timeout(self._patience.total.total_seconds()):
                return await self._send(question)
        except (TimeoutError, httpx.HTTPError) as error:
            lost = self._lost(question, error)
        raise lost  # out here, so that the library's error is not chained to it

    async def _send(self, question: Question) -> tuple[httpx.Response, bytes]:
        patience, content = self._patience, bytearray()
        async with self._http.stream(
            question.method,
            question.url,
            params=dict(question.params) or None,
            headers={**JSON_HEADERS, **question.headers},
            json=question.body,
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

    def _turned_down(
        self, question: Question, response: httpx.Response, content: bytes, *, may_rest: bool
    ) -> Unreadable:
        status = response.status_code
        message = read_message(content, question.secrets)
        said = f"{self._system} answered {question} with {status}"
        said += f' ("{message}")' if message else ""
        if status < 500 and status not in PASSING_STATUSES:
            advice = self._advice.get(status) or _usual_advice(status)
            return Refused(f"{said}: {advice}", status=status)
        rest = _rest_wanted(response)
        if rest is not None:
            self._budget.hold(rest)
        cause = "its call limit is used up" if status == 429 else "the trouble is on its side"
        then = f"is asked again after {say_duration(rest)}" if rest else "is asked again soon"
        return Unavailable(
            f"{said}: {cause}; it {then}",
            retry_after=rest,
            status=status,
            passing=rest is None or (may_rest and rest <= LONGEST_WAIT),
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


def _rest_wanted(response: httpx.Response) -> timedelta | None:
    """How long the system wants to be left alone; a 429 that does not say gets 20 to 40 s."""
    rest = read_retry_after(response.headers)
    if rest is None and response.status_code == 429:
        rest = timedelta(seconds=random.randint(20, 40))  # noqa: S311 - spreads calls, no secret
    return min(rest, LONGEST_HOLD) if rest else None


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
    return error.retry_after or True


def _usual_advice(status: int) -> str:
    if status in (401, 403):
        return "check the credential in the settings and what it is allowed to do"
    if status < 400:
        return "it sends us elsewhere, which is not followed; correct the address in the settings"
    return "it does not accept this request; check the address in the settings"
