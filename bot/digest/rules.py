"""What digests go by, by the settings: when they are told, what things cost, whose they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.build_ownership import unowned_names
from bot.costs import Pricing, pricing_of
from bot.digest.facts import Reconciled
from bot.digest.period import Timetable
from bot.flow_settings import FlowSettings
from bot.inventory import Inventory
from bot.reconciling.digesting import reconciled
from bot.settings import Settings
from bot.store import Database

AT_HALF_PAST_EIGHT = Timetable(at=time(8, 30), zone=ZoneInfo("UTC"))

Compared = Callable[[Database, datetime, datetime], Reconciled | None]
"""What comparing systems has shown in a time; None where nothing was compared."""


Unowned = Callable[[Inventory | None], Sequence[str]]
"""The names of the flows that nobody owns."""


def _nobody_asks(_: Inventory | None) -> Sequence[str]:
    return ()


def _not_compared(_: Database, since: datetime, until: datetime) -> Reconciled | None:  # noqa: ARG001 (as Compared asks)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRules:
    """`every` is the time between rounds (None: not known, and missed ones are not counted),
    `steered` whether the clock is a sandbox's, which runs at any speed and can be moved,
    `flows` what the settings say of single flows."""

    timetable: Timetable = AT_HALF_PAST_EIGHT
    every: timedelta | None = None
    steered: bool = False
    flows: tuple[FlowSettings, ...] = ()
    pricing: Pricing = field(default_factory=Pricing)
    unowned: Unowned = _nobody_asks
    compared: Compared = _not_compared


def rules_of(settings: Settings) -> DigestRules:
    """By `[digest]`, and by what the rest of the settings say of costs, owners and comparisons."""
    timetable = settings.digest.timetable(settings.estate.zone)
    compared = partial(
        reconciled,
        keys=settings.privacy.keys,
        zone=timetable.zone,
        pairs=settings.reconcile,
    )
    return DigestRules(
        timetable=timetable,
        every=settings.watch.every,
        steered=settings.clock.url is not None,
        flows=settings.flow,
        pricing=pricing_of(settings),
        unowned=unowned_names(settings),
        compared=compared if settings.reconcile else _not_compared,
    )
