"""One POST to a paging service, and what every way of failing means for the outbox."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.outbox import Ambiguous, NeedsPerson, TryLater
from checks.strike import HIDDEN, without_secrets
from checks.words import plain

SECONDS = 20.0
"""For the whole call. Standard Webhooks recommends 15 to 30 s.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""
LONGEST_WAIT = 300.0
"""A page waits no longer than this, whatever Retry-After says."""
MOST_BYTES = 64 * 1024
PASSING = {408, 425, 429}


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Where pages are posted to. `repeatable`: a second copy of the same page does no harm there.

    `secrets` are struck out of whatever it says; `advice` is what to do when it refuses.
    """

    called: str
    http: httpx.AsyncClient
    secrets: tuple[SecretStr, ...]
    repeatable: bool
    advice: str

    async def post(self, url: str, content: bytes, headers: Mapping[str, str]) -> bytes:
        """The body of a successful answer, at most its first 64 KiB.

        Raises TryLater, Ambiguous or NeedsPerson.
        """
        request = self.http.build_request(
            "POST", url, content=content, headers={"Content-Type": "application/json", **headers}
        )
        try:
            async with asyncio.timeout(SECONDS):
                status, wait, said = await self._ask(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._unreached(error) from None
        except (TimeoutError, httpx.TransportError) as error:
            raise self._unsure(f"no answer from {self.called} ({type(error).__name__})") from None
        if 200 <= status < 300:
            return said
        if status in PASSING:
            raise TryLater(f"{self.called} asks to wait (HTTP {status})", after=wait)
        if status >= 500:
            raise self._unsure(f"{self.called} is in trouble (HTTP {status})", wait)
        raise NeedsPerson(self._refusal(status, said))

    def object_in(self, said: bytes) -> Mapping[str, Any]:
        """The JSON object of an answer. What is none did not come from the service itself: a page
        of some proxy must not pass for a delivered page. Raises TryLater or Ambiguous."""
        try:
            told = json.loads(said)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise self._unsure(f"something else than {self.called} answers at its address")
        return told

    async def _ask(self, request: httpx.Request) -> tuple[int, float | None, bytes]:
        answer = await self.http.send(request, stream=True, follow_redirects=False)
        try:
            said = b""
            async for part in answer.aiter_bytes():
                said += part
                if len(said) >= MOST_BYTES:
                    break
        finally:
            await answer.aclose()
        return answer.status_code, _wait(answer.headers), said[:MOST_BYTES]

    def _unreached(self, error: Exception) -> TryLater | NeedsPerson:
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return NeedsPerson(
                    f"the certificate of {self.called} is not trusted ({cause.verify_message});"
                    " correct the address, or install the authority's certificate"
                )
            cause = cause.__cause__ or cause.__context__
        return TryLater(f"{self.called} cannot be reached")

    def _unsure(self, problem: str, after: float | None = None) -> TryLater | Ambiguous:
        """It may have been taken; where a copy does no harm it is simply sent again."""
        kind = TryLater if self.repeatable else Ambiguous
        return kind(problem, after=after)

    def _refusal(self, status: int, said: bytes) -> str:
        words = _words(said)
        for secret in self.secrets:
            words = words.replace(secret.get_secret_value(), HIDDEN)
        quoted = plain(without_secrets(words), 200)
        reason = f"HTTP {status}: {quoted}" if quoted else f"HTTP {status}"
        return f"{self.called} refuses the page ({reason}); {self.advice}"


def _wait(headers: httpx.Headers) -> float | None:
    told = headers.get("Retry-After", "")
    return min(float(told), LONGEST_WAIT) if told.isascii() and told.isdigit() else None


def _words(said: bytes) -> str:
    """What an answer says in words: its message and its errors; nothing when it is not JSON."""
    try:
        told = json.loads(said)
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    errors = told.get("errors")
    listed = errors if isinstance(errors, list) else [errors] if errors else []
    return "; ".join(str(each) for each in (told.get("message"), *listed) if each)
