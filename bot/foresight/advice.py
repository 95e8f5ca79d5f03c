"""What would keep foreseen limits from being reached: kept for commands, as it was worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.store import Database, runs
from forecasting.advice import Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """Advice on one limit, the best first, by the forecast that was made at `made_at` (UTC)."""

    made_at: datetime
    advice: tuple[Advice, ...] = ()


_ADVICE = TypeAdapter(dict[str, Advised])


def save_advice(db: Database, advised: Mapping[str, Advised], at: datetime) -> None:
    """By limit id, in place of all that was kept before."""
    runs.save_snapshot(db, "advice", at, _ADVICE.dump_python(dict(advised), mode="json"))


def find_all_advice(db: Database) -> dict[str, Advised]:
    """By limit id; those that are not likely to be reached are not there."""
    text = runs.find_snapshot_text(db, "advice")
    return _ADVICE.validate_json(text) if text else {}


def find_advice(db: Database, limit_id: str) -> tuple[Advice, ...]:
    """At most three, the best first; each was tried on the forecast."""
    found = find_all_advice(db).get(limit_id)
    return found.advice if found else ()
