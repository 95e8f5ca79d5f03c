"""Who is let in: pure, but for the log. With a token only who shows it; without one only this
machine, unless the settings say that the door stands open.

Without a token an address is no proof by itself: a proxy before the door calls from this machine
for whoever asked it, and a page in somebody's browser may have a name of its own point here. So
nothing that was forwarded, and no name but this machine's, is taken for this machine.
https://owasp.org/www-community/attacks/DNS_Rebinding (attack)
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.cookies import Morsel

from aiohttp import web
from pydantic import SecretStr

from bot.web.signatures import is_token
from bot.web_settings import WebSettings, is_loopback

log = logging.getLogger(__name__)

COOKIE = "seamwatch"
COOKIE_SECONDS = 30 * 24 * 3600
WARNED_SECONDS = 60.0
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")
LONGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Knock:
    """What of a request says who makes it."""

    peer: str = ""
    host: str = ""
    forwarded: bool = False
    authorization: str = ""
    cookie: str = ""


def knock_of(request: web.Request) -> Knock:
    return Knock(
        peer=request.remote or "",
        host=request.headers.get("Host", ""),
        forwarded=any(each in request.headers for each in FORWARDED),
        authorization=request.headers.get("Authorization", ""),
        cookie=request.cookies.get(COOKIE, ""),
    )


class Guard:
    """`now` tells Unix seconds of real time."""

    def __init__(self, settings: WebSettings, now: Callable[[], float] = time.time) -> None:
        self._token, self._open, self._now = settings.token, settings.open, now
        self._public = settings.url or ""
        self._warned = -WARNED_SECONDS

    @property
    def wants_token(self) -> bool:
        return self._token is not None

    def lets_in(self, knock: Knock) -> bool:
        if self._token is None:
            return self._open or is_from_here(knock)
        if is_shown(self._token, knock.authorization) or self._knows(self._token, knock.cookie):
            return True
        if knock.authorization:
            self._warn()
        return False

    def is_right(self, told: str) -> bool:
        """Whether this is the token, as typed into the form."""
        right = self._token is not None and is_token(self._token, told.strip()[:LONGEST])
        if not right:
            self._warn()
        return right

    def cookie(self) -> Morsel[str]:
        """What a browser shows from now on in the token's place: signed by it, and of no use for
        finding it."""
        if self._token is None:
            raise ValueError("without a token there is no cookie")
        ends = str(int(self._now()) + COOKIE_SECONDS)
        morsel: Morsel[str] = Morsel()
        value = f"{ends}.{_signature(self._token, ends)}"
        morsel.set(COOKIE, value, value)
        morsel["path"], morsel["samesite"] = "/", "Lax"
        morsel["max-age"] = str(COOKIE_SECONDS)
        morsel["httponly"] = "yes"
        if self._public.startswith("https://"):
            morsel["secure"] = "yes"
        return morsel

    def _knows(self, token: SecretStr, cookie: str) -> bool:
        ends, _, signature = cookie[:LONGEST].partition(".")
        right = hmac.compare_digest(
            _signature(token, ends).encode(), signature.encode(errors="backslashreplace")
        )
        digits = ends.isascii() and ends.isdigit() and len(ends) <= 12
        return right and digits and self._now() < int(ends)

    def _warn(self) -> None:
        """Once a minute at most: whoever knocks must not be able to fill the log."""
        if self._now() - self._warned >= WARNED_SECONDS:
            self._warned = self._now()
            log.warning("somebody asked for the dashboard or a feed with a wrong token")


def is_from_here(knock: Knock) -> bool:
    host = knock.host.rpartition(":")[0] if _has_port(knock.host) else knock.host
    return is_loopback(knock.peer) and is_loopback(host) and not knock.forwarded


def is_shown(token: SecretStr, authorization: str) -> bool:
    """Whether a header shows it: as a Bearer, or as the password of Basic, whoever the user is.
    Power BI and most readers of OData speak Basic. https://www.rfc-editor.org/rfc/rfc7617"""
    scheme, _, told = authorization[:LONGEST].partition(" ")
    match scheme.casefold():
        case "bearer":
            return is_token(token, told.strip())
        case "basic":
            return is_token(token, _password(told.strip()))
        case _:
            return False


def _password(told: str) -> str:
    try:
        return base64.b64decode(told, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _signature(token: SecretStr, ends: str) -> str:
    said = f"seamwatch page until {ends}".encode(errors="backslashreplace")
    return hmac.new(token.get_secret_value().encode(), said, hashlib.sha256).hexdigest()


def _has_port(host: str) -> bool:
    """ "localhost:8321" and "[::1]:8321", but not "::1"."""
    return host.rpartition(":")[2].isdigit() and (host.count(":") == 1 or "]" in host)
