"""How values stand in the database: times as text of one width, small structures as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any


def write_time(at: datetime) -> str:
    """UTC, always to the microsecond, so that text order is time order. `at` must be aware."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def write_optional_time(at: datetime | None) -> str | None:
    return write_time(at) if at else None


def read_optional_time(text: str | None) -> datetime | None:
    return read_time(text) if text else None


def write_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_json(text: str) -> Any:
    return json.loads(text)
