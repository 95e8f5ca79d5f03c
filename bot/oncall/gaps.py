"""When nobody is going to be on call, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.incidents.rota import Override, Rota, gaps
from checks.durations import say_duration

AHEAD = timedelta(days=28)
TOLD = 5


def gap_sentences(rotas: Sequence[Rota], overrides: Iterable[Override], now: datetime) -> list[str]:
    """One for each rota with a gap in the next four weeks, the time by the clocks of its zone."""
    kept = list(overrides)
    said = []
    for rota in rotas:
        found = gaps(rota, kept, now, now + AHEAD)
        if found:
            said.append(_sentence(rota, found, now + AHEAD))
    return said


def _sentence(rota: Rota, found: Sequence[tuple[datetime, datetime]], end: datetime) -> str:
    whole = sum((until - since for since, until in found), timedelta(0))
    if found[0][1] == end and len(found) == 1:
        return f"Rota {rota.name}: nobody is on call from {_at(rota, found[0][0])} on."
    told = ", ".join(f"{_at(rota, since)} to {_at(rota, until)}" for since, until in found[:TOLD])
    more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
    return (
        f"Rota {rota.name}: nobody is on call for {say_duration(whole)} of the next four weeks: "
        f"{told}{more} ({rota.zone.key})."
    )


def _at(rota: Rota, at: datetime) -> str:
    return f"{at.astimezone(rota.zone):%a %-d %b %H:%M}"
