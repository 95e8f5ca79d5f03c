"""Who is told next and when, while nobody has an incident in hand: pure.

A policy is an ordered list of steps, gone through once and then `repeats` times more; then its
fall-back is told, and told again every so often: an incident is never forgotten because the list
of people is at its end. Nobody reachable at a step means the next step at once (as GoAlert notes
it, and unlike PagerDuty, which opens nothing when nobody is on call:
https://support.pagerduty.com/docs/escalation-policies).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.incidents.model import Severity


class TargetKind(StrEnum):
    PERSON = "person"
    ROTA = "rota"
    GROUP = "group"
    CHANNEL = "channel"
    PAGER = "pager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a step names, as in `rota:integrations`."""

    kind: TargetKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value}:{self.name}"


def read_target(text: str) -> Target:
    """Raises ValueError in one sentence."""
    kind, colon, name = text.partition(":")
    if not colon or kind not in list(TargetKind) or not name.strip():
        kinds = ", ".join(f'"{each.value}:NAME"' for each in TargetKind)
        raise ValueError(f"expected one of {kinds}")
    return Target(kind=TargetKind(kind), name=name.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: `after` so long without anybody, these are told; but only if it is `at_least` so
    grave, and was seen `occurrences` times within `within`. `working_hours`: it waits for them."""

    after: timedelta
    tell: tuple[Target, ...]
    at_least: Severity = Severity.LOW
    working_hours: bool = False
    occurrences: int = 1
    within: timedelta = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`again_after` is the least time before each repetition, and before the fall-back, which is
    told again every `remind_every` (Alertmanager's `repeat_interval` is 4 h as well:
    https://prometheus.io/docs/alerting/latest/configuration/#route)."""

    name: str
    steps: tuple[Step, ...]
    fallback: tuple[Target, ...]
    repeats: int = 1
    again_after: timedelta = timedelta(minutes=15)
    remind_every: timedelta = timedelta(hours=4)

    @property
    def last(self) -> int:
        """The position of the fall-back, after all steps of all rounds; each later position is
        the fall-back told once more, so that no position is ever taken twice."""
        return len(self.steps) * (self.repeats + 1)

    def step_at(self, position: int) -> Step:
        """The step at a position; the fall-back is one that is always told."""
        if position >= self.last:
            return Step(after=self.again_after, tell=self.fallback)
        return self.steps[position % len(self.steps)]

    def delay_before(self, position: int) -> timedelta:
        if position > self.last:
            return self.remind_every
        after = self.step_at(position).after
        begins_anew = position > 0 and (position >= self.last or position % len(self.steps) == 0)
        return max(after, self.again_after) if begins_anew else after

    def name_of(self, position: int) -> str:
        """ "step 2 of 3", "step 2 of 3, round 2", "the fall-back", "the fall-back, 2nd time"."""
        if position >= self.last:
            times = position - self.last + 1
            return f"the fall-back, {_nth(times)} time" if times > 1 else "the fall-back"
        loop, step = divmod(position, len(self.steps))
        again = f", round {loop + 1}" if loop else ""
        return f"step {step + 1} of {len(self.steps)}{again}"

    def why_told(self, position: int, *, asked: bool) -> str:
        """Why a step was told, for those who read it: its place, or that nobody took the incident;
        `asked` says that a person wanted it, who gives a reason of their own."""
        if position < self.last:
            return f"{self.name_of(position)} of {self.name}"
        if asked:
            return self.name_of(position)
        times = position - self.last + 1
        again = f"; told for the {_nth(times)} time" if times > 1 else ""
        return f"nobody has taken it{again}"


def _nth(number: int) -> str:
    """2 -> "2nd"."""
    teens = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """How far a policy has come: the step at `position` is due at `next_at`. The policy is that of
    the incident's opening, whatever the settings say since. None: nothing is due, for `stopped`."""

    policy: Policy | None
    position: int = 0
    next_at: datetime | None = None
    stopped: str = ""


NOT_SET = "no escalation policy is set for it"
LOW = "low severity pages nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A way to one recipient: `slack` a person's user id, `group` a user group's, `channel` a
    destination of the outbox, `pager` one of the pagers. `name` is what people read."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a step needs to know of the moment: how grave it is, how often it was seen of late, who
    can be reached now, when work begins again (now, while it is on), and whether a person asks for
    it: then no step waits, neither for the hours of work nor for its delay. `passed` says why one
    who can be reached is left out, as in "who was already told"; "" for the others."""

    severity: Severity
    seen_within: Callable[[timedelta], int]
    reach: Callable[[Target], Sequence[Address]]
    work_begins: Callable[[datetime], datetime]
    asked: bool = False
    passed: Callable[[Address], str] = lambda _: ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The step at `position` was taken: these are told. `unreached` are targets with nobody,
    `passed` says who is left out and why, as in "not Priya, who has it in hand"."""

    position: int
    addresses: tuple[Address, ...]
    unreached: tuple[Target, ...]
    passed: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Who is told, who is left out and why, and where there is nobody."""
        reached = ", ".join(dict.fromkeys(each.name for each in self.addresses))
        missed = ", ".join(f"nobody reachable at {each}" for each in self.unreached)
        return "; ".join(part for part in (reached, ", ".join(self.passed), missed) if part)

    def is_taken(self, asked: bool) -> bool:
        """Whether it ends here for now. Who asks for the next ones wants others than those who are
        left out; time alone gives these, who know of it, the delay of the next step."""
        return bool(self.addresses or (self.passed and not asked))


def begin(policy: Policy | None, severity: Severity, now: datetime) -> Escalation:
    """From the first step on; low severity pages nobody."""
    if policy is None:
        return Escalation(policy=None, stopped=NOT_SET)
    if severity is Severity.LOW:
        return Escalation(policy=policy, stopped=LOW)
    return Escalation(policy=policy, next_at=now + policy.delay_before(0))


def next_told(escalation: Escalation, severity: Severity) -> tuple[Policy, int, datetime] | None:
    """The position of the next step that is for something so grave, and when it is due; None when
    nothing is due."""
    policy, at, position = escalation.policy, escalation.next_at, escalation.position
    if policy is None or at is None:
        return None
    while position < policy.last and policy.step_at(position).at_least > severity:
        position += 1
        at += policy.delay_before(position)
    return policy, position, at


def stop(escalation: Escalation, why: str) -> Escalation:
    return replace(escalation, next_at=None, stopped=why)


def take_step(
    escalation: Escalation, around: Around, now: datetime
) -> tuple[Escalation, tuple[Told, ...]]:
    """What is due now: who is told, and how it goes on.

    Several steps at once, when nobody could be reached at the first ones. A step that is not for
    this incident is passed over, and the one after it keeps its delay; a step that is, but only in
    the hours of work, waits for them. Then the escalation says until when it waits.
    """
    policy = escalation.policy
    told: list[Told] = []
    position, now_due = escalation.position, escalation.next_at
    if policy is None or now_due is None or now_due > now:
        return escalation, ()
    while True:
        step = policy.step_at(position)
        if not _applies(step, around):
            position += 1
            due = now if around.asked else now + policy.delay_before(position)
        elif (due := _opens(step, around, now)) <= now:
            told.append(_tell(step, position, around))
            if told[-1].is_taken(around.asked) or position >= policy.last:
                return _after(escalation, policy, told[-1], around, now), tuple(told)
            position += 1
        if due > now:
            return replace(escalation, position=position, next_at=due), tuple(told)


def _opens(step: Step, around: Around, now: datetime) -> datetime:
    waits = step.working_hours and not around.asked
    return around.work_begins(now) if waits else now


def _applies(step: Step, around: Around) -> bool:
    often = step.occurrences <= 1 or around.seen_within(step.within) >= step.occurrences
    return around.severity >= step.at_least and often


def _tell(step: Step, position: int, around: Around) -> Told:
    found: dict[tuple[str, str], Address] = {}
    unreached = []
    for target in step.tell:
        addresses = around.reach(target)
        found |= {(each.kind, each.id): each for each in addresses}
        if not addresses:
            unreached.append(target)
    why = {each: around.passed(each) for each in found.values()}
    return Told(
        position=position,
        addresses=tuple(each for each in why if not why[each]),
        unreached=tuple(unreached),
        passed=tuple(f"not {each.name}, {why[each]}" for each in why if why[each]),
    )


def _after(
    escalation: Escalation, policy: Policy, told: Told, around: Around, now: datetime
) -> Escalation:
    """After the step that was taken now. What is low was told because a person asked for it, and
    goes no further by itself."""
    following = told.position + 1
    if around.severity is Severity.LOW:
        return stop(replace(escalation, position=following), LOW)
    next_at = now + policy.delay_before(following)
    return replace(escalation, position=following, next_at=next_at)


def at_once(escalation: Escalation, now: datetime) -> Escalation | None:
    """The next step is due now, because a person asks for it: after all others the fall-back once
    more. None without a policy."""
    if escalation.policy is None:
        return None
    return replace(escalation, next_at=now, stopped="")
