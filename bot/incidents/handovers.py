"""When one person takes over from another, and what is said then. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.rota import Override, Rota, next_handover, on_call, stretches

TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """At `at` (UTC) these people go off call, these come on, and these stay. `until` is the next
    change after it; None when that is not to be foreseen."""

    rota: str
    at: datetime
    ending: tuple[str, ...]
    starting: tuple[str, ...]
    staying: tuple[str, ...] = ()
    until: datetime | None = None


def due_handovers(
    rotas: Sequence[Rota], overrides: Iterable[Override], since: datetime, until: datetime
) -> list[Handover]:
    """Every hand-over after `since` and up to `until`, in order: ask with the last time asked."""
    kept = list(overrides)
    found = [each for rota in rotas for each in _handovers(rota, kept, since, until)]
    return sorted(found, key=lambda each: (each.at, each.rota))


def _handovers(
    rota: Rota, overrides: Sequence[Override], since: datetime, until: datetime
) -> Iterable[Handover]:
    before = on_call(rota, overrides, since)
    for stretch in stretches(rota, overrides, since, until + TICK):
        now = tuple(person for person, _ in stretch.holders)
        if set(now) != set(before):
            yield Handover(
                rota=rota.name,
                at=stretch.since,
                ending=tuple(person for person in before if person not in now),
                starting=tuple(person for person in now if person not in before),
                staying=tuple(person for person in now if person in before),
                until=next_handover(rota, overrides, stretch.since),
            )
        before = now
