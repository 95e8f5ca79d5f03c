"""Durations as people write them in the settings: "90s", "15m", "2h", "7d"."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WRITTEN = re.compile(r"(\d+)\s*([smhd])")


def parse_duration(text: object) -> timedelta:
    """ "90s" -> 90 seconds. Raises ValueError in one sentence for anything else."""
    if isinstance(text, timedelta):
        return text
    found = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError('expected a duration such as "90s", "15m", "2h" or "7d"')
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def write_duration(value: timedelta) -> str:
    """The shortest exact form: 90 s -> "90s", 120 s -> "2m"."""
    seconds = int(value.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def say_duration(value: timedelta) -> str:
    """For people, two units at most: 95 s -> "1 min 35 s", 3 h 20 min -> "3 h 20 min"."""
    seconds = max(0, round(value.total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    first = next(i for i, (amount, _) in enumerate(parts) if amount)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount)


Duration = Annotated[timedelta, BeforeValidator(parse_duration), PlainSerializer(write_duration)]
