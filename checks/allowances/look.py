"""One allowance put beside the refusals that it answers for; how full it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.allowances.policy import Policy
from checks.declare import Shape, Whose
from checks.failures import FlowRuns, InstanceName
from checks.limits import Allowance, LimitEvidence, Pace
from checks.refusals import Refused, refused

OWN_CALLS = "platform/main/api"
KINDS = ("system", "instance", "pool", "platform")
HELD_RUNS = 3
USUAL_RUNS = 20  # with fewer, one slow run makes its own usual
SHORTEST = timedelta(seconds=0.1)  # twice of less than this is noise
FEWEST_INSTANCES = 4
BUCKETS = frozenset({Shape.LEAKY_BUCKET, Shape.POINTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a round knows about one allowance.

    `refusals` are those that this allowance tells of, `flows` those that use the instances that it
    speaks for, `elsewhere` that refusals of an instance of it are told under another allowance.
    `own_refused` counts the bot's own refused calls of the last hour, None where this is not the
    allowance that they spend. `slow_everywhere`: most instances have slowed, or may have,
    because the platform is full. `blind` says why the
    runs could not be read, "" when they could.
    """

    allowance: Allowance
    refusals: tuple[Refused, ...] = ()
    flows: tuple[FlowRuns, ...] = ()
    elsewhere: bool = False
    own_refused: int | None = None
    slow_everywhere: bool = False
    blind: str = ""

    @property
    def sees_refusals(self) -> bool:
        """Whether a refusal would come to our eyes."""
        return self.own_refused is not None or bool(self.allowance.instance_ids)


