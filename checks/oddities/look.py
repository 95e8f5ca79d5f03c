"""Flows as looked at; those that are slow together, by what they share, are told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from checks.failures import FlowRuns, InstanceName
from checks.flow_runs.trouble import name_of
from checks.oddities.evidence import FlowHours, OddEvidence
from checks.oddities.policy import Policy
from checks.oddities.strength import Strength
from checks.words import flow_name

MOST = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One flow as looked at: what is known of it, its hours, and how odd they are."""

    flow: FlowRuns
    hours: FlowHours
    slow: Strength
    failing: Strength

    @property
    def name(self) -> str:
        return flow_name(self.flow.flow_id, self.flow.flow_name)

    @property
    def is_known(self) -> bool:
        """Whether it can be set against anything usual."""
        return self.hours.slow is not None or self.hours.failing is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """An instance and those of its `flows` known flows that are slow; no `looks` when they are too
    few to blame it."""

    instance: InstanceName
    flows: int
    looks: tuple[Look, ...]

    @property
    def name(self) -> str:
        return name_of(self.instance)


def slow_together(
    looks: Sequence[Look], evidence: OddEvidence, policy: Policy
) -> tuple[Together, ...]:
    """Every instance that enough known flows use, by its id.

    A slow flow counts for the instance with the largest share of slow flows alone: the twelve flows
    that pass from one slow system to twelve others make one trouble.
    """
    found: dict[str, Together] = {}
    taken: set[str] = set()
    for instance_id in _by_share(looks):
        flows = [look for look in looks if instance_id in look.flow.instance_ids]
        slow = [look for look in flows if look.slow.is_odd and look.flow.flow_id not in taken]
        blamed = len(slow) >= policy.together and len(slow) > MOST * len(flows)
        if blamed:
            taken.update(look.flow.flow_id for look in slow)
        if len(flows) >= policy.together:
            instance = evidence.failures.instances.get(instance_id)
            found[instance_id] = Together(
                instance=instance or InstanceName(id=instance_id, name=""),
                flows=len(flows),
                looks=tuple(slow) if blamed else (),
            )
    return tuple(found[each] for each in sorted(found))


def shared(look: Look, together: Sequence[Together]) -> str:
    """Which slow instance explains that a flow is slow; "" when none does."""
    for each in together:
        if any(slow.flow.flow_id == look.flow.flow_id for slow in each.looks):
            return f"the slowness of {each.name}"
    return ""


def _by_share(looks: Sequence[Look]) -> list[str]:
    """All instances of the flows; the one with the largest share of slow flows first."""
    slow: dict[str, int] = {}
    flows: dict[str, int] = {}
    for look in looks:
        for each in set(look.flow.instance_ids):
            flows[each] = flows.get(each, 0) + 1
            slow[each] = slow.get(each, 0) + look.slow.is_odd
    return sorted(flows, key=lambda each: (-slow[each] / flows[each], -slow[each], each))
