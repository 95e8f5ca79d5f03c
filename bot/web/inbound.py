"""What paging services call back with: verified, then read, then heard once.

POST /inbound/NAME, NAME being a pager's. The answers: 202 (heard, known already, or nothing that
concerns us), 400 (not understood, or a replay of a signed request), 401 (not proven; what is wrong
is not told), 408 and 413 (too slow, too long), 500 (could not be noted: send it again).

What was heard is remembered by its id for longer than a request stays fresh.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from aiohttp import web
from pydantic import SecretStr

from bot.pager_settings import EmailSettings, PagerSettings
from bot.paging.hearing import (
    NotUnderstood,
    Read,
    Told,
    read_alert,
    read_pagerduty,
    read_webhook,
)
from bot.paging.model import Heard, incident_id_of, key_of
from bot.web import signatures

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 1024
"""PagerDuty drops larger ones itself. https://developer.pagerduty.com/docs/webhooks-behavior"""
READ_SECONDS = 10.0
WARNED_SECONDS = 60.0
STALE_SECONDS = 3600.0
"""PagerDuty repeats for about 20 minutes; what happened longer ago is a replay, or old news."""

UNPROVEN = "The signature or token is missing, wrong or too old."


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The parts of a request that count."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    def header(self, name: str) -> str:
        return self.headers.get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a service proves itself, and what it says. `once`: a repeated id is a replay, which the
    service itself never makes; others repeat what they got no answer to."""

    prove: Callable[[SecretStr, Call, float], bool]
    read: Read
    once: bool = False


def _prove_pagerduty(secret: SecretStr, call: Call, _now: float) -> bool:
    return signatures.is_pagerduty(secret, call.header("X-PagerDuty-Signature"), call.body)


def _prove_token(secret: SecretStr, call: Call, _now: float) -> bool:
    bearer = call.header("Authorization").removeprefix("Bearer ").strip()
    return signatures.is_token(secret, bearer, call.query.get("token", ""))


def _prove_standard(secret: SecretStr, call: Call, now: float) -> bool:
    sent_id, timestamp = call.header("webhook-id"), call.header("webhook-timestamp")
    if not signatures.is_id(sent_id) or not signatures.is_fresh(timestamp, now):
        return False
    said = call.header("webhook-signature")
    return signatures.is_standard(secret, sent_id, timestamp, said, call.body)


ALERTS = Kind(prove=_prove_token, read=read_alert)
KINDS: Mapping[str, Kind] = {
    "pagerduty": Kind(prove=_prove_pagerduty, read=read_pagerduty),
    "jira": ALERTS,
    "opsgenie": ALERTS,
    "webhook": Kind(prove=_prove_standard, read=read_webhook, once=True),
}


class Remembered(Protocol):
    """The ids of what was heard; times are Unix seconds. What it raises is answered with 500."""

    def has(self, known_as: str, now: float) -> bool: ...

    def remember(self, known_as: str, now: float) -> None: ...


class Inbound:
    """Hears what is called back, once each, about incidents of one estate.

    `hear` is called on the loop and should be short; what it raises is answered with 500, and the
    same may be told again. `now` tells Unix seconds of real time.
    """

    def __init__(
        self,
        pagers: Sequence[PagerSettings],
        estate: str,
        hear: Callable[[Heard], None],
        known: Remembered,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._secrets = {
            pager.name: (KINDS[pager.kind], pager.inbound_secret)
            for pager in pagers
            if not isinstance(pager, EmailSettings) and pager.inbound_secret is not None
        }
        self._estate, self._hear, self._now = estate, hear, now
        self._known = known
        self._warned: dict[str, float] = {}

    @property
    def expects_anybody(self) -> bool:
        """Whether any pager may call back at all."""
        return bool(self._secrets)

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one POST."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                body = await request.read()
        except TimeoutError:
            return _said(408, "The request came too slowly.")
        call = Call(headers=request.headers, query=request.query, body=body)
        return self.answer(request.match_info["name"], call)

    def answer(self, pager: str, call: Call) -> web.Response:
        """Without waiting for anything, so that the same id cannot be heard twice at once."""
        now = self._now()
        kind, secret = self._secrets.get(pager, (None, None))
        if kind is None or secret is None or not kind.prove(secret, call, now):
            self._warn(pager if secret else "", now)
            return _said(401, UNPROVEN)
        try:
            told = kind.read(call.body)
        except NotUnderstood as error:
            log.warning("%s called back with something that is not understood: %s", pager, error)
            return _said(400, f"Not understood: {error}")
        known_as = f"{pager} {told.event_id or call.header('webhook-id')}" if told else ""
        if self._known.has(known_as, now):
            return _said(400 if kind.once else 202, "Heard already; nothing was done again.")
        heard = self._about_us(pager, told, now) if told else None
        if heard is None:
            return _said(202, "Nothing here concerns an open matter.")
        self._hear(heard)
        self._known.remember(known_as, now)
        return _said(202, "Heard.")

    def _warn(self, pager: str, now: float) -> None:
        """Once a minute at most: whoever knocks must not be able to fill the log."""
        if now - self._warned.get(pager, -WARNED_SECONDS) >= WARNED_SECONDS:
            self._warned[pager] = now
            whose = f"pager {pager!r}" if pager else "a pager that nothing is heard from"
            log.warning("a call back in the name of %s could not be proven and is refused", whose)

    def _about_us(self, pager: str, told: Told, now: float) -> Heard | None:
        """None for another estate's incident, and for what happened too long ago."""
        incident_id = incident_id_of(self._estate, told.key)
        arrived = datetime.fromtimestamp(now, UTC)
        at = min(told.at.astimezone(UTC), arrived) if told.at else arrived
        if incident_id is None or (arrived - at).total_seconds() > STALE_SECONDS:
            return None
        return Heard(
            pager=pager,
            incident_key=key_of(self._estate, incident_id),
            incident_id=incident_id,
            act=told.act,
            who=told.who,
            at=at,
        )


def _said(status: int, sentence: str) -> web.Response:
    return web.json_response({"said": sentence}, status=status)
