"""A comparison that a person asks for on the command line: made now, stored and sent nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

import httpx

from bot.build_outside import make_clock, make_http, make_patchworks
from bot.clock import Clock
from bot.not_started import NotStarted
from bot.reconcile_settings import ReconcileSettings
from bot.reconciling.catching import compared_of, limits_of
from bot.reconciling.comparing import Means, compare
from bot.reconciling.reading import Tell, nobody
from bot.reconciling.running import period_of
from bot.settings import Settings
from bot.survey import make_system
from bot.system_settings import PATCHWORKS
from checks.budget import Budget
from checks.reconcile.evidence import Compared
from checks.reconcile.model import Difference, DifferenceKind
from checks.reconcile.outcome import Sink
from checks.reconcile.window import Window
from checks.records import RecordSource
from checks.tracked import TrackedData

LONGEST = timedelta(days=31)


class NoSuchPair(Exception):
    """The settings have no pairing of that name; one sentence says which they have."""


def pair_named(settings: Settings, name: str) -> ReconcileSettings:
    """Raises NoSuchPair."""
    for each in settings.reconcile:
        if each.name.casefold() == name.strip().casefold():
            return each
    known = ", ".join(each.name for each in settings.reconcile) or "none"
    raise NoSuchPair(f"No [[reconcile]] section is called {name!r}; there are: {known}.")


def window_of(
    settings: ReconcileSettings, since: datetime, until: datetime, zone: tzinfo
) -> Window:
    """A window as a person names it; times without an offset are of `zone`. Raises ValueError."""
    start, end = (each if each.tzinfo else each.replace(tzinfo=zone) for each in (since, until))
    if not timedelta(0) < end - start <= LONGEST:
        raise ValueError("--until must be after --since, by 31 days at most.")
    return Window(since=start, until=end, settle=settings.settle, skew=settings.skew)


async def compare_now(
    settings: Settings,
    pair: ReconcileSettings,
    window: Window,
    sink: Sink,
    tell: Tell = nobody,
) -> Compared:
    """What it comes to; every difference goes to `sink`, in a thread, and `tell` hears how far it
    is. Raises NotStarted, Unseen."""
    counted: Counter[tuple[DifferenceKind, str]] = Counter()

    def count(difference: Difference) -> None:
        counted[difference.kind, difference.field] += difference.is_sure
        sink(difference)

    async with make_http() as http:
        clock = await make_clock(settings.clock.url, http)
        systems = _systems(settings, pair, http, clock)
        folder = settings.watch.database.parent
        means = Means(
            systems=systems,
            clock=clock,
            folder=folder if folder.is_dir() else None,
            tell=tell,
        )
        outcome = await compare(pair, window, means, count)
    return compared_of(period_of(pair, window), outcome, +counted, limits_of(pair.pairing()))


def calls_of(settings: Settings, pair: ReconcileSettings) -> str:
    """ "shop at most 30 calls a minute, books at most 60": within what is read."""
    allowed = {each.name: each.calls_per_minute for each in settings.system}
    names = dict.fromkeys((pair.source.system, pair.target.system))
    told = [f"{name} at most {allowed[name]} calls a minute" for name in names if name in allowed]
    return ", ".join(told)


def _systems(
    settings: Settings, pair: ReconcileSettings, http: httpx.AsyncClient, clock: Clock
) -> Mapping[str, RecordSource]:
    needed = {pair.source.system, pair.target.system}
    found: dict[str, RecordSource] = {}
    if PATCHWORKS in needed:
        budget = Budget(settings.patchworks.budget_per_minute)
        patchworks = make_patchworks(settings.patchworks, http, budget, clock)
        found[PATCHWORKS] = TrackedData(patchworks)
    try:
        for each in settings.system:
            if each.name in needed:
                found[each.name] = make_system(each, http, clock)
    except ValueError as error:
        raise NotStarted(f"[[system]] {error}.") from None
    return found
