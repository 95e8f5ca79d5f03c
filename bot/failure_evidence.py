"""What the checks of failing flows are given: every flow's newest runs, and why some failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.gather import Gathered
from bot.inventory import Inventory
from bot.settings import Settings
from bot.store import Database, ended_runs, failures
from bot.store.ended_runs import Tally
from bot.values import sayings_of
from checks.classify import GENERAL, read_failure
from checks.declare import Saying
from checks.failures import Failure, FailureEvidence, FlowRuns, InstanceName
from checks.matching import kinds_of
from checks.runs import Flow, Instance, Run
from checks.systems import all_connectors

NEWEST = 20
LOOKS_BACK = timedelta(days=7)
MOST_FAILURES = 200
TALLY_EVERY = timedelta(minutes=10)


class Tallies:
    """How each flow's older runs went: a look at every run, so it is taken now and then."""

    def __init__(self) -> None:
        self._taken_at: datetime | None = None
        self._tallies: Mapping[str, Tally] = {}
        self._last_good: Mapping[str, Run] = {}

    def take(self, db: Database, now: datetime) -> tuple[Mapping[str, Tally], Mapping[str, Run]]:
        if self._taken_at is None or now - self._taken_at >= TALLY_EVERY:
            self._taken_at = now
            self._tallies = ended_runs.tallies(db, now)
            self._last_good = ended_runs.last_good(db)
        return self._tallies, self._last_good


def kinds(settings: Settings, instances: Iterable[Instance]) -> dict[str, str]:
    """The kind of connector of each instance: as the settings say, else by its system's name."""
    declared = {
        name.casefold(): system.connector.kind
        for system in settings.system
        for name in system.instances
    }
    connectors, found = all_connectors(), {}
    for instance in instances:
        told = declared.get(instance.name.casefold()) or declared.get(instance.id)
        guessed = kinds_of(instance.system or instance.name, connectors)
        found[instance.id] = told or (guessed[0] if guessed else "")
    return found


def remember_failures(
    db: Database, gathered: Gathered, inventory: Inventory | None, settings: Settings
) -> None:
    """Store why runs failed whose logs were read; inside a write transaction."""
    flows = {flow.id: flow for flow in inventory.flows} if inventory else {}
    by_instance = _sayings(settings, inventory)
    general = (*sayings_of(settings.patchworks.sayings), *GENERAL)
    found = []
    for log in gathered.logs:
        flow = flows.get(log.run.flow_id)
        steps = flow.steps if flow else ()
        failure = read_failure(log.run, log.lines, steps, by_instance, general)
        if failure is not None:
            found.append(failure)
    failures.save_failures(db, found)


def failure_evidence(
    db: Database,
    now: datetime,
    inventory: Inventory | None,
    tallies: Tallies,
    blind: str,
) -> FailureEvidence:
    """Every deployed flow in the inventory, and how it went; `blind`: why runs were not read."""
    if inventory is None:
        return FailureEvidence(flows=(), blind=blind or "the flows have not been read yet")
    newest = ended_runs.newest_ended(db, now - LOOKS_BACK, NEWEST)
    known = failures.failures_since(db, now - LOOKS_BACK)
    before, good = tallies.take(db, now)
    urgent = inventory.time_sensitive
    flows = tuple(
        _flow_runs(flow, newest.get(flow.id, ()), known.get(flow.id, ()), before, good, urgent)
        for flow in inventory.flows
        if flow.deployed is not False
    )
    return FailureEvidence(flows=flows, instances=instance_names(inventory), blind=blind)


def instance_names(inventory: Inventory) -> dict[str, InstanceName]:
    return {
        instance.id: InstanceName(
            id=instance.id,
            name=instance.name,
            system=instance.system,
            kind=inventory.kinds.get(instance.id, ""),
        )
        for instance in inventory.instances
    }


def _flow_runs(
    flow: Flow,
    newest: Sequence[Run],
    known: Sequence[Failure],
    before: Mapping[str, Tally],
    good: Mapping[str, Run],
    urgent: frozenset[str],
) -> FlowRuns:
    """What the tally counted among the newest runs too is taken off, or a bad hour would become
    what is usual."""
    tally = before.get(flow.id, Tally(ended=0, failed=0))
    failed = sum(run.status.value == "failure" for run in newest)
    last = next((run for run in newest if run.status.value == "success"), good.get(flow.id))
    return FlowRuns(
        flow_id=flow.id,
        flow_name=flow.name,
        runs=tuple(newest),
        failures=tuple(known[:MOST_FAILURES]),
        before=max(0, tally.ended - len(newest)),
        before_failed=max(0, tally.failed - failed),
        last_good=last,
        instance_ids=flow.instance_ids,
        time_sensitive=flow.id in urgent,
    )


def _sayings(settings: Settings, inventory: Inventory | None) -> Mapping[str, tuple[Saying, ...]]:
    """By instance id: the operator's own first, then its connector's."""
    connectors = all_connectors()
    own: dict[str, tuple[Saying, ...]] = {}
    for system in settings.system:
        own[system.connector.kind] = (
            *own.get(system.connector.kind, ()),
            *sayings_of(system.sayings),
        )
    kinds_in_use = inventory.kinds if inventory else {}
    return {
        instance_id: (*own.get(kind, ()), *connectors[kind].sayings)
        for instance_id, kind in kinds_in_use.items()
        if kind in connectors
    }
