"""Too little moves: a low volume, empty runs, and no run at all, beside the same hours before.

What is compared is three whole hours with the same hours of the local clock: of the same weekday
where three are known, else of the same kind of day. Holidays and promotions are not learned from,
and on a holiday nothing is judged. Hours that were not watched whole say nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from checks.durations import say_duration
from checks.loss.finding import Finding, Signal, State, Sure, clear, undecided, unseen
from checks.loss.look import Look
from checks.loss.policy import Policy
from checks.loss.usual import FlowSpan, Traffic, Weighed
from checks.model import Level, Measure
from checks.words import say_count, say_number

ALIKE_NEEDS = 3
BELOW_LOWEST = 0.7  # of the least that the same hours ever moved
KINDS_NEED = 8
SELDOM = 0.06  # of such spans; half a span is added, as nothing is seen of what never happened
LEAST_STARTS = 3
ENDED = 0.5  # of the started runs; with fewer the volume is not known yet


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """What was watched whole and can be compared: `now` is the flow's traffic in the span."""

    now: Traffic
    span: FlowSpan
    weighed: Weighed

    @property
    def hours(self) -> str:
        return f"the {say_duration(self.weighed.until - self.weighed.since)} that are over"


def judge_volume(look: Look, policy: Policy, now: datetime) -> Finding:
    """D5: received operations, or runs where the platform tells no operations."""
    signal = Signal.LOW_VOLUME
    judged = _judged(look, signal, policy, now)
    if isinstance(judged, Finding):
        return judged
    span = judged.span
    amount, unit = _measure_of(look, span)
    if amount is None:
        return unseen(signal, "Patchworks does not tell what its runs received")
    usual = median(amount(each) for each in span.alike)
    if usual < policy.least_volume:
        return unseen(signal, "too little moves at this time of day to judge by")
    expected = ENDED * _usually_told(span) * judged.now.started
    if not judged.now.started or judged.now.told < expected:
        return undecided(signal, "its newest runs have not ended, or there were none")
    measured, lowest = amount(judged.now), min(amount(each) for each in (*span.alike, *span.kind))
    if measured > policy.low * usual or measured > BELOW_LOWEST * lowest:
        return clear(signal)
    return _low(look, judged, (measured, usual, lowest), unit)


def judge_empty(look: Look, policy: Policy, now: datetime) -> Finding:
    """D6: all runs that ended well received nothing, at hours at which they hardly ever do."""
    signal = Signal.EMPTY
    judged = _judged(look, signal, policy, now)
    if isinstance(judged, Finding):
        return judged
    span = judged.span
    known = [each for each in span.kind if each.told]
    if len(known) < KINDS_NEED:
        return unseen(signal, "what its runs usually receive at this time is not known")
    if not judged.now.told:
        return undecided(signal, "no run that says what it received has ended in these hours")
    never = [each for each in known if each.empty == each.told]
    if judged.now.empty < judged.now.told or not _is_seldom(len(never), len(known)):
        return clear(signal)
    usual = median(each.received for each in span.alike)
    return Finding(
        signal=signal,
        state=State.TROUBLE,
        sure=Sure.LIKELY,
        level=Level.BREACH if usual >= policy.least_volume else Level.EARLY,
        says=f"{_all_runs(judged.now.told)} of {look.name} in {judged.hours} ended well and "
        f"received nothing; usually {say_count(round(usual), 'operation')} come on {span.basis}",
        since=judged.weighed.since,
        measure=Measure(
            label="Empty runs",
            measured=f"{judged.now.empty} of {judged.now.told}",
            usual=f"all in {len(never)} of {len(known)} like times",
        ),
    )


