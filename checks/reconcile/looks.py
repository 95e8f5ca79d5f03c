"""The cheap looks at totals, where records cannot be read or need not be. Pure.

Each says what it compared with what, and never takes a number that is not exact for one that is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from checks.declare import Counted
from checks.durations import say_duration
from checks.reconcile.model import Look, Pairing, Standing, Summed, Tally, Tolerance
from checks.reconcile.tally import EXACT
from checks.reconcile.values import leaves_whole
from checks.words import plain

INEXACT = "{} does not tell an exact number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one side tells of its records, all of one span. `of` names it: "orders in shopify-live".

    `exact`: nothing is capped, estimated or counted in two places. `keys` are the different keys
    among the records, `sums` the sums by currency code; None and empty: not told.
    """

    of: str
    records: int
    exact: bool = True
    keys: int | None = None
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    newest_at: datetime | None = None


def counted(of: str, told: Counted) -> Told:
    """What a system's own count tells; whether it is exact is the connector's word."""
    return Told(of=of, records=told.number, exact=told.exact)


def look_at_counts(source: Told, target: Told, tolerance: Tolerance) -> Look:
    """Whether both have as many records; one that is not exact settles nothing."""
    missing = source.records - target.records
    doubt = _inexact(source, target)
    standing = Standing.SAME
    if doubt:
        standing = Standing.UNSURE
    elif not tolerance.allows(abs(missing), source.records):
        standing = Standing.DIFFERENT
    apart = f": {abs(missing):,} {'fewer' if missing > 0 else 'more'}" if missing else ""
    return Look(
        name="count",
        standing=standing,
        sentence=f"{source.records:,} counted of {plain(source.of)}, {target.records:,} of "
        f"{plain(target.of)}{apart}.",
        source=f"{source.records:,}",
        target=f"{target.records:,}",
        doubt=doubt,
    )


def _inexact(*sides: Told) -> str:
    inexact = [INEXACT.format(plain(side.of)) for side in sides if not side.exact]
    return "; ".join(inexact)


def look_at_sums(source: Told, target: Told, tolerance: Tolerance, what: str = "sum") -> Look:
    """Whether the amounts of each currency that both tell add up to the same.

    What only one side tells is not compared: another currency is no other amount.
    """
    shared = sorted(currency for currency in source.sums.keys() & target.sums.keys() if currency)
    apart = {
        each: EXACT.subtract(source.sums[each], target.sums[each]).copy_abs() for each in shared
    }
    beyond = [each for each in shared if apart[each] > tolerance.amount]
    doubt = _inexact(source, target) or _unshared(source, target)
    standing = Standing.UNSURE if doubt else Standing.SAME
    if beyond and not _inexact(source, target):
        standing = Standing.DIFFERENT
    have, hold = (_amounts(side.sums) for side in (source, target))
    off = ", ".join(f"{apart[each]:,f} {plain(each)}" for each in beyond)
    return Look(
        name=what,
        standing=standing,
        sentence=f"{have or 'Nothing'} of {plain(source.of)} against {hold or 'nothing'} of "
        f"{plain(target.of)}{', apart by ' + off if off else ''}.",
        source=have,
        target=hold,
        doubt=doubt,
        sums=tuple(_summed(each, source, target) for each in sorted({*source.sums, *target.sums})),
    )


def _summed(currency: str, source: Told, target: Told) -> Summed:
    ours, theirs = (
        amount if (amount := side.sums.get(currency)) is not None and leaves_whole(amount) else None
        for side in (source, target)
    )
    return Summed(currency=currency, source=ours, target=theirs)


def _amounts(sums: Mapping[str, Decimal]) -> str:
    return ", ".join(
        f"{amount:,f} {plain(currency) or 'of no told currency'}"
        for currency, amount in sorted(sums.items())
    )


def _unshared(source: Told, target: Told) -> str:
    alone = sorted((source.sums.keys() ^ target.sums.keys()) | ({""} & source.sums.keys()))
    named = ", ".join(plain(currency) or "amounts of no told currency" for currency in alone)
    return f"not compared: {named}" if named else ""


def look_at_freshness(source: Told, target: Told, lag: timedelta) -> Look:
    """Whether the newest record of the target is at most `lag` older than that of the source."""
    ours, theirs = source.newest_at, target.newest_at
    if ours is None or theirs is None:
        unread = source if ours is None else target
        return Look(
            name="freshness",
            standing=Standing.UNSURE,
            sentence=f"How fresh {plain(unread.of)} are is not told.",
            source=_moment(ours),
            target=_moment(theirs),
            doubt="no time of change is told",
        )
    behind = ours - theirs
    late = behind > lag
    words = f"{say_duration(behind)} older than" if behind > timedelta(0) else "as new as"
    return Look(
        name="freshness",
        standing=Standing.DIFFERENT if late else Standing.SAME,
        sentence=f"The newest of {plain(target.of)} is {words} the newest of {plain(source.of)}.",
        source=_moment(ours),
        target=_moment(theirs),
    )


def _moment(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


def look_at_duplicates(source: Told, target: Told) -> Look:
    """Whether the target has keys more than once of which the source has one."""
    ours, theirs = _twice(source), _twice(target)
    doubt = _inexact(source, target)
    if ours is None or theirs is None:
        doubt = doubt or "how many different keys there are is not told"
    more = (theirs or 0) - (ours or 0)
    standing = Standing.DIFFERENT if more > 0 else Standing.SAME
    return Look(
        name="duplicates",
        standing=Standing.UNSURE if doubt else standing,
        sentence=f"{theirs or 0:,} of {plain(target.of)} repeat a key, {ours or 0:,} of "
        f"{plain(source.of)}.",
        source="" if ours is None else f"{ours:,}",
        target="" if theirs is None else f"{theirs:,}",
        doubt=doubt,
    )


def _twice(told: Told) -> int | None:
    return None if told.keys is None else told.records - told.keys


def looks_of(
    pairing: Pairing, source: Tally, target: Tally, *, exact: bool, lag: timedelta
) -> tuple[Look, ...]:
    """The same looks at what was read record by record."""
    of_source, of_target = (
        f"{pairing.entity} in {side.system}" for side in (pairing.source, pairing.target)
    )
    ours, theirs = _told(source, of_source, exact), _told(target, of_target, exact)
    sums = (
        look_at_sums(
            _told(source, of_source, exact, name),
            _told(target, of_target, exact, name),
            pairing.tolerance,
            name,
        )
        for name in sorted({name for name, _ in (*source.sums, *target.sums)})
    )
    counts = look_at_counts(ours, theirs, pairing.tolerance)
    repeats = look_at_duplicates(ours, theirs)
    return (counts, *sums, look_at_freshness(ours, theirs, lag), repeats)


def _told(tally: Tally, of: str, exact: bool, name: str = "") -> Told:
    sums = {currency: amount for (field, currency), amount in tally.sums.items() if field == name}
    return Told(
        of=of,
        records=tally.records,
        exact=exact,
        keys=tally.records - tally.repeats,
        sums=sums,
        newest_at=tally.newest_at,
    )
