"""What allowances are drawn up from: what the platform's runs spent of late, and what is usual."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.facts import SystemFacts
from bot.inventory import Inventory
from bot.settings import Settings
from bot.store import Database, calls, readings
from checks.declare import CALLS
from checks.limits import Pace, Spend
from checks.runs import Run
from checks.volume import MINUTE
from forecasting.usual import HourPoint, Usual, usual

HOUR = timedelta(hours=1)
USUAL_FROM = timedelta(days=56)
ENOUGH_RUNS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What the platform's runs spent of some instances lately; `urgent`: a time-sensitive flow."""

    per_minute: Mapping[datetime, int]
    spends: tuple[Spend, ...]
    pace: Pace | None
    urgent: bool


class Habits:
    """What is usual, worked out from two months of roll-ups once an hour and allowance."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[datetime, Usual | None]] = {}

    def usual(
        self, key: str, at: datetime, zone: ZoneInfo, hours: Callable[[], Iterable[HourPoint]]
    ) -> Usual | None:
        """What is usual at this hour; `hours` reads what it is learned from."""
        hour = at.replace(minute=0, second=0, microsecond=0)
        known = self._known.get(key)
        if known is None or known[0] != hour:
            known = (hour, usual(hours(), at, zone))
            self._known[key] = known
        return known[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """What the platform's runs spent in the hour before `now` (UTC), read once for all instances.

    By instance id: its calls by the minute, reaching `MINUTE` further back, its calls by flow, and
    the flows that call it. `urgent` are the ids of time-sensitive flows.
    """

    now: datetime
    minutes: Mapping[str, Mapping[datetime, int]]
    flows: Mapping[str, Mapping[str, int]]
    callers: Mapping[str, frozenset[str]]
    names: Mapping[str, str]
    urgent: frozenset[str]


def read_ledger(db: Database, inventory: Inventory, now: datetime) -> Ledger:
    """The ledger as of `now`; what was spent shows once its run has ended."""
    an_hour_ago = (now - HOUR).replace(second=0, microsecond=0)
    minutes: dict[str, Counter[datetime]] = {}
    flows: dict[str, Counter[str]] = {}
    for each in calls.calls_since(db, an_hour_ago - MINUTE):
        minutes.setdefault(each.instance_id, Counter())[each.minute] += each.calls
        if each.minute >= an_hour_ago:
            flows.setdefault(each.instance_id, Counter())[each.flow_id] += each.calls
    callers: dict[str, set[str]] = {}
    for flow in inventory.flows:
        for instance_id in flow.instance_ids:
            callers.setdefault(instance_id, set()).add(flow.id)
    return Ledger(
        now=now,
        minutes=minutes,
        flows=flows,
        callers={instance_id: frozenset(ids) for instance_id, ids in callers.items()},
        names={flow.id: flow.name for flow in inventory.flows},
        urgent=inventory.time_sensitive,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What allowances are drawn up from, as of `now` (UTC)."""

    db: Database
    now: datetime
    settings: Settings
    inventory: Inventory
    ledger: Ledger
    systems: Sequence[SystemFacts] = ()
    running: Sequence[Run] = ()
    told: Mapping[str, object] = field(default_factory=dict)
    habits: Habits
    paces: Mapping[str, Pace] = field(default_factory=dict)
    own_calls: int = 0

    @property
    def zone(self) -> ZoneInfo:
        return self.settings.estate.zone


def use_of(around: Around, instance_ids: tuple[str, ...], reach: timedelta = MINUTE) -> Use:
    """What the platform's runs spent of these instances in the last hour, and `reach` before."""
    ledger = around.ledger
    by_flow: Counter[str] = Counter()
    for instance_id in instance_ids:
        by_flow.update(ledger.flows.get(instance_id, {}))
    most_first = sorted(by_flow.items(), key=lambda spent: (-spent[1], spent[0]))
    callers = frozenset[str]().union(*(ledger.callers.get(each, ()) for each in instance_ids))
    return Use(
        per_minute=_minutes_of(around, instance_ids, reach),
        spends=tuple(
            Spend(
                flow_id=flow_id,
                flow_name=ledger.names.get(flow_id, f"flow {flow_id}"),
                amount=amount,
            )
            for flow_id, amount in most_first
        ),
        pace=middle([around.paces[each] for each in callers if each in around.paces]),
        urgent=bool(callers & ledger.urgent),
    )


def _minutes_of(
    around: Around, instance_ids: tuple[str, ...], reach: timedelta
) -> Mapping[datetime, int]:
    if reach > MINUTE:  # a window of an hour or a day
        return calls.calls_per_minute(around.db, instance_ids, around.now - HOUR - reach)
    together: Counter[datetime] = Counter()
    for instance_id in instance_ids:
        together.update(around.ledger.minutes.get(instance_id, {}))
    return together


def middle(paces: Sequence[Pace]) -> Pace | None:
    """Of several flows' paces the one that has slowed neither most nor least; None of none.

    An allowance that is used up slows every flow that spends it; one slow flow among many has its
    reason elsewhere. Flows with three runs lately go before those with fewer.
    """
    sure = [pace for pace in paces if pace.runs >= ENOUGH_RUNS] or paces
    ranked = sorted(sure, key=lambda pace: pace.lately / max(pace.usual.p95.total_seconds(), 0.001))
    return ranked[(len(ranked) - 1) // 2] if ranked else None


def usual_calls(around: Around, key: str, ids: tuple[str, ...], per: timedelta) -> Usual | None:
    """What is usual for a window of `per` at this hour: an hour's calls shared out evenly."""
    windows = max(1, round(HOUR / per))

    def hours() -> Iterator[HourPoint]:
        totals: Counter[datetime] = Counter()
        for instance_id in ids:
            subject, since = f"instance/{instance_id}", around.now - USUAL_FROM
            for hour in readings.rollups_since(around.db, subject, CALLS, since):
                totals[hour.hour] += round(hour.total)
        for at, total in totals.items():
            yield HourPoint(hour=at, count=windows, total=total, busiest=total / windows)

    return around.habits.usual(key, around.now, around.zone, hours) if per <= HOUR else None


def usual_left(
    around: Around, system: str, limit: str, scope: str, size: float | None
) -> Usual | None:
    """What is usual for what has been used, from what was left at earlier looks."""
    if size is None:
        return None
    subject = f"system/{system}"
    metric = f"limit.remaining.{limit}" + (f".{scope.strip()}" if scope else "")

    def hours() -> Iterator[HourPoint]:
        since = around.now - USUAL_FROM
        for hour in readings.rollups_since(around.db, subject, metric, since):
            used = max(0.0, size * hour.count - hour.total)
            yield HourPoint(hour=hour.hour, count=hour.count, total=used, busiest=size)

    return around.habits.usual(f"{subject}/{metric}", around.now, around.zone, hours)
