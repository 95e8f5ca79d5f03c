"""How a rota stands at a moment: who is on call until when, who comes next, what is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.rota import Override, Rota, gaps, next_handover, on_call
from bot.oncall.gaps import AHEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """Times are UTC. `until` is the next hand-over (None: not to be foreseen), `coming` who is on
    call then. `gaps` are those of the next four weeks, `trouble` what is wrong with its calendar.
    """

    rota: Rota
    people: tuple[str, ...]
    until: datetime | None
    coming: tuple[str, ...]
    overrides: tuple[Override, ...]
    gaps: tuple[tuple[datetime, datetime], ...]
    trouble: str = ""


def duty_of(rota: Rota, overrides: Sequence[Override], now: datetime, trouble: str = "") -> Duty:
    own = tuple(each for each in overrides if each.rota == rota.name and each.until > now)
    until = next_handover(rota, own, now)
    return Duty(
        rota=rota,
        people=on_call(rota, own, now),
        until=until,
        coming=on_call(rota, own, until) if until else (),
        overrides=own,
        gaps=tuple(gaps(rota, own, now, now + AHEAD)),
        trouble=trouble,
    )
