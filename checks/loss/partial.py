"""Runs that lost records for certain: partial successes, and errors in the logs of green runs.

A payload that raises an exception inside a try/catch is taken out and the run goes on; it may end
as partial success, or as success with nothing but an error in its log:
https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/process-flow-shapes/standard-shapes/try-catch-shape
A step that is told to carry on after a refusal ends as success too. Patchworks keeps the payloads
for 72 hours; what was not sent again by then cannot be sent again from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from checks.declare import Cause
from checks.durations import say_duration
from checks.failures import Failure
from checks.flow_runs.tally import ended_at
from checks.loss.finding import (
    PAYLOADS_KEPT,
    Finding,
    Signal,
    State,
    Sure,
    clear,
    undecided,
    unseen,
)
from checks.loss.look import Look
from checks.loss.policy import Policy
from checks.model import Level, Measure
from checks.words import plain, say_count

T = TypeVar("T")

DAY = timedelta(days=1)
QUOTE_FITS = 120
TRIED_AGAIN = (Cause.PASSING, Cause.LIMIT)
"""A failing step is tried up to three more times, so that on a run that ended well such an error is
most likely over:
https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/understanding-how-data-flows-through-shapes"""


def judge_partial(look: Look, policy: Policy, now: datetime) -> Finding:
    """D1: runs that ended as partial success and that nobody has settled."""
    kept = [run for run in look.partial if ended_at(run) >= now - policy.remembered]
    allowed = _allowed(look, policy)
    runs = _beyond(kept, allowed, ended_at)
    usual = f"up to {allowed} a day" if allowed else "none"
    if not runs:
        passed = Measure(label="Partial successes", measured=str(len(kept)), usual=usual)
        return clear(Signal.PARTIAL, passed if kept else None)
    told = {failure.run_id: failure for failure in look.flow.failures}
    failures = [told[run.id] for run in runs if run.id in told]
    since = ended_at(runs[-1])
    lost = _records(failures)
    return Finding(
        signal=Signal.PARTIAL,
        state=State.TROUBLE,
        sure=Sure.CERTAIN,
        level=Level.BREACH,
        says=f"{say_count(len(runs), 'run')} of {look.name} ended as partial success"
        f"{_first(since, now)}: "
        f"{_say_lost(lost, len(runs), whole=len(failures) == len(runs))}"
        f"{_quote(failures)}",
        lost=lost,
        since=since,
        deadline=runs[-1].started_at + PAYLOADS_KEPT,
        last_deadline=runs[0].started_at + PAYLOADS_KEPT,
        run_id=runs[0].id,
        failure=failures[-1] if failures else None,
        measure=Measure(label="Partial successes", measured=str(len(runs)), usual=usual),
    )


def judge_green(look: Look, policy: Policy, now: datetime) -> Finding:
    """D2: runs that ended well although their log tells of an error."""
    kept = [each for each in look.green_errors if each.at >= now - policy.remembered]
    lost = [each for each in kept if each.records or each.cause not in TRIED_AGAIN]
    if found := _beyond(lost, _allowed(look, policy), lambda each: each.at):
        return _green(look, found, policy, now)
    if look.unread:
        runs = say_count(look.unread, "run")
        return undecided(
            Signal.GREEN_ERRORS, f"the log of {runs} with warnings has not been read yet"
        )
    if look.green and all(run.warned is None for run in look.green):
        return unseen(Signal.GREEN_ERRORS, "Patchworks does not tell which runs have warnings")
    return clear(Signal.GREEN_ERRORS)


def _green(look: Look, found: Sequence[Failure], policy: Policy, now: datetime) -> Finding:
    certain = any(each.records or each.cause is not Cause.UNKNOWN for each in found)
    often = len(found) >= policy.unsent.needed
    lost = _records(found)
    return Finding(
        signal=Signal.GREEN_ERRORS,
        state=State.TROUBLE,
        sure=Sure.CERTAIN if certain else Sure.LIKELY,
        level=Level.BREACH if certain or often else Level.EARLY,
        says=f"{say_count(len(found), 'run')} of {look.name} ended as success with an error in "
        f"the log{_first(found[-1].at, now)}: "
        f"{_say_lost(lost, len(found), whole=all(each.records for each in found))}{_quote(found)}",
        lost=lost,
        since=found[-1].at,
        deadline=found[-1].at + PAYLOADS_KEPT,
        last_deadline=found[0].at + PAYLOADS_KEPT,
        run_id=found[0].run_id,
        failure=found[-1],
        measure=Measure(label="Green runs with errors", measured=str(len(found)), usual="none"),
    )


def _allowed(look: Look, policy: Policy) -> int:
    """How many such runs a day the owner lets pass; none while its usual day is not known."""
    return int(policy.tolerated * look.norm.a_day) if look.norm else 0


def _beyond(found: Sequence[T], allowed: int, at: Callable[[T], datetime]) -> list[T]:
    """Those of them, newest first, that are among more than are `allowed` within a day."""
    told: set[int] = set()
    for newest in range(len(found) - allowed):
        if at(found[newest]) - at(found[newest + allowed]) <= DAY:
            told.update(range(newest, newest + allowed + 1))
    return [found[place] for place in sorted(told)]


def _records(failures: Sequence[Failure]) -> int | None:
    told = [failure.records for failure in failures if failure.records is not None]
    return sum(told) if told else None


def _say_lost(lost: int | None, runs: int, *, whole: bool) -> str:
    if lost is None:
        return f"a part of what {'it' if runs == 1 else 'they'} carried did not arrive"
    least = "" if whole else "at least "
    return f"{least}{say_count(lost, 'record')} did not arrive"


def _first(since: datetime, now: datetime) -> str:
    return f", the first {say_duration(now - since)} ago" if now > since else ""


def _quote(failures: Sequence[Failure]) -> str:
    """The first line of what the log of the oldest one says."""
    lines = failures[-1].line.strip().splitlines() if failures else []
    line = plain(lines[0], QUOTE_FITS).rstrip(". ") if lines else ""
    return f'; the log of the first says "{line}"' if line else ""
