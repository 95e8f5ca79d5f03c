"""What people changed before an incident opened, in one line: where its cause may be."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.model import Alert
from bot.inventory import Inventory
from bot.slack.render.text import foreign, lasted
from checks.runs import Changed

BEFORE = timedelta(hours=24)
BEFORE_QUEUE = timedelta(hours=2)
NAMED = 2
WHAT = 120
WHO = 60
WHY = 160
FLOW_FACTS = ("flow_id", "blocking_flow_id", "heaviest_flow_id")
NOT_READ = "What changed before it is not known yet."
NO_PLACE = "What changed there before it is not known."
NOTHING = "Nothing is known to have changed in the 24 h before."
NOT_KEPT = "What changed before it is no longer known."


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What an incident is about, as Patchworks knows it; `queue` stands for any flow."""

    flows: frozenset[str]
    instances: frozenset[str]
    queue: bool

    def names(self, change: Changed) -> bool:
        """Whether it was a change of one of these flows or instances."""
        return change.flow_id in self.flows or change.instance_id in self.instances

    def matches(self, change: Changed, gap: timedelta) -> bool:
        """Whether a change so long before may have to do with it."""
        if self.names(change):
            return gap <= BEFORE
        return self.queue and bool(change.flow_id) and gap <= BEFORE_QUEUE


def changed_before(
    alerts: Sequence[Alert], opened_at: datetime, inventory: Inventory | None, now: datetime
) -> str:
    """One line of mrkdwn for an incident that opened then; what came later is no cause."""
    if inventory is None:
        return NOT_READ
    concern = concern_of(alerts, inventory)
    found = [
        change
        for change in inventory.changes
        if change.at <= opened_at and concern.matches(change, opened_at - change.at)
    ]
    if found:
        found.sort(key=lambda change: change.at, reverse=True)
        return _line(found, opened_at, inventory)
    kept_since = now - inventory.changes_of if inventory.changes_of else None
    return _none_found(concern, kept_since is None or opened_at - BEFORE >= kept_since, inventory)


def done_before_end(
    alerts: Sequence[Alert], opened_at: datetime, ended_at: datetime, inventory: Inventory | None
) -> str:
    """One line of mrkdwn about the last that people changed of what it concerns while it was open:
    it may have ended for that; "" when nothing is known."""
    concern = concern_of(alerts, inventory) if inventory else None
    found = [
        change
        for change in (inventory.changes if inventory else ())
        if opened_at < change.at <= ended_at and concern and concern.names(change)
    ]
    if inventory is None or not found:
        return ""
    last = max(found, key=lambda change: change.at)
    return f"Done {lasted(last.at, ended_at)} before it cleared: {say_change(last, inventory)}."


def concern_of(alerts: Sequence[Alert], inventory: Inventory) -> Concern:
    """The flows and instances of all its alerts, with the instances that those flows call."""
    flows = frozenset(each for alert in alerts for each in _flow_ids(alert))
    called = {each for flow in inventory.flows if flow.id in flows for each in flow.instance_ids}
    own = {each for alert in alerts for each in _instance_ids(alert, inventory)}
    queue = any(alert.subject.kind == "queue" for alert in alerts)
    return Concern(flows=flows, instances=frozenset(called | own), queue=queue)


def say_change(change: Changed, inventory: Inventory) -> str:
    """ "Deployed Orders to NetSuite by Tom Reyes"; names what was changed where that is missing."""
    what = foreign(change.what, WHAT) or "Changed"
    name = _name_of(change, inventory)
    about = "" if name.casefold() in change.what.casefold() else f" ({foreign(name, WHO)})"
    by = f" by {foreign(change.who, WHO)}" if change.who else ""
    return f"{what[:1].upper()}{what[1:]}{about}{by}"


def _none_found(concern: Concern, kept: bool, inventory: Inventory) -> str:
    """That nothing changed is said only where it would have been seen."""
    if not (concern.queue or concern.flows or concern.instances):
        return NO_PLACE
    if inventory.changes_blind:
        return f"What changed cannot be read ({foreign(inventory.changes_blind, WHY).rstrip('.')})."
    return NOTHING if kept else NOT_KEPT


def _line(found: Sequence[Changed], opened_at: datetime, inventory: Inventory) -> str:
    named = [
        f"{say_change(change, inventory)}, {lasted(change.at, opened_at)} before"
        for change in found[:NAMED]
    ]
    more = f", and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    return f"Changed before it: {'; '.join(named)}{more}."


def _flow_ids(alert: Alert) -> Iterator[str]:
    if alert.subject.kind == "flow":
        yield alert.subject.id
    yield from (str(alert.facts[key]) for key in FLOW_FACTS if alert.facts.get(key))


def _instance_ids(alert: Alert, inventory: Inventory) -> Collection[str]:
    """Of a system: those that the check names, else those of its kind."""
    told = f"{alert.facts.get('instance_ids') or ''} {alert.facts.get('instance_id') or ''}"
    found = {each for each in re.split(r"[,;\s]+", told) if each}
    if alert.subject.kind == "instance":
        found.add(alert.subject.id)
    if alert.subject.kind == "pool":
        members = [pool.instance_ids for pool in inventory.pools if pool.id == alert.subject.id]
        found.update(*members)
    kind = alert.facts.get("system_kind")
    if not found and kind and alert.subject.kind == "system":
        found.update(each for each, known in inventory.kinds.items() if known == kind)
    return found


def _name_of(change: Changed, inventory: Inventory) -> str:
    flows = (flow.name for flow in inventory.flows if flow.id == change.flow_id)
    instances = (each.name for each in inventory.instances if each.id == change.instance_id)
    return next(flows, "") or next(instances, "")
