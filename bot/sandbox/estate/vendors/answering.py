"""What look-alikes need to answer: JSON, moments as vendors take them, waits as they tell them."""

from __future__ import annotations

import json
import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import parse_qsl

from bot.sandbox.estate.vendors.vendor import Answered, Asked

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Since when records are counted that nobody asked to narrow down."""


def answer_json(
    payload: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answered:
    """The payload as a body of JSON."""
    return Answered(status=status, body=json.dumps(payload), headers=headers or {})


def with_headers(answered: Answered, headers: Mapping[str, str]) -> Answered:
    """The same answer with more headers; its own ones stay."""
    return Answered(
        status=answered.status,
        body=answered.body,
        headers={**headers, **answered.headers},
        content_type=answered.content_type,
    )


def moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """An ISO 8601 moment in UTC, or None. One without a zone is of the zone given."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)


def stamp(at: datetime) -> str:
    """A moment as most vendors write it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def whole_seconds(wait: timedelta) -> str:
    """A wait in whole seconds, at least one."""
    return str(max(1, math.ceil(wait.total_seconds())))


def basic(username: str, password: str) -> str:
    """The Authorization header of HTTP Basic."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


def bearer(asked: Asked) -> str:
    """The token that a call shows; "" where it shows none."""
    scheme, _, token = asked.headers.get("authorization", "").partition(" ")
    return token if scheme.casefold() == "bearer" else ""


def form(asked: Asked) -> dict[str, str]:
    """The fields of a form-encoded body."""
    return dict(parse_qsl(asked.body.decode(errors="replace")))


def sent_json(asked: Asked) -> object:
    """The body as JSON, or None where it is none."""
    try:
        return json.loads(asked.body)
    except ValueError:
        return None


def at_most(text: str | None, most: int, usual: int) -> int:
    """A page size as asked, within what the vendor allows; its usual one for what is no number."""
    return min(int(text), most) if text and text.isascii() and text.isdigit() else usual
