"""What the check of reconciliation is given, from the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from bot.allowances import instances_by_name, instances_of
from bot.inventory import Inventory
from bot.reconcile_settings import ReconcileSettings
from bot.settings import Settings
from bot.store import Database, reconciliations
from bot.store.failed_records import failed_records
from checks.reconcile.evidence import Compared, ReconcileEvidence
from checks.runs import Flow

LONGER = timedelta(days=1)
"""So long after the last look at a period it is still judged, so that its end is told."""


def reconcile_evidence(
    db: Database, settings: Settings, stock: Inventory | None, now: datetime
) -> ReconcileEvidence:
    """The newest period of every pairing of the settings, and those that were ever not whole, as
    long as they are looked at again."""
    kept_for = {each.name: each.look_again_for + LONGER for each in settings.reconcile}
    if not kept_for:
        return ReconcileEvidence(zone=settings.estate.zone)
    found = reconciliations.newest(db, now - max(kept_for.values()))
    compared = tuple(
        each.compared
        for each in found
        if now - each.compared.until <= kept_for.get(each.compared.pair, -LONGER)
    )
    flows = _flows(settings, stock) if stock is not None else {}
    return ReconcileEvidence(
        compared=compared,
        zone=settings.estate.zone,
        flows=flows,
        failed=dict(_failed(db, compared, flows)),
    )


def _failed(
    db: Database, compared: Iterable[Compared], flows: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[int, int]]:
    """By the number of a reconciliation in which records were missing: how many of them may be
    those of failed runs, which are told and counted as failed."""
    for each in compared:
        flow = flows.get(each.pair)
        if flow is not None and each.never_arrived and each.differed_at is not None:
            told = failed_records(db, {flow[0]}, (), each.since, each.differed_at)
            yield each.id, sum(failed.records for failed in told.values())


def _flows(settings: Settings, stock: Inventory) -> Mapping[str, tuple[str, str]]:
    """The id and name of the flow that carries a pairing's records, by the pairing's name."""
    known = instances_by_name(stock)
    instances = {each.name: instances_of(each, known) for each in settings.system}
    found: dict[str, tuple[str, str]] = {}
    for pair in settings.reconcile:
        flows = [flow for flow in stock.flows if _carries(flow, pair, instances)]
        if len(flows) == 1:
            found[pair.name] = (flows[0].id, flows[0].name)
    return found


def _carries(flow: Flow, pair: ReconcileSettings, instances: Mapping[str, tuple[str, ...]]) -> bool:
    """By the settings; else whether it calls an instance of the source before one of the target."""
    if pair.flow:
        return pair.flow.casefold() in (flow.name.casefold(), flow.id.casefold())
    calls = flow.instance_ids
    taken, brought = (
        [calls.index(each) for each in instances.get(system, ()) if each in calls]
        for system in (pair.source.system, pair.target.system)
    )
    return bool(taken and brought) and min(taken) < max(brought)
