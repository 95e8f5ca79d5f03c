"""What would keep foreseen limits from being reached: kept for commands, as it was worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bot.store import Database, runs
from forecasting.advice import Advice
from forecasting.model import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """Advice on one limit, the best first, by the forecast that was made at `made_at` (UTC) by a
    model that was fitted at `fitted_at`."""

    made_at: datetime
    fitted_at: datetime | None = None
    advice: tuple[Advice, ...] = ()

    def is_of(self, forecast: Forecast) -> bool:
        """Whether that is the forecast it was worked out from."""
        return (self.made_at, self.fitted_at) == (forecast.made_at, forecast.fitted_at)


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
