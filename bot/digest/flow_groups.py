"""How the runs of flows went, by the system that they bring records to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.digest.facts import Group
from bot.digest.measures import Went, together, went_of
from bot.digest.period import Period
from bot.inventory import Inventory
from bot.store import Database
from bot.store.covered import share_covered
from bot.store.digest import ended_runs
from checks.runs import Flow, RunStatus

OTHERS = "other flows"
ENOUGH = 0.5
"""With less of a time known, it is not compared with."""


def flow_groups(
    db: Database, period: Period, now: datetime, inventory: Inventory | None
) -> tuple[Group, ...]:
    """Every group of which a run has ended in the period, the least well first."""
    since, until = period.before()
    known = share_covered(db, since, until) >= ENOUGH
    names = group_names(inventory)
    went = _by_group(ended_runs(db, period.since, min(period.until, now)), names)
    before = _by_group(ended_runs(db, since, until), names) if known else {}
    found = [
        Group(
            name=name,
            flows=len(flows),
            went=together(flows.values()),
            before=together(before[name].values()) if name in before else None,
        )
        for name, flows in went.items()
    ]
    return tuple(sorted(found, key=_order))


def group_names(inventory: Inventory | None) -> Mapping[str, str]:
    """By flow id: what the instance is called that a flow's last step calls."""
    if inventory is None:
        return {}
    instances = {each.id: each.name or each.system for each in inventory.instances}
    targets = {flow.id: _target(flow) for flow in inventory.flows}
    return {
        flow_id: instances[target]
        for flow_id, target in targets.items()
        if target is not None and instances.get(target)
    }


def _target(flow: Flow) -> str | None:
    return flow.steps[-1].instance_id if flow.steps else None


def _by_group(
    rows: Iterable[tuple[str, RunStatus, int, int]], names: Mapping[str, str]
) -> dict[str, dict[str, Went]]:
    """How each flow of each group went."""
    counted: dict[str, list[tuple[RunStatus, int, int]]] = {}
    for flow_id, status, seconds, count in rows:
        counted.setdefault(flow_id, []).append((status, seconds, count))
    found: dict[str, dict[str, Went]] = {}
    for flow_id, told in counted.items():
        found.setdefault(names.get(flow_id, OTHERS), {})[flow_id] = went_of(told)
    return found


def _order(group: Group) -> tuple[object, ...]:
    share = group.went.share
    return share is None, share or 0.0, -group.went.runs, group.name
