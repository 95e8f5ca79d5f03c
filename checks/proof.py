"""What makes a system believe who asks, where that needs no call: keys and signatures."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote, quote_plus, urlencode

import jwt
from authlib.oauth1.rfc5849.client_auth import ClientAuth
from authlib.oauth1.rfc5849.signature import generate_signature_base_string
from authlib.oauth1.rfc5849.util import escape
from authlib.oauth1.rfc5849.wrapper import OAuth1Request

from checks.transport import Question

HMAC_SHA256 = "HMAC-SHA256"
FORM = "application/x-www-form-urlencoded"


class Proof:
    """No proof at all; the other kinds say what is different about them.

    `ends_at` is when the token in use ends (UTC), as far as it tells.
    """

    ends_at: datetime | None = None

    async def ready(self) -> int:
        """Gets a token or session where one is needed; its number. Raises Unreadable."""
        return 0

    def sign(self, question: Question) -> Question:
        """The question with the proof in it, and the proof among what is hidden."""
        return question

    def values(self) -> Mapping[str, str]:
        """Placeholders of the session, where it stands in the body and not in a header."""
        return {}

    def drop(self, number: int) -> None:
        """Forgets the token or session of that number, because it was not accepted."""

    async def close(self) -> None:
        """Ends what the system would otherwise keep open for us. Raises Unreadable."""


class Key(Proof):
    """The same headers in every request. A `token` that is a JWT tells its own end."""

    def __init__(self, headers: Mapping[str, str], token: str = "") -> None:
        for name, value in headers.items():
            if not fits_header(value):
                raise ValueError(f"what is to be sent as {name} has a character that no header can")
        self._headers, self.ends_at = headers, end_of(token)

    def sign(self, question: Question) -> Question:
        return with_headers(question, self._headers)


class OAuth1(Proof):
    """Signs each request with HMAC-SHA256, https://www.rfc-editor.org/rfc/rfc5849#section-3.4."""

    def __init__(
        self, *, consumer_key: str, consumer_secret: str, token: str, token_secret: str, realm: str
    ) -> None:
        self._client = ClientAuth(
            consumer_key,
            client_secret=consumer_secret,
            token=token,
            token_secret=token_secret,
            signature_method=HMAC_SHA256,
            realm=realm or None,
        )

    def sign(self, question: Question) -> Question:
        form = question.form is not None  # only a form's fields are part of what is signed
        _, headers, _ = self._client.prepare(
            question.method,
            str(question.target),
            {"Content-Type": FORM if form else "application/json"},
            urlencode(question.form or {}),
        )
        return with_headers(question, {"Authorization": headers["Authorization"]})


def _hmac_sha256(client: ClientAuth, request: OAuth1Request) -> str:
    secrets = (client.client_secret, client.token_secret)
    key = "&".join(escape(secret or "") for secret in secrets)
    said = generate_signature_base_string(request)
    return base64.b64encode(hmac.digest(key.encode(), said.encode(), hashlib.sha256)).decode()


# Authlib brings SHA-1 only; both systems that sign this way ask for SHA-256.
ClientAuth.register_signature_method(HMAC_SHA256, _hmac_sha256)


def basic(username: str, password: str) -> dict[str, str]:
    """https://www.rfc-editor.org/rfc/rfc7617 as a header."""
    pair = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


def with_headers(question: Question, headers: Mapping[str, str]) -> Question:
    """The question with secret headers, which are hidden from then on."""
    hide = (*question.hide, *headers.values())
    return replace(question, headers={**question.headers, **headers}, hide=hide)


def end_of(token: str) -> datetime | None:
    """A JWT's own `exp` (UTC), read without verifying: only its issuer could; None: it has none."""
    if token.count(".") != 2:
        return None
    try:
        claims = jwt.decode(token, options={"verify_signature": False, "verify_exp": False})
        return datetime.fromtimestamp(float(claims["exp"]), UTC)
    except (jwt.PyJWTError, LookupError, TypeError, ValueError, OverflowError, OSError):
        return None


def fits_header(value: str) -> bool:
    return value != "" and value.isascii() and value.isprintable() and value == value.strip()


def spellings(secret: str) -> tuple[str, ...]:
    """A secret as it is, and as it may stand in an address or a form."""
    return tuple({secret, quote(secret, safe=""), quote_plus(secret)})
