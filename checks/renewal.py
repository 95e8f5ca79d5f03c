"""Proofs that a call must fetch first and that end: tokens by grant, and login sessions."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from checks.declare import Answer, No, Refusal
from checks.proof import Proof, end_of, fits_header, with_headers
from checks.reading import find
from checks.transport import Question
from checks.unreadable import Refused, Unavailable

EARLY = timedelta(minutes=5)  # renew so long before a token ends, or a tenth of a short life
PAUSE_AFTER_REFUSAL = timedelta(minutes=5)  # a wrong password tried each round locks users out
LONGEST_LIFE = 10**9  # seconds; more is a mistake

Ask = Callable[[Question], Awaitable[Answer]]
Now = Callable[[], datetime]

OAUTH_NOES = {
    "invalid_client": No.CREDENTIAL,
    "invalid_grant": No.CREDENTIAL,
    "unauthorized_client": No.NOT_PERMITTED,
    "invalid_scope": No.NOT_PERMITTED,
    "access_denied": No.NOT_PERMITTED,
    "temporarily_unavailable": No.NOT_NOW,
    "slow_down": No.NOT_NOW,
}


class Renewed(Proof):
    """One token or session for all requests; whoever comes while one is fetched waits for it."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._turn = asyncio.Lock()
        self._number, self._held = 0, False
        self._renew_at: datetime | None = None
        self._refusal: tuple[datetime, Refused] | None = None

    async def ready(self) -> int:
        async with self._turn:
            if not self._held or (self._renew_at and self._now() >= self._renew_at):
                await self._renew()
            return self._number

    def drop(self, number: int) -> None:
        if number == self._number:  # else somebody has renewed it already
            self._held = False

    async def _renew(self) -> None:
        if self._refusal and self._now() - self._refusal[0] < PAUSE_AFTER_REFUSAL:
            old = self._refusal[1]
            raise Refused(f"{old.what} (not tried again yet)", status=old.status, no=old.no)
        try:
            await self._fetch()
        except Refused as refusal:
            self._refusal = (self._now(), refusal)
            raise
        self._number, self._held, self._refusal = self._number + 1, True, None

    @abstractmethod
    async def _fetch(self) -> None:
        """Gets a new token or session. Raises Unreadable."""


class Token(Renewed):
    """A bearer token by an OAuth 2 grant, https://www.rfc-editor.org/rfc/rfc6749#section-4.

    `question` makes the token request, anew each time. Refresh tokens are not asked for and not
    used: where they rotate, using one would break the integration that is watched.
    """

    def __init__(self, question: Callable[[], Question], *, ask: Ask, now: Now) -> None:
        super().__init__(now)
        self._question, self._ask = question, ask
        self._headers: Mapping[str, str] = {}

    def sign(self, question: Question) -> Question:
        return with_headers(question, self._headers)

    async def _fetch(self) -> None:
        question = self._question()
        issued_at = self._now()  # before asking: the token is at least as old as that
        answer = await self._ask(question)
        token = find(answer.data, "access_token")
        if not isinstance(token, str) or not fits_header(token):
            raise Unavailable(
                f"the answer to {question} has no access_token that can be sent; check the token "
                "address in the settings"
            )
        life = _life(find(answer.data, "expires_in"))
        self.ends_at = issued_at + life if life else end_of(token)
        self._renew_at = self.ends_at and _early(self.ends_at, issued_at)
        self._headers = {"Authorization": f"Bearer {token}"}


class Login(Renewed):
    """A session opened by a call: headers for later calls, or values for their bodies.

    What `read` takes off the opening's answer goes where `wanted` says that calls have a
    placeholder of its name, else into a header of that name.
    """

    def __init__(
        self,
        opening: Callable[[], Question],
        closing: Callable[[], Question] | None,
        *,
        read: Callable[[Answer], Mapping[str, str]],
        wanted: frozenset[str],
        ask: Ask,
        now: Now,
    ) -> None:
        super().__init__(now)
        self._opening, self._closing, self._read = opening, closing, read
        self._wanted, self._ask = wanted, ask
        self._session: Mapping[str, str] = {}

    def sign(self, question: Question) -> Question:
        session = self._session
        headers = {name: told for name, told in session.items() if name not in self._wanted}
        return with_headers(question, headers)

    def values(self) -> Mapping[str, str]:
        return {name: told for name, told in self._session.items() if name in self._wanted}

    async def close(self) -> None:
        async with self._turn:
            if self._closing and self._held:
                self._held = False
                await self._ask(self.sign(self._closing()))

    async def _fetch(self) -> None:
        question = self._opening()
        answer = await self._ask(question)
        try:
            session = self._read(answer)
        except ValueError:
            session = {}
        if not session or not all(map(fits_header, session.values())):
            raise Unavailable(
                f"the answer to {question} tells no session; the next round asks again"
            )
        self._session = session


def oauth_refusal(answer: Answer) -> Refusal | None:
    """How a token endpoint says no, https://www.rfc-editor.org/rfc/rfc6749#section-5.2."""
    error = find(answer.data, "error")
    no = OAUTH_NOES.get(error) if isinstance(error, str) and answer.status >= 400 else None
    return Refusal(no=no, words=str(error).replace("_", " ")) if no else None


def _life(seconds: object) -> timedelta | None:
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = float(seconds[:12])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return timedelta(seconds=seconds) if 0 < seconds < LONGEST_LIFE else None


def _early(ends_at: datetime, issued_at: datetime) -> datetime:
    return ends_at - min(EARLY, max(timedelta(0), ends_at - issued_at) / 10)
