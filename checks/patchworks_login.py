"""What stands in the Authorization header: an API key as it is, or a token by user and password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import SecretStr

from checks.fetch import Fetch, Refused
from checks.patchworks_rows import read_row

EARLY = timedelta(minutes=5)  # log in again so long before a token ends
PAUSE_AFTER_REFUSAL = timedelta(minutes=5)  # a wrong password tried each round locks users out


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Sent bare, exactly as given. Raises ValueError for what no header can carry."""

    value: SecretStr

    def __post_init__(self) -> None:
        if not _fits_header(self.value.get_secret_value()):
            raise ValueError(
                "the Patchworks API key is empty or contains a character that cannot be sent, "
                "such as a line break or a space at its end; copy it again"
            )


@dataclass(frozen=True, slots=True)
class Login:
    """A Patchworks user; the bot then has that user's rights."""

    username: str
    password: SecretStr


Credentials = ApiKey | Login


class Session:
    """Gives the value of the Authorization header, and logs in when a fresh token is needed."""

    def __init__(
        self,
        fetch: Fetch,
        *,
        login_url: str,
        credentials: Credentials,
        now: Callable[[], datetime],
    ) -> None:
        self._fetch, self._login_url, self._now = fetch, login_url, now
        self._credentials = credentials
        self._turn = asyncio.Lock()  # whoever comes while one logs in waits for that token
        self._header = ""
        self._renew_at: datetime | None = None
        self._refusal: tuple[datetime, Refused] | None = None

    async def header(self) -> str:
        """Raises Refused or Unavailable when no token can be had."""
        if isinstance(self._credentials, ApiKey):
            return self._credentials.value.get_secret_value()
        async with self._turn:
            if not self._header or (self._renew_at and self._now() >= self._renew_at):
                await self._log_in(self._credentials)
            return self._header

    def drop(self, header: str) -> bool:
        """Forgets a header that was answered with 401; False when no other can be had."""
        if isinstance(self._credentials, ApiKey):
            return False
        if header == self._header:  # else somebody has renewed it already
            self._header = ""
        return True

    async def _log_in(self, login: Login) -> None:
        if self._refusal and self._now() - self._refusal[0] < PAUSE_AFTER_REFUSAL:
            refusal = self._refusal[1]
            raise Refused(f"{refusal.what} (not tried again yet)", status=refusal.status)
        body = {"username": login.username, "password": login.password.get_secret_value()}
        try:
            answer = await self._fetch.post(self._login_url, body=body)
        except Refused as refusal:
            self._refusal = (self._now(), refusal)
            raise
        self._header, self._renew_at = read_login(answer, self._now())
        self._refusal = None


def read_login(answer: object, now: datetime) -> tuple[str, datetime | None]:
    """The header of a login's answer, and when to renew it; None: when it is answered with 401."""
    row = read_row(answer, "the answer to the login")
    token, seconds = row.fields.get("token"), row.number("expires_in")
    if not isinstance(token, str) or not _fits_header(token):
        raise row.without("token", "a token")
    if seconds is None:
        return f"Bearer {token}", None
    if not 0 < seconds < 10**9:
        raise row.without("expires_in", "seconds to live")
    life = timedelta(seconds=seconds)
    return f"Bearer {token}", now + life - min(EARLY, life / 10)


def _fits_header(value: str) -> bool:
    return value != "" and value.isascii() and value.isprintable() and value == value.strip()
