"""Received and not sent on: a flow's newest good runs beside what it always does with its input.

Operations are calls and batches and not records, and filters drop some on purpose, so that the
numbers of one run say nothing by themselves: they are set against this flow's own weeks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from statistics import median

from checks.flow_runs.tally import ended_at
from checks.loss.finding import Finding, Signal, State, Sure, clear, undecided, unseen
from checks.loss.look import Look
from checks.loss.policy import Policy
from checks.loss.usual import Norm
from checks.model import Level, Measure
from checks.oddities.evidence import Failed
from checks.oddities.strength import chance
from checks.runs import Run
from checks.words import say_count, say_number

KNOWN_FROM = 20  # runs that received something; fewer do not tell what is usual
BLOCKS_NEEDED = 24
SELDOM = 1  # runs in three hours; one such run that sends nothing is worth a word
SELDOM_SHARE = 0.05
NEARLY = 10  # times the chance that is told: between is not decided


def judge_balance(look: Look, policy: Policy) -> Finding:
    """D3: good runs that received something and sent nothing, or far less than usual."""
    green = look.green
    if green and all(run.received is None or run.sent is None for run in green):
        return unseen(Signal.UNSENT, "Patchworks does not tell what its runs received and sent")
    norm = look.norm
    if norm is None:
        return undecided(Signal.UNSENT, "how much it usually sends on is being worked out")
    if norm.fed < KNOWN_FROM:
        return unseen(Signal.UNSENT, "how much it usually sends on is not known yet")
    if not look.counted:
        return clear(Signal.UNSENT)
    found = _nothing_sent(look, norm, policy)
    return found if found.state is not State.CLEAR else _too_little_sent(look, norm, policy)


def _nothing_sent(look: Look, norm: Norm, policy: Policy) -> Finding:
    window = look.counted[: policy.unsent.of]
    unsent = [run for run in window if not run.sent]
    in_row = list(takewhile(lambda run: not run.sent, look.counted))
    likely = chance(
        Failed(failed=len(unsent), runs=len(window), usual_failed=norm.unsent, usual_runs=norm.fed)
    )
    enough = len(unsent) >= policy.unsent.needed and likely < policy.chance
    if enough or (in_row and _is_seldom(look, norm)):
        breach = enough and len(in_row) >= policy.unsent.needed
        level = Level.BREACH if breach else Level.EARLY
        if len(in_row) >= len(unsent):
            return _unsent(f"{_the_last(len(in_row))} of {look.name}", in_row, norm, level)
        some = f"{len(unsent)} of {_the_last(len(window))}"
        return _unsent(f"{some} of {look.name}", unsent, norm, level)
    if in_row and len(unsent) >= policy.unsent.needed - 1 and likely < NEARLY * policy.chance:
        return undecided(Signal.UNSENT, "its newest runs sent nothing, which is not decided yet")
    return clear(Signal.UNSENT)


def _is_seldom(look: Look, norm: Norm) -> bool:
    """Whether waiting for more runs would cost too much time, and one already says something."""
    if look.span is None or not look.span.kind or norm.unsent > SELDOM_SHARE * norm.fed:
        return False
    return median(each.started for each in look.span.kind) <= SELDOM


def _the_last(runs: int) -> str:
    return f"the last {runs} runs" if runs > 1 else "the last run"


def _unsent(who: str, runs: Sequence[Run], norm: Norm, level: Level) -> Finding:
    received = sum(run.received or 0 for run in runs)
    usual = f"{norm.unsent} of {norm.fed}" if norm.unsent else f"none of {norm.fed}"
    before = (
        f"{usual} such runs send nothing"
        if norm.unsent
        else f"all {norm.fed} such runs send something"
    )
    return Finding(
        signal=Signal.UNSENT,
        state=State.TROUBLE,
        sure=Sure.LIKELY,
        level=level,
        says=f"{who} that received something sent nothing on ({say_count(received, 'operation')}); "
        f"usually {before}",
        since=ended_at(runs[-1]),
        run_id=runs[0].id,
        measure=Measure(
            label="Received and sent nothing", measured=say_count(len(runs), "run"), usual=usual
        ),
    )


def _too_little_sent(look: Look, norm: Norm, policy: Policy) -> Finding:
    """All newest runs together, because single runs differ by the size of their batches."""
    runs = look.counted
    received = sum(run.received or 0 for run in runs)
    sent = sum(run.sent or 0 for run in runs)
    known = norm.blocks >= BLOCKS_NEEDED and norm.usual > 0
    if not known or received < policy.least_received:
        return clear(Signal.UNSENT)
    ratio = sent / received
    measure = Measure(
        label="Sent on for each one received", measured=_ratio(ratio), usual=_ratio(norm.usual)
    )
    if ratio >= policy.short * norm.usual or ratio >= norm.lowest:
        return clear(Signal.UNSENT, measure)
    return Finding(
        signal=Signal.UNSENT,
        state=State.TROUBLE,
        sure=Sure.LIKELY,
        level=Level.EARLY,
        says=f"the last {say_count(len(runs), 'run')} of {look.name} received "
        f"{say_count(received, 'operation')} and sent {sent} on, {_ratio(ratio)} for each; "
        f"usually {_ratio(norm.usual)}, hardly ever below {_ratio(norm.lowest)}",
        since=ended_at(runs[-1]),
        run_id=runs[0].id,
        measure=measure,
    )


def _ratio(value: float) -> str:
    return f"{value:.2f}" if value < 1 else say_number(value)