def judge_silent(look: Look, policy: Policy, now: datetime) -> Finding:
    """D8: no run of a flow that is called from outside; schedules are watched with the queue."""
    signal = Signal.SILENT
    flow = look.platform
    if flow is None or flow.schedules or flow.enabled is False or flow.deployed is False:
        return clear(signal)
    judged = _judged(look, signal, policy, now)
    if isinstance(judged, Finding):
        return judged
    span = judged.span
    began_since = look.last_start is not None and look.last_start >= judged.weighed.since
    if judged.now.started or began_since:
        return clear(signal)
    usual = median(each.started for each in span.alike)
    none = sum(not each.started for each in span.kind)
    enough = len(span.kind) >= KINDS_NEED and usual >= LEAST_STARTS
    if not enough or not _is_seldom(none, len(span.kind)):
        return unseen(signal, "it runs too seldom at this time of day to miss a run")
    return Finding(
        signal=signal,
        state=State.TROUBLE,
        sure=Sure.POSSIBLE,
        level=Level.EARLY,
        says=f"no run of {look.name} began in {judged.hours}; usually "
        f"{say_number(usual)} do on {span.basis}, and whoever calls it may get no answer",
        since=look.last_start or judged.weighed.since,
        measure=Measure(label="Runs begun", measured="0", usual=say_number(usual)),
    )


def _judged(look: Look, signal: Signal, policy: Policy, now: datetime) -> _Judged | Finding:
    """The span to judge, or why it cannot be."""
    weighed, span = look.weighed, look.span
    if weighed is None or span is None:
        return unseen(signal, "none of its hours are known yet")
    if weighed.closed:
        return unseen(signal, f"today is {weighed.closed}")
    if now - weighed.until > policy.fresh or span.now is None:
        return undecided(signal, "the last hours were not watched whole")
    if span.norm is None:
        return undecided(signal, "what it usually moves is being worked out")
    if len(span.alike) < ALIKE_NEEDS:
        return unseen(signal, "what is usual at this time of day is not known yet")
    if look.fails:
        return undecided(signal, "its newest run failed")
    return _Judged(now=span.now, span=span, weighed=weighed)


def _measure_of(look: Look, span: FlowSpan) -> tuple[Callable[[Traffic], int] | None, str]:
    """What its volume is counted in; None for a flow by schedule that tells no counts."""
    if any(each.told for each in span.alike):
        return (lambda each: each.received), "operation"
    flow = look.platform
    if flow is not None and not flow.schedules:
        return (lambda each: each.started), "run"
    return None, ""


def _usually_told(span: FlowSpan) -> float:
    """Which share of the started runs usually says what it received, 0 where none does."""
    started = sum(each.started for each in span.alike)
    return min(1.0, sum(each.told for each in span.alike) / started) if started else 0.0


def _low(look: Look, judged: _Judged, amounts: tuple[float, float, float], unit: str) -> Finding:
    measured, usual, lowest = amounts
    span = judged.span
    moved = "began" if unit == "run" else "came"
    return Finding(
        signal=Signal.LOW_VOLUME,
        state=State.TROUBLE,
        sure=Sure.POSSIBLE,
        level=Level.EARLY,
        says=f"only {say_count(int(measured), unit)} of {look.name} {moved} in {judged.hours}; "
        f"usually {say_number(usual)} on {span.basis}, never fewer than {say_number(lowest)}",
        since=judged.weighed.since,
        measure=Measure(
            label=f"{unit.capitalize()}s in 3 h",
            measured=say_number(measured),
            usual=say_number(usual),
        ),
    )


def _is_seldom(times: int, of: int) -> bool:
    return (times + 0.5) / (of + 1) < SELDOM


def _all_runs(amount: int) -> str:
    return "the only run" if amount == 1 else f"all {amount} runs"


def all_of(look: Look, policy: Policy, now: datetime) -> Sequence[Finding]:
    """The three; a volume is not low beside empty runs, which say more."""
    empty = judge_empty(look, policy, now)
    low = clear(Signal.LOW_VOLUME) if empty.is_trouble else judge_volume(look, policy, now)
    return (empty, low, judge_silent(look, policy, now))
