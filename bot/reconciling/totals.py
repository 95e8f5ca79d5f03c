"""Comparing totals alone: counts that are exact, sums, freshness; no record is named."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.clock import Clock
from bot.reconciling.reading import Unseen
from checks.declare import Counted
from checks.reconcile.looks import Told, counted, look_at_counts, looks_of
from checks.reconcile.model import Look, Outcome, Pairing, Role, Standing, Tally
from checks.reconcile.window import Window
from checks.unreadable import Unreadable
from checks.words import plain


@runtime_checkable
class Counts(Protocol):
    """A system that counts what changed since a moment: `checks.system.System.count`."""

    async def count(self, entity: str, since: datetime) -> Counted: ...


def by_totals(pairing: Pairing, window: Window, outcome: Outcome) -> Outcome:
    """The same without what was found record by record: how the totals stand is how it stands."""
    looks = looks_of(pairing, outcome.source, outcome.target, exact=True, lag=window.margin)
    return replace(
        outcome,
        sure={},
        doubtful={},
        records_differing=0,
        listed=(),
        looks=looks,
        doubts=(),
        standing=_standing(looks),
    )


async def count_both(
    pairing: Pairing, window: Window, systems: Mapping[str, object], clock: Clock
) -> Outcome:
    """By the systems' own counts, where their records cannot be read one by one.

    They count what changed since a moment, so that two counts make a window; what changed again
    after it is counted in a later one, on both sides. Raises Unseen.
    """
    now = clock.now()
    source, target = await asyncio.gather(
        *(_count(pairing, role, window, systems) for role in Role)
    )
    looks = (look_at_counts(*_told(pairing, source, target), pairing.tolerance),)
    return Outcome(
        pairing=pairing.name,
        entity=pairing.entity,
        since=window.since,
        until=window.until,
        looked_at=now,
        source=Tally(records=source.number),
        target=Tally(records=target.number),
        sure={},
        doubtful={},
        records_differing=0,
        listed=(),
        presence_only=0,
        looks=looks,
        doubts=tuple(filter(None, (look.doubt for look in looks))),
        notes=(),
        standing=_standing(looks),
    )


def _told(pairing: Pairing, source: Counted, target: Counted) -> tuple[Told, Told]:
    ours, theirs = (
        f"{pairing.entity} in {side.system}" for side in (pairing.source, pairing.target)
    )
    return counted(ours, source), counted(theirs, target)


async def _count(
    pairing: Pairing, role: Role, window: Window, systems: Mapping[str, object]
) -> Counted:
    name = pairing.side(role).system
    system = systems.get(name)
    if not isinstance(system, Counts):
        raise Unseen(f"{plain(name)} neither lists nor counts {plain(pairing.entity)}")
    try:
        since = await system.count(pairing.entity, window.since)
        until = await system.count(pairing.entity, window.until)
    except (Unreadable, ValueError) as error:
        raise Unseen(str(error)) from None
    exact = since.exact and until.exact and since.number >= until.number
    return Counted(number=max(0, since.number - until.number), exact=exact)


def _standing(looks: tuple[Look, ...]) -> Standing:
    """Different in one is different. What a system does not tell at all, such as when a record was
    last changed, leaves the rest as sure as it is; counts that are not exact do not."""
    if any(look.standing is Standing.DIFFERENT for look in looks):
        return Standing.DIFFERENT
    count = next(look for look in looks if look.name == "count")
    return count.standing
