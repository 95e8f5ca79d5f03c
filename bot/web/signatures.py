"""Whether a request was made by somebody who knows the secret: pure, and in constant time.

Standard Webhooks sign `id.timestamp.body`, so that neither the id (remembered against replays)
nor the time can be changed.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from pydantic import SecretStr

FRESH_SECONDS = 300.0
"""A signed request is good for five minutes, as Standard Webhooks and Slack have it."""
PREFIX = "whsec_"
FEWEST_BYTES, MOST_BYTES = 24, 64
LONGEST_ID = 256


def standard_key(secret: SecretStr) -> bytes:
    """The key that `whsec_` and base64 stand for. Raises ValueError in one sentence."""
    told = secret.get_secret_value()
    try:
        key = base64.b64decode(told.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not told.startswith(PREFIX) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(
            f"expected {PREFIX} and {FEWEST_BYTES} to {MOST_BYTES} random bytes in base64; make"
            f' one with: echo "{PREFIX}$(openssl rand -base64 32)"'
        )
    return key


def standard_signature(secret: SecretStr, sent_id: str, timestamp: str, body: bytes) -> str:
    """The webhook-signature of a body sent at `timestamp` (Unix seconds)."""
    signed = f"{sent_id}.{timestamp}.".encode() + body
    digest = hmac.new(standard_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def is_standard(
    secret: SecretStr, sent_id: str, timestamp: str, signatures: str, body: bytes
) -> bool:
    """Whether one of several signatures (blanks between) is right; the time is another matter."""
    right = standard_signature(secret, sent_id, timestamp, body)
    return _is_among(right, signatures.split())


def is_id(sent_id: str) -> bool:
    """Whether it can be an id: a full stop would move the parts of what is signed, and what is not
    plain ASCII might be signed as one id and remembered as another."""
    plain = sent_id.isascii() and sent_id.isprintable() and "." not in sent_id
    return plain and 0 < len(sent_id) <= LONGEST_ID


def is_fresh(timestamp: str, now: float) -> bool:
    """Whether whole Unix seconds lie within five minutes of `now`, either way."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    return abs(now - int(timestamp)) <= FRESH_SECONDS


def is_pagerduty(secret: SecretStr, signatures: str, body: bytes) -> bool:
    """Whether one of several `v1=` signatures (commas between) is the body's.

    Several come while a secret is being replaced.
    https://developer.pagerduty.com/docs/verifying-webhook-signatures
    """
    key = secret.get_secret_value().encode()
    right = "v1=" + hmac.new(key, body, hashlib.sha256).hexdigest()
    return _is_among(right, [each.strip() for each in signatures.split(",")])


def is_token(secret: SecretStr, *told: str) -> bool:
    """Whether one of the tokens is the secret; for services that do not sign."""
    return _is_among(secret.get_secret_value(), told)


def _is_among(right: str, told: list[str] | tuple[str, ...]) -> bool:
    """Compares every one, and each in constant time. A header may hold bytes that are no text."""
    sent = [each.encode(errors="backslashreplace") for each in told]
    found = [hmac.compare_digest(right.encode(), each) for each in sent]
    return any(found)
