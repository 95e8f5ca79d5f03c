"""Made-up Slack identifiers and secrets in Slack's shapes."""

from __future__ import annotations

import itertools
import re
import secrets
import string

_ALPHABET = string.ascii_uppercase + string.digits
_TS = re.compile(r"^\d{10}\.\d{6}$")
_counter = itertools.count(1)


def new(kind: str) -> str:
    """An identifier such as `C0A1B2C3D4E`: the letter of its kind, then ten of [A-Z0-9]."""
    return kind + "0" + "".join(secrets.choice(_ALPHABET) for _ in range(9))


def trigger() -> str:
    """A trigger_id: digits, digits and a hexadecimal part, divided by dots."""
    return f"{next(_counter):013d}.{secrets.randbelow(10**12):012d}.{secrets.token_hex(16)}"


def token(kind: str) -> str:
    """A made-up token, for example `token("xoxb")`."""
    return f"{kind}-{secrets.randbelow(10**12):012d}-{secrets.token_hex(12)}"


def short() -> str:
    """A block_id or action_id as Slack generates it where the app gave none."""
    return secrets.token_urlsafe(4)


def is_ts(value: object) -> bool:
    """Whether this is a message timestamp: seconds, a dot, six digits."""
    return isinstance(value, str) and _TS.match(value) is not None
