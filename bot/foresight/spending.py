"""Who spends an allowance minute by minute: read from the calls of the last week or two."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from bot.inventory import Inventory
from bot.settings import Settings
from bot.store import Database
from bot.store.flow_minutes import FlowMinute, flow_minutes, runs_of
from checks.limits import Allowance
from checks.run_queue.policy import Policy
from forecasting.series import Amounts
from forecasting.spending import Spender, Spending

WEEK = timedelta(days=7)
MINUTES = 7 * 24 * 60
HEAVIEST = 8  # flows told one by one; the others are told together


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ledger:
    """The calls that count towards one allowance in the week before `until` (UTC, a full hour)."""

    until: datetime
    minutes: tuple[FlowMinute, ...]

    @property
    def since(self) -> datetime:
        return self.until - WEEK

    @property
    def is_empty(self) -> bool:
        return not self.minutes

    def part(
        self, *, flow_ids: Collection[str] = (), instance_ids: Collection[str] = ()
    ) -> Amounts:
        """By the minute, what these flows called, or what was called of these instances."""
        return _amounts(
            each
            for each in self.minutes
            if each.flow_id in flow_ids or each.instance_id in instance_ids
        )


def read_ledger(db: Database, allowance: Allowance, until: datetime) -> Ledger:
    """Of all instances where the allowance is the platform's own."""
    ids = allowance.instance_ids or None
    return Ledger(until=until, minutes=tuple(flow_minutes(db, until - WEEK, until, ids)))


def read_spending(
    db: Database, ledger: Ledger, inventory: Inventory, settings: Settings
) -> Spending | None:
    """The flows of a ledger, the heaviest first; None where no calls are known."""
    if ledger.is_empty:
        return None
    runs = runs_of(db, ledger.since, ledger.until)
    flows = {flow.id: flow for flow in inventory.flows}
    whole: Counter[str] = Counter()
    for each in ledger.minutes:
        whole[each.flow_id] += each.calls
    ranked = sorted(whole, key=lambda flow_id: (-whole[flow_id], flow_id))
    spenders = [
        Spender(
            id=flow_id,
            name=flows[flow_id].name if flow_id in flows else "",
            amounts=ledger.part(flow_ids={flow_id}),
            schedules=flows[flow_id].schedules if flow_id in flows else (),
            urgent=flow_id in inventory.time_sensitive,
            runs=runs.get(flow_id, 0),
        )
        for flow_id in ranked[:HEAVIEST]
    ]
    return Spending(
        start=ledger.since,
        spenders=tuple(spenders),
        others=ledger.part(flow_ids=set(ranked[HEAVIEST:])),
        zone=settings.estate.zone,
        cron_zone=_cron_zone(settings),
    )


def _cron_zone(settings: Settings) -> ZoneInfo:
    """By whose clock Patchworks reads schedules, as the settings of the queue's check say."""
    policy = settings.policies["stalled_queue"]
    return ZoneInfo(policy.schedule_zone if isinstance(policy, Policy) else "UTC")


def _amounts(minutes: Iterable[FlowMinute]) -> Amounts:
    found = np.zeros(MINUTES)
    for each in minutes:
        found[each.place] += each.calls
    return found
