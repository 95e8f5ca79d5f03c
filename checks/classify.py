"""Why a run failed: the line of its log that names the trouble, whose it is, and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import chain

from checks.declare import Cause, Saying
from checks.failures import Failure
from checks.general_sayings import GENERAL
from checks.runs import LogLine, Run, RunStatus, Step
from checks.strike import without_secrets
from checks.words import plain

__all__ = ["GENERAL", "cause_of", "read_failure", "without_secrets"]

# How Patchworks names its levels is not published. These are the names of Monolog, the log of most
# PHP programs (https://seldaek.github.io/monolog/doc/01-usage.html), and their usual synonyms.
ERRORS = frozenset({"ERROR", "FATAL", "SEVERE", "CRITICAL", "ALERT", "EMERGENCY"})
WARNINGS = frozenset({"WARNING", "WARN"})
TOLD_BY_SUMMARY = (RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS)
LINE_FITS = 300
READ_AT_MOST = 4_000  # of a line, which may hold a whole foreign page

# Says that it failed and not why.
_BARE = re.compile(
    r"\W*(?:(?:the|process|flow|run|step|shape|has|was|is)\W+)*"
    r"(?:failed|failure|error|aborted|partially succeeded|stopped(?: by .*)?)\W*",
    re.IGNORECASE,
)
_WHAT = r"(?:payload|record|item|row|order|product|customer|document|message|line|entr(?:y|ie))s?"
_FAILED = r"(?:have |has |had |were |was |are |is )?(?:failed|rejected|refused|not sent|in error)"
_RECORDS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<![\w.,])([0-9]{{1,9}}) (?:of|out of) [0-9]+ (?:\w+ )?{_FAILED}\b",
        rf"(?<![\w.,])([0-9]{{1,9}}) (?:failed |rejected |refused )?{_WHAT} {_FAILED}\b",
        rf"(?<![\w.,])([0-9]{{1,9}}) (?:failed|rejected|refused) {_WHAT}\b",
        rf"\b(?:failed|rejected|refused) {_WHAT}\s*[:=]\s*([0-9]{{1,9}})\b",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remark:
    """Something said about trouble. `warns`: only by a warning; `sums_up`: by the run's summary."""

    text: str
    step_id: str = ""
    step: str = ""
    warns: bool = False
    sums_up: bool = False

    @property
    def is_bare(self) -> bool:
        return _BARE.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    remark: _Remark
    step: Step | None
    cause: Cause

    @property
    def order(self) -> tuple[bool, ...]:
        """The most telling first: what says why, errors and summary, a known cause, the log."""
        remark, unclear = self.remark, self.cause is Cause.UNKNOWN
        return (remark.is_bare and unclear, remark.warns, unclear, remark.sums_up)


def read_failure(
    run: Run,
    lines: Sequence[LogLine],
    steps: Sequence[Step],
    sayings: Mapping[str, Sequence[Saying]],
    general: Sequence[Saying] = GENERAL,
) -> Failure | None:
    """What an ended run's log tells of its trouble; None where it tells of none.

    `steps` are those of its flow that call an instance, `sayings` those of each instance's system
    by instance id, in the order in which they are tried; `general` come after them. The step is
    the one the line came from, by id, else by name. Where it is not known, the sayings of all the
    flow's instances are tried. Raises re.error for a pattern of a saying that is none.
    """
    readings = [
        _Reading(remark=remark, step=step, cause=_cause(remark, step, run, steps, sayings, general))
        for remark in _remarks(run, lines)
        for step in [_step_of(remark, steps)]
    ]
    if not readings:
        return None
    best = min(readings, key=lambda reading: reading.order)
    return Failure(
        run_id=run.id,
        flow_id=run.flow_id,
        at=run.finished_at or run.started_at,
        status=run.status,
        cause=best.cause,
        line=plain(without_secrets(best.remark.text), LINE_FITS),
        step=plain(best.step.name if best.step else best.remark.step),
        instance_id=best.step.instance_id if best.step else "",
        records=_records([best.remark.text, plain(run.summary, READ_AT_MOST)]),
    )


def cause_of(text: str, sayings: Iterable[Saying], took: timedelta | None = None) -> Cause:
    """What a line means by the first saying that fits; `took` is how long its run took."""
    for saying in sayings:
        holds = not saying.slower_than or (took is not None and took > saying.slower_than)
        if holds and _compiled(saying.pattern).search(text):
            return saying.cause
    return Cause.UNKNOWN


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _remarks(run: Run, lines: Sequence[LogLine]) -> Iterator[_Remark]:
    """All that is said of trouble, in order; that a run was stopped is no trouble of its own."""
    summary = [run.summary] if run.status in TOLD_BY_SUMMARY else []
    told = [
        _Remark(text=text, step_id=line.step_id, step=line.step, warns=line.level in WARNINGS)
        for line in _in_order(lines)
        if line.level in ERRORS | WARNINGS and (text := plain(line.text, READ_AT_MOST))
    ]
    told += [
        _Remark(text=text, sums_up=True) for one in summary if (text := plain(one, READ_AT_MOST))
    ]
    yield from (remark for remark in told if run.status is RunStatus.FAILURE or not remark.is_bare)


def _in_order(lines: Sequence[LogLine]) -> list[LogLine]:
    """By time where every line tells one, else as they came."""
    timed = [(line.at, line) for line in lines if line.at is not None]
    if len(timed) < len(lines):
        return list(lines)
    return [line for _, line in sorted(timed, key=lambda pair: pair[0])]


def _step_of(remark: _Remark, steps: Sequence[Step]) -> Step | None:
    """The step a remark came from; None where none, or more than one instance, comes into it."""
    if remark.step_id and (by_id := [step for step in steps if step.id == remark.step_id]):
        return by_id[0]
    named, said = remark.step.casefold(), remark.text.casefold()
    if named:
        found = [step for step in steps if step.name.casefold() == named]
    elif remark.step_id:
        found = []
    else:
        found = [step for step in steps if step.name and step.name.casefold() in said]
    return found[0] if len({step.instance_id for step in found}) == 1 else None


def _cause(
    remark: _Remark,
    step: Step | None,
    run: Run,
    steps: Sequence[Step],
    sayings: Mapping[str, Sequence[Saying]],
    general: Sequence[Saying],
) -> Cause:
    instances = [step.instance_id] if step else dict.fromkeys(each.instance_id for each in steps)
    own = chain.from_iterable(sayings.get(instance, ()) for instance in instances)
    return cause_of(remark.text, chain(own, general), run.duration)


def _records(texts: Iterable[str]) -> int | None:
    """How many records were concerned, by the first text that tells."""
    found = (pattern.search(text) for text in texts for pattern in _RECORDS)
    return next((int(match[1]) for match in found if match), None)
