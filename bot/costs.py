"""What errors cost: at what the settings say a failed record, or an hour without a flow, costs.

Nothing is estimated. A figure is what was counted times what was set, and says both; what was not
counted is said to be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from bot.flow_settings import FlowSettings, by_flow
from bot.incidents.began import began
from bot.incidents.losing import LOST, Loss, number
from bot.incidents.losing import by_flow as lost_by_flow
from bot.incidents.model import Alert, Incident
from bot.inventory import Inventory
from bot.settings import Settings
from bot.store import Database
from bot.store.failed_records import NONE_FAILED, Failed, failed_records
from bot.store.lost_records import lost_between
from bot.store.run_days import failed_between
from checks.durations import say_duration
from checks.model import Level
from checks.words import say_count

CENT, WHOLE, ROUND_FROM = Decimal("0.01"), Decimal(1), Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a failed record of a flow costs, and an hour without it; None: not set."""

    record: Decimal | None = None
    hour: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """By flow id, in one currency."""

    by_flow: Mapping[str, Price] = field(default_factory=dict)
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pricing:
    """What the settings say of costs; which flows they mean is only known with the inventory."""

    told: tuple[FlowSettings, ...] = ()
    currency: str = ""

    @property
    def is_set(self) -> bool:
        return any(each.costs_anything for each in self.told)

    def prices(self, inventory: Inventory | None) -> Prices:
        flows = inventory.flows if inventory is not None and self.is_set else ()
        found = {
            flow_id: Price(record=each.cost_per_failed_record, hour=each.cost_per_hour)
            for flow_id, each in by_flow(self.told, flows).items()
            if each.costs_anything
        }
        return Prices(by_flow=found, currency=self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one flow adds: so many records of failed runs, so many besides that were `lost` in runs
    that went well, and so long without it."""

    price: Price
    failed: Failed = NONE_FAILED
    lost: int = 0
    delay: timedelta = timedelta(0)

    @property
    def amount(self) -> Decimal:
        """Exact, not rounded."""
        seconds = Decimal(round(self.delay.total_seconds()))
        records = (self.price.record or Decimal(0)) * (self.failed.records + self.lost)
        return records + (self.price.hour or Decimal(0)) * seconds / 3600

    @property
    def is_anything(self) -> bool:
        """Whether there is anything to be said of it."""
        records = self.failed.records or self.failed.untold or self.lost
        counted = self.price.record is not None and records
        return bool(counted or (self.price.hour is not None and self.delay))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """What something has cost so far, flow by flow."""

    items: tuple[Item, ...]
    currency: str

    @property
    def amount(self) -> Decimal:
        return sum((each.amount for each in self.items), Decimal(0))

    @property
    def untold(self) -> int:
        """Of how many failed runs it is not known how many records they concern."""
        return sum(each.failed.untold for each in self.items if each.price.record is not None)


def pricing_of(settings: Settings) -> Pricing:
    return Pricing(told=settings.flow, currency=settings.estate.currency)


def cost_of(settings: Settings, inventory: Inventory | None) -> dict[str, Decimal]:
    """What a failed record costs, by flow id, for the flows of which that is set."""
    prices = pricing_of(settings).prices(inventory).by_flow
    return {flow_id: each.record for flow_id, each in prices.items() if each.record is not None}


def cost_of_incident(
    db: Database, prices: Prices, incident: Incident, alerts: Sequence[Alert], now: datetime
) -> Reckoned | None:
    """What an incident has cost up to `now` or to its end; None where nothing is set or counted.

    Records are those of failed runs of the flows that it is about, and of others that failed at the
    same instance, and those that its checks found lost. Hours count for the flows that it is about,
    while it is more than a warning.
    """
    if not prices.by_flow:
        return None
    until = incident.resolved_at or now
    since = min((began(alert) for alert in alerts), default=incident.opened_at)
    flows = {flow_id for alert in alerts if (flow_id := flow_of(alert))}
    instances = {str(each) for alert in alerts if (each := alert.facts.get("instance_id"))}
    failed = failed_records(db, flows, instances, since, until)
    lost = lost_by_flow(_losses(alerts))
    items = (
        Item(
            price=price,
            failed=failed.get(flow_id, Failed()),
            lost=lost.get(flow_id, 0),
            delay=_delay(flow_id, alerts, until),
        )
        for flow_id, price in prices.by_flow.items()
        if flow_id in flows or flow_id in failed
    )
    found = tuple(each for each in items if each.is_anything)
    return Reckoned(items=found, currency=prices.currency) if found else None


def cost_between(db: Database, prices: Prices, since: datetime, until: datetime) -> Reckoned | None:
    """What the records that failed in a time, or were found lost in it, have cost; None where no
    price of a record is set. Days that were counted tell it when their runs have been forgotten."""
    own = {flow: each for flow, each in prices.by_flow.items() if each.record is not None}
    if not own:
        return None
    failed = failed_between(db, own.keys(), since, until)
    lost = lost_by_flow(lost_between(db, since, until))
    items = (
        Item(price=price, failed=failed.get(flow_id, NONE_FAILED), lost=lost.get(flow_id, 0))
        for flow_id, price in own.items()
        if flow_id in failed or flow_id in lost
    )
    return Reckoned(items=tuple(items), currency=prices.currency)


def say_cost(cost: Reckoned, *, whose: bool = True) -> str:
    """ "about GBP 240: 12 failed records at GBP 20 each, as set for this flow"; "at least", where
    failed runs did not say how many records they concern. Not `whose`: without the flows."""
    if not cost.amount:
        return f"not known: {_untold(cost.untold)}" if cost.untold else ""
    how = "at least" if cost.untold else "about"
    parts = [*_records(cost), *_hours(cost)]
    flows = "this flow" if len(cost.items) == 1 else f"{len(cost.items)} flows"
    said = f"{how} {say_money(cost.amount, cost.currency)}: {', '.join(parts)}"
    said += f", as set for {flows}" if whose else ""
    return f"{said}; {_untold(cost.untold)}" if cost.untold else said


def say_amount(cost: Reckoned) -> str:
    """ "GBP 240", or "at least GBP 240" where failed runs did not say how many records."""
    return f"{'at least ' if cost.untold else ''}{say_money(cost.amount, cost.currency)}"


def say_money(amount: Decimal, currency: str) -> str:
    """ "GBP 20", "GBP 0.35", "GBP 1,240"; from a hundred on without pence."""
    step = WHOLE if amount >= ROUND_FROM else CENT
    shown = f"{amount.quantize(step, ROUND_HALF_UP):,}".removesuffix(".00")
    return f"{currency} {shown}".strip()


def flow_of(alert: Alert) -> str:
    """The id of the flow that an alert is about, "" where it is about none."""
    told = alert.facts.get("flow_id")
    return str(told) if told else alert.subject.id if alert.subject.kind == "flow" else ""


def _records(cost: Reckoned) -> Iterable[str]:
    told = [each for each in cost.items if each.price.record is not None]
    told = [each for each in told if each.failed.records or each.lost]
    if told:
        failed, lost = sum(each.failed.records for each in told), sum(each.lost for each in told)
        at = _at({each.price.record for each in told}, cost.currency, " each")
        yield f"{_number(failed, lost)}{at}"


def _number(failed: int, lost: int) -> str:
    """ "12 failed records and 3 that did not arrive" """
    if not lost:
        return say_count(failed, "failed record")
    if not failed:
        return f"{say_count(lost, 'record')} that did not arrive"
    return f"{say_count(failed, 'failed record')} and {lost:,} that did not arrive"


def _hours(cost: Reckoned) -> Iterable[str]:
    told = [each for each in cost.items if each.price.hour is not None and each.delay]
    if told:
        length = say_duration(sum((each.delay for each in told), timedelta(0)))
        yield f"{length}{_at({each.price.hour for each in told}, cost.currency, ' an hour')}"


def _at(prices: Iterable[Decimal | None], currency: str, each: str) -> str:
    """Nothing where flows differ: one price would be wrong for some."""
    known = [price for price in prices if price is not None]
    return f" at {_exactly(known[0], currency)}{each}" if len(known) == 1 else ""


def _exactly(price: Decimal, currency: str) -> str:
    """A price as it was set."""
    shown = f"{price:,f}"
    shown = shown.rstrip("0").rstrip(".") if "." in shown and not price % 1 else shown
    return f"{currency} {shown}".strip()


def _untold(runs: int) -> str:
    return f"{say_count(runs, 'failed run')} did not say how many records"


def _losses(alerts: Iterable[Alert]) -> Iterator[Loss]:
    for alert in alerts:
        records, flow_id = number(alert.facts.get(LOST)), flow_of(alert)
        if flow_id and records:
            yield Loss(flow_id=flow_id, way=(alert.check, alert.subject.id), records=records)


def _delay(flow_id: str, alerts: Iterable[Alert], until: datetime) -> timedelta:
    """How long a flow did not serve: alerts that overlap count once."""
    told = sorted(
        (began(alert), alert.cleared_at or until)
        for alert in alerts
        if alert.level is Level.BREACH and flow_of(alert) == flow_id
    )
    delay, reached = timedelta(0), None
    for since, end in told:
        begin = since if reached is None else max(since, reached)
        delay += max(timedelta(0), end - begin)
        reached = end if reached is None else max(reached, end)
    return delay
