"""One object of a Patchworks answer: fields read with their types, or a named error. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from checks.fetch import Unavailable

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_:.-]{0,99}")
LONGEST_TEXT = 2_000
FLAGS = {"1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`fields` are flat, whichever of its two object shapes Patchworks used; `where` names it.

    Every method raises Unavailable when a field that must be there is not, or has a wrong type.
    """

    fields: Mapping[str, object]
    where: str

    def without(self, key: str, expected: str) -> Unavailable:
        """The error for a field that is missing or wrong."""
        found = "none" if self.fields.get(key) is None else type(self.fields[key]).__name__
        return Unavailable(
            f'Patchworks sent {self.where} without a usable "{key}" (expected {expected}, found '
            f"{found}), so the whole answer was left aside; if this stays so, its API has changed "
            "and Seamwatch has to follow"
        )

    def maybe_id(self, key: str) -> str | None:
        """An id as text, whether it came as a number or as text."""
        value = self.fields.get(key)
        if value is None or value == []:
            return None
        text = to_text(value)
        if isinstance(value, bool) or not ID.fullmatch(text):
            raise self.without(key, "an id")
        return text

    def id(self, key: str = "id") -> str:
        found = self.maybe_id(key)
        if found is None:
            raise self.without(key, "an id")
        return found

    def text(self, key: str) -> str:
        """Descriptive text, "" when there is none; anything else is shown as it came."""
        value = self.fields.get(key)
        if value is None:
            return ""
        return clean(value if isinstance(value, str) else json.dumps(value, default=str))

    def name(self, key: str = "name") -> str:
        """Text that must be there, because people know the thing by it."""
        value = self.fields.get(key)
        if not isinstance(value, str) or not (found := clean(value).strip()):
            raise self.without(key, "a name")
        return found

    def maybe_time(self, key: str) -> datetime | None:
        """A moment in UTC; a text without a zone is UTC, as Patchworks documents its times."""
        value = self.fields.get(key)
        if value is None:
            return None
        at = parse_time(value)
        if at is None:
            raise self.without(key, "a date and time")
        return at

    def time(self, key: str) -> datetime:
        at = self.maybe_time(key)
        if at is None:
            raise self.without(key, "a date and time")
        return at

    def number(self, key: str) -> int | None:
        value = self.fields.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not re.fullmatch(r"-?[0-9]{1,12}", to_text(value)):
            raise self.without(key, "a whole number")
        return int(to_text(value))

    def flag(self, key: str) -> bool | None:
        value = self.fields.get(key)
        if value is None:
            return None
        found = FLAGS.get(to_text(value).lower())
        if found is None:
            raise self.without(key, "true or false")
        return found

    def child(self, key: str) -> Row | None:
        """A related object; PHP writes an empty one as an empty list."""
        value = self.fields.get(key)
        if value is None or value == []:
            return None
        return read_row(value, f'"{key}" of {self.where}')

    def children(self, key: str) -> tuple[Row, ...]:
        value = self.fields.get(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise self.without(key, "a list")
        return tuple(read_row(item, f'"{key}" of {self.where}') for item in value)


def read_row(item: object, where: str) -> Row:
    """Flattens one object: what stands in `attributes` comes up, what stands outside wins.

    Related objects are asked for as `currentVersion` and documented as `current_version`, so both
    spellings are read as the latter.
    """
    if not isinstance(item, dict):
        raise Unavailable(
            f"Patchworks sent {where} as {type(item).__name__} where an object was expected, so "
            "the whole answer was left aside; the next round asks again"
        )
    row = Row(fields=item, where=where)
    inner = item.get("attributes") or {}
    if not isinstance(inner, dict):
        raise row.without("attributes", "an object")
    outer = {key: value for key, value in item.items() if key != "attributes"}
    fields = {_snake_case(key): value for key, value in {**inner, **outer}.items()}
    return Row(fields=fields, where=where)


def clean(text: str) -> str:
    """Text that can be stored and sent: no lone surrogates, no NUL, not endless."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode().replace("\0", " ")


def parse_time(value: object) -> datetime | None:
    """An ISO 8601 text as UTC; None for anything else, or a year no run can have."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        at = datetime.fromisoformat(value.strip())
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if 2000 <= at.year < 2200 else None


def to_text(value: object) -> str:
    """A number, flag or word as text; "" for what is none of these."""
    if isinstance(value, int) and abs(value) < 10**18:
        return str(value)
    return value if isinstance(value, str) else ""


@lru_cache(maxsize=1024)  # the same few dozen names stand in every row
def _snake_case(key: str) -> str:
    return re.sub(r"(?<=[a-z0-9])[A-Z]", lambda capital: f"_{capital[0]}", key).lower()
