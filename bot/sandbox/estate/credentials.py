"""Who may call the look-alike: one API key that never expires, and bearer tokens that do."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

USERNAME = "seamwatch@fellandharbour.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Made up for one server. Tokens are signed JWTs, so that their `exp` can be read."""

    token_lifetime: timedelta
    username: str = USERNAME
    api_key: str = field(default_factory=lambda: f"pw-sandbox-{secrets.token_hex(16)}", repr=False)
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12), repr=False)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    def log_in(self, username: str, password: str, now: datetime) -> str | None:
        """A token that works until `now` (UTC) plus its lifetime; None for a wrong password."""
        if not (_same(username, self.username) and _same(password, self.password)):
            return None
        head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
        claims = {"sub": "7", "exp": int((now + self.token_lifetime).timestamp())}
        body = _encode(json.dumps(claims).encode())
        return f"{head}.{body}.{self._signature(head, body)}"

    def admits(self, authorization: str, now: datetime) -> bool:
        """Whether a header's value lets its sender in: the bare key, or `Bearer` and a token."""
        if authorization.startswith("Bearer "):
            return self._is_valid(authorization.removeprefix("Bearer "), now)
        return _same(authorization, self.api_key)

    def _is_valid(self, token: str, now: datetime) -> bool:
        head, _, rest = token.partition(".")
        body, _, signature = rest.partition(".")
        if not _same(signature, self._signature(head, body)):
            return False
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return bool(claims["exp"] > now.timestamp())

    def _signature(self, head: str, body: str) -> str:
        return _encode(hmac.digest(self._secret, _bytes(f"{head}.{body}"), "sha256"))


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")  # a header may carry any byte


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(_bytes(given), _bytes(expected))
