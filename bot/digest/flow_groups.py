"""How the runs of flows went, by the group that the settings name, or by the system that they bring
records to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.costs import flow_of
from bot.digest.facts import Group
from bot.digest.measures import Went, went_of
from bot.digest.period import Period
from bot.flow_settings import FlowSettings, by_flow
from bot.incidents.model import Alert
from bot.inventory import Inventory
from bot.store import Database
from bot.store.run_days import Ended, ended_runs, share_known
from checks.runs import Flow, RunStatus

OTHERS = "other flows"
NOTHING_OPEN: Mapping[int, Sequence[Alert]] = {}
ENOUGH = 0.5
"""With less of a time known, it is not compared with."""


def flow_groups(
    db: Database,
    period: Period,
    now: datetime,
    inventory: Inventory | None,
    told: Sequence[FlowSettings] = (),
    standing: Mapping[int, Sequence[Alert]] = NOTHING_OPEN,
) -> tuple[Group, ...]:
    """Every group of which a run has ended in the period, the least well first. `standing` are the
    alerts of each incident that is open at its end."""
    since, until = period.before()
    known = share_known(db, since, until) >= ENOUGH
    names = group_names(inventory, told)
    went = _by_group(ended_runs(db, period.since, min(period.until, now)), names)
    before = _by_group(ended_runs(db, since, until), names) if known else {}
    troubled = _troubled(standing, inventory, names)
    found = [
        Group(
            name=name,
            flows=len(tally.flows),
            went=tally.went,
            before=before[name].went if name in before else None,
            standing=len(troubled.get(name, ())),
        )
        for name, tally in went.items()
    ]
    return tuple(sorted(found, key=_order))


def group_names(
    inventory: Inventory | None, told: Sequence[FlowSettings] = ()
) -> Mapping[str, str]:
    """By flow id: its group by the settings, else what the instance is called that its last step
    calls."""
    if inventory is None:
        return {}
    instances = {each.id: each.name or each.system for each in inventory.instances}
    targets = {flow.id: _target(flow) for flow in inventory.flows}
    called = {
        flow_id: instances[target]
        for flow_id, target in targets.items()
        if target is not None and instances.get(target)
    }
    own = by_flow(told, inventory.flows)
    return called | {flow_id: each.group for flow_id, each in own.items() if each.group}


def _troubled(
    standing: Mapping[int, Sequence[Alert]], inventory: Inventory | None, names: Mapping[str, str]
) -> dict[str, set[int]]:
    """By group: the incidents about a flow of it, or about an instance that one of its flows
    calls."""
    callers: defaultdict[str, set[str]] = defaultdict(set)
    for flow in inventory.flows if inventory else ():
        for instance_id in flow.instance_ids:
            callers[instance_id].add(flow.id)
    found: defaultdict[str, set[int]] = defaultdict(set)
    for number, alerts in standing.items():
        for flow_id in {each for alert in alerts for each in _flows(alert, callers)}:
            found[names.get(flow_id, OTHERS)].add(number)
    return found


def _flows(alert: Alert, callers: Mapping[str, set[str]]) -> Iterator[str]:
    if alert.cleared_at is None:
        if own := flow_of(alert):
            yield own
        else:
            yield from callers.get(str(alert.facts.get("instance_id")), ())


def _target(flow: Flow) -> str | None:
    return flow.steps[-1].instance_id if flow.steps else None


@dataclass(slots=True)
class Tally:
    """How the runs of a group went, while they are being counted: a large week has a million."""

    flows: set[str] = field(default_factory=set)
    ended: defaultdict[RunStatus, int] = field(default_factory=lambda: defaultdict(int))
    seconds: defaultdict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def went(self) -> Went:
        return went_of(self.ended, self.seconds)


def _by_group(rows: Iterable[Ended], names: Mapping[str, str]) -> dict[str, Tally]:
    found: dict[str, Tally] = {}
    for flow_id, status, seconds, count in rows:
        name = names.get(flow_id, OTHERS)
        tally = found.get(name)
        if tally is None:
            tally = found[name] = Tally()
        tally.flows.add(flow_id)
        tally.ended[status] += count
        if status is RunStatus.SUCCESS:
            tally.seconds[seconds] += count
    return found


def _order(group: Group) -> tuple[object, ...]:
    share = group.went.share
    return not group.standing, share is None, share or 0.0, -group.went.runs, group.name
