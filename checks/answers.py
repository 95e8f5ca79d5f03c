"""Reads one HTTP answer: its JSON, what an error body says, how long it asks us to wait. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml.ElementTree import fromstring

EXCERPT = 160


class Senseless(ValueError):
    """The body is not what an API sends; the text goes on from "the system "."""


def read_json(content: bytes, kind: str) -> object:
    """The JSON of a body of the content type `kind`. Raises Senseless."""
    if "html" in kind.lower() or content.lstrip()[:1] == b"<":
        raise Senseless(
            "answered with a web page instead of data: it may be down for maintenance, or the "
            "address in the settings is not that of its API"
        )
    if not content.strip():
        raise Senseless("sent an empty answer; the next round asks again")
    try:
        return json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        what = f"sent {len(content):,} bytes that are not whole JSON; the next round asks again"
    raise Senseless(what)


def check_xml(text: str, kind: str) -> None:
    """Raises Senseless for a body that is not one whole XML document without entities."""
    if "html" in kind.lower() or re.match(r"\s*<(!doctype )?html", text, re.IGNORECASE):
        raise Senseless("answered with a web page instead of data: it may be down for maintenance")
    try:
        fromstring(text)
    except (ParseError, ValueError):
        whole = False
    else:
        whole = True
    if not whole:
        raise Senseless("sent an answer that is not whole XML; the next round asks again")


def any_json(content: bytes) -> object:
    """The JSON of a body, whatever its content type; None when it is none."""
    try:
        return json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None


def any_text(content: bytes, charset: str | None) -> str:
    """A body as text; what cannot be read as such is replaced, never an error."""
    try:
        return content.decode(charset or "utf-8", errors="replace").removeprefix("\ufeff")
    except LookupError:
        return content.decode("utf-8", errors="replace")


def read_message(content: bytes, hide: Iterable[str]) -> str:
    """The `message` of an error body, short and without secrets; "" when there is none."""
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    message = body.get("message") if isinstance(body, dict) else None
    return excerpt(message, hide) if isinstance(message, str) else ""


def excerpt(text: str, hide: Iterable[str] = ()) -> str:
    """Foreign text made short, printable and free of the given secrets."""
    for secret in hide:
        text = text.replace(secret, "[hidden]")
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return shown if len(shown) <= EXCERPT else shown[: EXCERPT - 1] + "…"


def read_retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """Retry-After in either form, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3.

    A date is compared with the answer's own Date, so that our clocks need not agree.
    None when it is missing, unreadable or already past.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return timedelta(seconds=int(value)) or None
    until = _http_date(value)
    if until is None:
        return None
    rest = until - (_http_date(headers.get("Date", "")) or datetime.now(UTC))
    return rest if rest > timedelta(0) else None


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
