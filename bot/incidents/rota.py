"""Who is on call: rotations in layers, in a named zone, and what people arranged among themselves.

Everything is worked out in local time and turned into UTC last, so that a day is a day of the
calendar and never so many seconds. Where the clocks are changed, `local_time` says what holds:
shifts may overlap for the repeated hour, and never leave a gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bot.incidents.layers import Every as Every
from bot.incidents.layers import Layer as Layer
from bot.incidents.layers import edges, holders

OVERRIDE = "override"
AHEAD_DAYS = (2, 14, 60, 400, 800)
"""How far a hand-over is looked for, step by step; one later than that is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A person on call from `since` until `until` (UTC). `layer` is where that comes from."""

    person: str
    since: datetime
    until: datetime
    layer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rota:
    """Where several layers have somebody on call, the last of them wins; `imported` shifts, of a
    calendar that is kept elsewhere, stand below all layers."""

    name: str
    zone: ZoneInfo
    layers: tuple[Layer, ...] = ()
    imported: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """`person` is on call instead of `replaces` (None: of everybody, also of nobody) from `since`
    until `until` (UTC). `by` arranged it. One with a higher id was arranged later, and holds."""

    id: int
    rota: str
    person: str
    replaces: str | None
    since: datetime
    until: datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From `since` until `until` the same people are on call, each with where that comes from."""

    since: datetime
    until: datetime
    holders: tuple[tuple[str, str], ...]


def on_call(rota: Rota, overrides: Iterable[Override], at: datetime) -> tuple[str, ...]:
    """The people on call at an instant: nobody, one, or more where shifts overlap."""
    return tuple(person for person, _ in _holders(rota, overrides, at))


def shifts(
    rota: Rota, overrides: Iterable[Override], since: datetime, until: datetime
) -> list[Shift]:
    """Who is on call from `since` until `until`, in order; a person's turns that touch are one."""
    done: list[Shift] = []
    running: dict[tuple[str, str], tuple[datetime, datetime]] = {}
    for stretch in stretches(rota, overrides, since, until):
        for key in stretch.holders:
            begun, ended = running.get(key, (stretch.since, stretch.since))
            if ended < stretch.since:
                done.append(_shift(key, begun, ended))
                begun = stretch.since
            running[key] = (begun, stretch.until)
    done += [_shift(key, *span) for key, span in running.items()]
    return sorted(done, key=lambda shift: (shift.since, shift.until, shift.person))


def gaps(
    rota: Rota, overrides: Iterable[Override], since: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """From when until when nobody is on call, in order."""
    found: list[tuple[datetime, datetime]] = []
    for stretch in stretches(rota, overrides, since, until):
        if stretch.holders:
            continue
        begun = found.pop()[0] if found and found[-1][1] == stretch.since else stretch.since
        found.append((begun, stretch.until))
    return found


def next_handover(rota: Rota, overrides: Iterable[Override], after: datetime) -> datetime | None:
    """When other people are on call than at `after`; None when that is not to be foreseen."""
    kept = list(overrides)
    now, since = set(on_call(rota, kept, after)), after
    for days in AHEAD_DAYS:
        until = after + timedelta(days=days)
        for stretch in stretches(rota, kept, since, until):
            if {person for person, _ in stretch.holders} != now:
                return stretch.since
        since = until
    return None


def stretches(
    rota: Rota, overrides: Iterable[Override], since: datetime, until: datetime
) -> Iterator[Stretch]:
    """The time between these instants, cut wherever other people may be on call."""
    meant = [
        each
        for each in overrides
        if each.rota == rota.name and each.until > since and each.since < until
    ]
    between = {edge for edge in _edges(rota, meant, since, until) if since < edge < until}
    cuts = [since, *sorted(between), until]
    for begin, end in pairwise(cuts):
        yield Stretch(since=begin, until=end, holders=_holders(rota, meant, begin))


def _edges(
    rota: Rota, overrides: Sequence[Override], since: datetime, until: datetime
) -> Iterator[datetime]:
    for layer in rota.layers:
        yield from edges(layer, since, until, rota.zone)
    for shift in rota.imported:
        yield from (shift.since, shift.until)
    for override in overrides:
        yield from (override.since, override.until)


def _holders(
    rota: Rota, overrides: Iterable[Override], at: datetime
) -> tuple[tuple[str, str], ...]:
    found = _by_plan(rota, at)
    meant = [each for each in overrides if each.rota == rota.name and each.since <= at < each.until]
    for override in sorted(meant, key=lambda each: each.id):
        instead = (override.person, OVERRIDE)
        if override.replaces is None:
            found = (instead,)
        else:
            gone = override.replaces.casefold()
            found = tuple(instead if key[0].casefold() == gone else key for key in found)
    return tuple({person: (person, layer) for person, layer in reversed(found)}.values())[::-1]


def _by_plan(rota: Rota, at: datetime) -> tuple[tuple[str, str], ...]:
    for layer in reversed(rota.layers):
        if found := holders(layer, at, rota.zone):
            return tuple((person, layer.name) for person in found)
    covering = (each for each in rota.imported if each.since <= at < each.until)
    return tuple((each.person, each.layer) for each in covering)


def _shift(key: tuple[str, str], since: datetime, until: datetime) -> Shift:
    return Shift(person=key[0], since=since, until=until, layer=key[1])
