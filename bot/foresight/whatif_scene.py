"""What a rehearsal is made from: which limits, days and flow are meant, as the store knows them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot import inventory
from bot.foresight.learning_jobs import Model
from bot.foresight.rehearsal import NotRehearsed, Wanted
from bot.foresight.whatif_words import LONGEST, read_wanted
from bot.inventory import Inventory, Limits
from bot.settings import Settings
from bot.slack.named import find_named, nearest_names
from bot.store import Database
from bot.store.forecasts import find_learned
from checks.allowances.look import OWN_CALLS
from checks.limits import Allowance
from checks.words import plain
from forecasting.trading_days import Calendar, Occasion

WITHOUT_DAYS = timedelta(hours=72)
NO_ROUND = "No round has been made yet, so no limit is known; ask again in a minute."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a rehearsal is made from, as the store has it."""

    db: Database
    settings: Settings
    model: Model
    calendar: Calendar
    inventory: Inventory
    chosen: tuple[Allowance, ...]
    wanted: Wanted
    since: datetime
    until: datetime
    flow_id: str
    own_ids: frozenset[str]
    learned: dict[str, bytes]
    promotions: tuple[Occasion, ...]

    @property
    def flow_name(self) -> str:
        return next((each.name for each in self.inventory.flows if each.id == self.flow_id), "")


def set_scene(db: Database, settings: Settings, model: Model, text: str, now: datetime) -> Scene:
    limits = inventory.find_limits(db)
    if limits is None or not limits.allowances:
        raise NotRehearsed(NO_ROUND)
    stock = inventory.find_inventory(db) or Inventory(at=now)
    zone, calendar = settings.estate.zone, settings.calendar
    ahead = calendar.ahead(now, now + LONGEST)
    wanted = read_wanted(text, now.astimezone(zone).date(), ahead)
    since, until = _moments(wanted, zone, now)
    chosen, own_ids = _choose(wanted.system, limits)
    promotions = tuple(each for each in calendar.ahead(since, until) if each.times is not None)
    return Scene(
        db=db,
        settings=settings,
        model=model,
        calendar=_without_replaced(calendar, promotions, wanted),
        inventory=stock,
        chosen=chosen,
        wanted=wanted,
        since=since,
        until=until,
        flow_id=_flow_id(wanted.flow, stock),
        own_ids=own_ids,
        learned=find_learned(db),
        promotions=promotions,
    )


def _moments(wanted: Wanted, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """From when to when (UTC) the peak lasts, full hours; what is over of today stays as it was."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    if wanted.first is None or wanted.last is None:
        return hour, hour + WITHOUT_DAYS
    return max(hour, _midnight(wanted.first, zone)), _midnight(wanted.last, zone, days=1)


def _midnight(day: date, zone: ZoneInfo, days: int = 0) -> datetime:
    day += timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _without_replaced(
    calendar: Calendar, promotions: Collection[Occasion], wanted: Wanted
) -> Calendar:
    """Without the promotion whose multiple the one that was asked for takes the place of."""
    gone = {each for each in promotions if wanted.replaces(each)}
    kept = tuple(each for each in calendar.occasions if each not in gone)
    return replace(calendar, occasions=kept)


def _choose(name: str, limits: Limits) -> tuple[tuple[Allowance, ...], frozenset[str]]:
    """The allowances of the systems that are meant and those that their flows spend as well, and
    the instances that are their own; without a name all, and no instances apart."""
    known = [each.allowance for each in limits.allowances if each.allowance.id != OWN_CALLS]
    if not name:
        return tuple(known), frozenset()
    meant = find_named(name, known, lambda each: (each.system, each.system_kind))
    if not meant:
        names = sorted({each.system for each in known})
        near = nearest_names(name, names) or names[:10]
        raise NotRehearsed(
            f'No system is called "{plain(name, 60)}"; I know {", ".join(map(plain, near))}.'
        )
    ids = frozenset(instance_id for each in meant for instance_id in each.instance_ids)
    own = {each.id for each in meant}
    chosen = [each for each in known if each.id in own or _shares(each, ids)]
    return tuple(chosen), ids


def _shares(allowance: Allowance, ids: Collection[str]) -> bool:
    return bool(set(allowance.instance_ids) & set(ids)) or allowance.id.startswith("platform/")


def _flow_id(name: str, stock: Inventory) -> str:
    if not name:
        return ""
    found = find_named(name, stock.flows, lambda flow: (flow.name, flow.id))
    if len(found) == 1:
        return found[0].id
    if found:
        several = ", ".join(plain(flow.name) for flow in found[:5])
        raise NotRehearsed(f'"{plain(name, 60)}" fits several flows: {several}; write one in full.')
    near = nearest_names(name, [flow.name for flow in stock.flows])
    meant = f"; did you mean {' or '.join(map(plain, near))}?" if near else "."
    raise NotRehearsed(f'No flow is called "{plain(name, 60)}"{meant}')