def looks(evidence: LimitEvidence, policy: Policy, now: datetime) -> tuple[Look, ...]:
    """One look an allowance, by id, those of `refusals_alone` among them."""
    limits = sorted((*evidence.limits, *refusals_alone(evidence, now)), key=lambda each: each.id)
    around = _Around(
        spoken_by=speakers(limits),
        refused=refused(evidence.failures, now, policy.within),
        callers=_callers(evidence.failures.flows),
        slow_everywhere=evidence.queue_was_full
        or is_slow_everywhere(evidence.limits, policy.slower),
        blind=evidence.failures.blind,
    )
    own = evidence.own_calls_refused
    return tuple(_look(limit, around, own if limit.id == OWN_CALLS else None) for limit in limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What every look is taken from, by instance id."""

    spoken_by: Mapping[str, str]
    refused: Mapping[str, Refused]
    callers: Mapping[str, Sequence[FlowRuns]]
    slow_everywhere: bool
    blind: str


def is_slow(pace: Pace, slower: float) -> bool:
    """Whether an operation takes so many times what 19 in 20 usually stay under."""
    known = pace.runs >= HELD_RUNS and pace.usual.count >= USUAL_RUNS
    return known and pace.lately > slower * max(pace.usual.p95, SHORTEST).total_seconds()


def is_slow_everywhere(limits: Iterable[Allowance], slower: float) -> bool:
    """Whether half of the instances or more have slowed: then the reason lies with the platform,
    or with how much there is to do, and with no limit of a single system. It takes four instances
    to tell, since a flow slows both that it calls."""
    paces = {each: limit.pace for limit in limits if limit.pace for each in limit.instance_ids}
    slow = sum(is_slow(pace, slower) for pace in paces.values())
    return len(paces) >= FEWEST_INSTANCES and 2 * slow >= len(paces)


def _callers(flows: Iterable[FlowRuns]) -> Mapping[str, Sequence[FlowRuns]]:
    found: dict[str, list[FlowRuns]] = defaultdict(list)
    for flow in sorted(flows, key=lambda flow: flow.flow_id):
        for instance in set(flow.instance_ids):
            found[instance].append(flow)
    return found


def _look(limit: Allowance, around: _Around, own_refused: int | None) -> Look:
    ids = set(limit.instance_ids)
    ours = {each for each in ids if around.spoken_by.get(each) == limit.id}
    turned_away = around.refused.keys()
    callers = {flow.flow_id: flow for each in ours for flow in around.callers.get(each, ())}
    return Look(
        allowance=limit,
        refusals=tuple(around.refused[each] for each in sorted(ours & turned_away)),
        flows=tuple(callers[key] for key in sorted(callers)),
        elsewhere=bool((ids - ours) & turned_away),
        own_refused=own_refused,
        slow_everywhere=around.slow_everywhere,
        blind=around.blind,
    )


def speakers(limits: Iterable[Allowance]) -> Mapping[str, str]:
    """Which allowance tells of an instance's refused and held runs: instance id -> allowance id.

    Nothing in a refusal says which of several allowances ran out, so it is laid to the fullest; of
    equals to the system's own before the platform's, because the platform holds back and does not
    refuse. Laid to exactly one, one fault is one incident. One that can never be called well does
    not speak, since the incident could not close.
    """
    found: dict[str, str] = {}
    for limit in sorted(filter(_can_be_well, limits), key=_precedence):
        for instance in limit.instance_ids:
            found.setdefault(instance, limit.id)
    return found


def _can_be_well(limit: Allowance) -> bool:
    """By its use, or where it has no size by refusals alone."""
    return not limit.size or bool(_shares(limit))


def _precedence(limit: Allowance) -> tuple[bool, float, int, str]:
    """A pool comes last however full it seems: it joins systems that have nothing in common."""
    kind = kind_of(limit)
    place = KINDS.index(kind) if kind in KINDS else len(KINDS)
    return (kind == "pool", -max(_shares(limit), default=0.0), place, limit.id)


def _shares(limit: Allowance) -> list[float]:
    told = (share_now(limit), limit.worst) if is_platforms(limit) else ()
    return [share for share in told if share is not None]


def refusals_alone(evidence: LimitEvidence, now: datetime) -> Iterator[Allowance]:
    """One of unknown size for each instance of which no allowance can speak, so that no refusal
    goes untold; its condition is "refusals"."""
    spoken = speakers(evidence.limits)
    failures = evidence.failures
    callers = _callers(failures.flows)
    for instance in sorted(_called(failures.flows) - spoken.keys()):
        name = failures.instances.get(instance) or InstanceName(id=instance, name="")
        yield Allowance(
            id=f"instance/{instance}/refusals",
            system=name.system or name.name or f"instance {instance}",
            name="calls",
            shape=Shape.UNREADABLE,
            unit="calls",
            at=now,
            instance_ids=(instance,),
            system_kind=name.kind,
            time_sensitive=any(flow.time_sensitive for flow in callers.get(instance, ())),
        )


def _called(flows: Iterable[FlowRuns]) -> set[str]:
    """The instances that a flow calls, or that a failure names."""
    found = {each for flow in flows for each in flow.instance_ids}
    found |= {failure.instance_id for flow in flows for failure in flow.failures}
    return found - {""}


def kind_of(limit: Allowance) -> str:
    """The first part of its id: system, instance, pool or platform."""
    return limit.id.partition("/")[0]


def is_platforms(limit: Allowance) -> bool:
    """Whether `used` says how the platform stands: a system's bucket for our own credential does
    not. Of Patchworks' own API our use is all that we know, and a part of everybody's."""
    return limit.derived or limit.whose is not Whose.OWN or kind_of(limit) != "system"


def share_now(limit: Allowance) -> float | None:
    """Used as a share of size; None where either is not known. A size of 0 is no size."""
    return limit.used / limit.size if limit.used is not None and limit.size else None


def is_lasting(limit: Allowance, bursts: timedelta) -> bool:
    """Whether one look that finds it full means that it stays full for a while."""
    if limit.shape is Shape.CONCURRENCY:
        return True
    return limit.per is not None and limit.per > bursts


def is_momentary(limit: Allowance, bursts: timedelta) -> bool:
    """Whether it refills so fast that one look at it says nothing."""
    if limit.shape in BUCKETS:
        return limit.per is None or limit.per <= bursts
    return limit.per is not None and limit.per < bursts


def has_started_anew(limit: Allowance, bursts: timedelta, now: datetime) -> bool:
    """Whether the long window that was looked at has ended since, so that its use is history."""
    ended = limit.resets_at is not None and limit.at < limit.resets_at <= now
    return ended and is_lasting(limit, bursts) and limit.shape is not Shape.CONCURRENCY


def fullest(limit: Allowance, bursts: timedelta) -> float | None:
    """The share that a warning goes by; None where the platform's use is not known.

    Now, for what lasts; the fullest window of the last hour, for what refills in a moment; the
    larger of the two for a window in between, since a look falls anywhere in it.
    """
    if not is_platforms(limit):
        return None
    if is_lasting(limit, bursts):
        return share_now(limit)
    if is_momentary(limit, bursts):
        return limit.worst
    known = [share for share in (share_now(limit), limit.worst) if share is not None]
    return max(known, default=None)
