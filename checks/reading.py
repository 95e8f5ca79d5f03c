"""Small readers that connectors share: headers as numbers, JSON by path, waits. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from checks.answers import read_retry_after
from checks.declare import Answer, LimitReading, No, Refusal


def number_in(headers: Mapping[str, str], name: str) -> float | None:
    """A header as a number; None when it is absent or no number: absent means unknown, not 0."""
    told = headers.get(name.lower(), "").strip()
    return float(told) if re.fullmatch(r"\d{1,12}(\.\d{1,6})?", told) else None


def used_of(headers: Mapping[str, str], name: str) -> tuple[float, float] | None:
    """A header such as "32/40": used and size; None when it is absent or something else."""
    found = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*/\s*(\d{1,9}(?:\.\d{1,6})?)\s*",
                         headers.get(name.lower(), ""))  # fmt: skip
    return (float(found[1]), float(found[2])) if found else None


def leaky(
    headers: Mapping[str, str], name: str, drains_per_second: float | None
) -> tuple[LimitReading, ...]:
    """The reading of a leaky bucket told as "used/size" in one header."""
    told = used_of(headers, name)
    if told is None:
        return ()
    used, size = told
    return (
        LimitReading(
            size=size, remaining=max(0.0, size - used), restored_per_second=drains_per_second
        ),
    )


def find(data: object, path: str) -> object:
    """The value at "a.b.0.c" in JSON; None when any step is missing."""
    for step in path.split("."):
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and step.isdigit() and int(step) < len(data):
            data = data[int(step)]
        else:
            return None
    return data


def number_at(data: object, path: str) -> float | None:
    """A finite number of 0 or more at a path; None when there is none: never 0 from absence."""
    value = find(data, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < 1e15 else None


def count_at(data: object, path: str) -> int:
    """A whole number of 0 or more at a path. Raises ValueError when there is none."""
    return _whole(find(data, path), path)


def odata_count(data: object) -> int:
    """The total of an OData list: `@odata.count` (version 4) or `odata.count` (version 3).

    Raises ValueError when it tells neither.
    """
    told = data if isinstance(data, Mapping) else {}
    return _whole(told.get("@odata.count", told.get("odata.count")), "@odata.count")


def _whole(value: object, where: str) -> int:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"the answer has no count at {where}")
    return value


def listed_at(data: object, path: str) -> int:
    """How many items the list at a path has. Raises ValueError when there is no list."""
    items = find(data, path)
    if not isinstance(items, list):
        raise ValueError(f"the answer has no list at {path}")
    return len(items)


def parameter_of(link: object, name: str) -> str | None:
    """A query parameter of a link to a further page; None when it is not there."""
    try:
        told = parse_qs(urlsplit(link).query).get(name) if isinstance(link, str) else None
    except ValueError:
        return None
    return told[0] if told else None


def since_utc(at: datetime) -> str:
    """2026-11-21T12:00:00Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def after(answer: Answer, seconds: float | None) -> datetime | None:
    """The moment so many seconds after an answer; None when not told or beyond any calendar."""
    try:
        return None if seconds is None else answer.at + timedelta(seconds=seconds)
    except OverflowError:
        return None


def at_epoch(seconds: float | None) -> datetime | None:
    """The moment so many seconds after 1970 (UTC); None when not told or beyond any calendar."""
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def wait_of(answer: Answer) -> timedelta | None:
    """Retry-After in seconds (also with a fraction) or as an HTTP date; None when not told."""
    told = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,6}\.\d{1,6}", told):
        return timedelta(seconds=float(told))
    names = {"Retry-After": told, "Date": answer.headers.get("date", "")}
    return read_retry_after(names)


def usual_refusal(answer: Answer) -> Refusal | None:
    """The no that most systems say by status: 429 not now, 401 credential, 403 not permitted."""
    if answer.status == 429:
        return Refusal(no=No.NOT_NOW, words="too many requests", retry_after=wait_of(answer))
    if answer.status == 401:
        return Refusal(no=No.CREDENTIAL, words="unauthorised")
    if answer.status == 403:
        return Refusal(no=No.NOT_PERMITTED, words="forbidden")
    return None
