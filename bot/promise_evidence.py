"""What the check on promises is given: how each flow that promises something has served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.flow_settings import FlowSettings, by_flow
from bot.inventory import Inventory
from bot.kept import Kept as Remembered
from bot.served import before, served_since
from bot.store import Database, covered, incidents
from checks.promises.budget import LATELY
from checks.promises.model import Kept, Promise, PromiseEvidence, Served
from checks.runs import Flow

SERVED_EVERY = timedelta(minutes=5)
BEFORE_EVERY = timedelta(hours=1)
OF_FLOW = {
    "failing_flow": "its failing runs",
    "odd_flow": "its being odd",
    "stalled_queue": "its waiting in the queue",
}
OF_SYSTEM = {"token_expiry": "the credential", "rate_limit": "the allowance"}
"""By the name of a check, in words, what it tells of a flow and of a system that the flow uses."""
Told = Mapping[tuple[str, str, str], int]
"""The open incident of each check, by check, kind and id of its subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What is dear to work out, kept from round to round."""

    served: Remembered[Mapping[str, Kept]] = field(default_factory=lambda: Remembered(SERVED_EVERY))
    before: Remembered[Mapping[str, Served | None]] = field(
        default_factory=lambda: Remembered(BEFORE_EVERY)
    )


def promise_evidence(
    db: Database,
    told: tuple[FlowSettings, ...],
    stock: Inventory | None,
    habits: Habits,
    blind: str,
    now: datetime,
) -> PromiseEvidence:
    """`told` are the `[[flow]]` sections; `blind` says why runs were not read in this round."""
    promised = dict(_promised(told, stock))
    if not promised:
        return PromiseEvidence(blind=blind)
    usual = habits.before.take(now, lambda: _before(db, promised, now))
    kept = habits.served.take(now, lambda: _kept(db, promised, usual, now))
    standing = _standing(db)
    return PromiseEvidence(
        flows=tuple(
            replace(kept[flow.id], told=told_elsewhere(flow, standing))
            for flow, _, _ in promised.values()
            if flow.id in kept
        ),
        blind=blind,
    )


def told_elsewhere(flow: Flow, standing: Told) -> str:
    """Which open incident tells of a flow's trouble already, in words; "" when none does."""
    for check, words in OF_FLOW.items():
        if number := standing.get((check, "flow", flow.id)):
            return f"{words} (#{number})"
    if number := standing.get(("stalled_queue", "queue", "main")):
        return f"the stalled queue (#{number})"
    for check, words in OF_SYSTEM.items():
        for instance_id in flow.instance_ids:
            if number := standing.get((check, "instance", instance_id)):
                return f"{words} of its system (#{number})"
    return ""


Promised = Mapping[str, tuple[Flow, Promise, bool]]
"""By flow id: the flow, its promise, and whether it is time-sensitive."""


def _promised(
    told: tuple[FlowSettings, ...], stock: Inventory | None
) -> Iterator[tuple[str, tuple[Flow, Promise, bool]]]:
    if stock is None or not any(each.promise for each in told):
        return
    settings = by_flow(told, stock.flows)
    for flow in stock.flows:
        own = settings.get(flow.id)
        if own is not None and own.promise is not None and flow.deployed is not False:
            yield flow.id, (flow, own.promise.promise(), own.time_sensitive)


def _kept(
    db: Database, promised: Promised, usual: Mapping[str, Served | None], now: datetime
) -> Mapping[str, Kept]:
    found = {}
    for flow_id, (flow, promise, from_queue) in promised.items():
        since, recent = now - promise.over, now - LATELY * promise.over
        whole = served_since(db, flow_id, since, now, from_queue=from_queue)
        lately = served_since(db, flow_id, recent, now, from_queue=from_queue)
        found[flow_id] = Kept(
            flow_id=flow_id,
            flow_name=flow.name,
            promise=promise,
            served=whole,
            lately=replace(lately, waiting=whole.waiting),  # what hangs now is late now
            before=usual.get(flow_id),
            known=covered.share_covered(db, since, now),
            from_queue=from_queue,
        )
    return found


def _before(db: Database, promised: Promised, now: datetime) -> Mapping[str, Served | None]:
    return {
        flow_id: before(db, flow_id, now - promise.over, from_queue=from_queue)
        for flow_id, (_, promise, from_queue) in promised.items()
    }


def _standing(db: Database) -> Told:
    return {
        (alert.check, alert.subject.kind, alert.subject.id): alert.incident_id
        for alert in incidents.open_alerts(db).values()
    }
