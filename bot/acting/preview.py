"""What an act would do, in plain sentences: how many records, what may happen twice, whether it
can help at all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.acting.proposal import PAYLOADS_KEPT, Deed, Draft, Target
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import Flow, Run, RunStatus
from checks.words import flow_name, plain, say_count

NAMED = 5
LINE = 200
TRANSIENT = frozenset({Cause.PASSING, Cause.LIMIT})
PERSISTENT = {
    Cause.CREDENTIAL: "the system does not accept the credential; it has to be renewed first",
    Cause.NOT_PERMITTED: "the credential lacks a right; it has to be given first",
    Cause.LASTING: "the record, the mapping or a setting has to be mended first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One flow, or one run of it, with what is known. `earlier` says what was already done to this
    run by an earlier proposal, "" for nothing. `renewed`: the credential by which it failed has
    been accepted again since."""

    flow: Flow
    run: Run | None = None
    failure: Failure | None = None
    earlier: str = ""
    renewed: bool = False

    @property
    def forgotten_at(self) -> datetime | None:
        """When Patchworks no longer has the run's payload, UTC."""
        return self.run.started_at + PAYLOADS_KEPT if self.run else None

    def is_forgotten(self, now: datetime) -> bool:
        return self.forgotten_at is not None and now >= self.forgotten_at

    def target(self, deed: Deed) -> Target:
        repeats = deed in (Deed.REPLAY, Deed.RETRY)
        return Target(
            flow_id=self.flow.id,
            flow_name=flow_name(self.flow.id, self.flow.name),
            run_id=self.run.id if self.run else "",
            forgotten_at=self.forgotten_at if repeats else None,
        )


def draft_of(
    deed: Deed,
    cases: Sequence[Case],
    *,
    reason: str = "",
    value: str = "",
    incident_id: int | None = None,
    left_out: int = 0,
) -> Draft:
    """The draft for these cases; `left_out` counts the runs that it leaves for later."""
    said = [_what(deed, cases, value)]
    if left_out:
        said.append(f"{say_count(left_out, 'more failed run')} will need a proposal of their own.")
    if deed in (Deed.START, Deed.REPLAY, Deed.RETRY):
        said += [*_records(deed, cases), *_switched_off(cases), _twice(deed, cases)]
    said += [each.earlier for each in cases if each.earlier][:NAMED]
    if deed in (Deed.REPLAY, Deed.RETRY):
        said.append(_helps(cases))
    targets = [each.target(deed) for each in cases]
    return Draft(
        deed=deed,
        targets=tuple(targets),
        preview=tuple(filter(None, said)),
        against=_against(cases) if deed in (Deed.REPLAY, Deed.RETRY) else "",
        reason=plain(reason, 500),
        value=value,
        incident_id=incident_id,
    )


def _what(deed: Deed, cases: Sequence[Case], value: str) -> str:
    names = _and([flow_name(each.flow.id, each.flow.name) for each in cases])
    runs = say_count(len(cases), "run")
    which = _and([each.run.id for each in cases if each.run])
    match deed:
        case Deed.START:
            return f"Starts {names} now, without a payload; the run joins the queue."
        case Deed.REPLAY:
            again = f"starts {runs} with the payload of the failed one ({which})"
            if len(cases) > 1:
                again = f"starts {runs}, each with the payload of a failed one ({which})"
            return f"For {names}, {again}; {_it_joins(cases)} the queue."
        case Deed.RETRY:
            return (
                f"Retries {runs} of {names} ({which}), in the version that failed, past the queue."
            )
        case Deed.STOP:
            return f"Stops {runs} of {names} ({which}); what it has sent so far stays sent."
        case Deed.DISABLE:
            return (
                f"Switches {names} off: no schedule and no webhook starts it until it is on again."
            )
        case Deed.PRIORITY:
            return f"Gives {names} the priority {value} (1 highest, 5 lowest) in the queue."


def _it_joins(cases: Sequence[Case]) -> str:
    return "it joins" if len(cases) == 1 else "they join"


def _records(deed: Deed, cases: Sequence[Case]) -> list[str]:
    if deed is Deed.START:
        return ["How many records it will find is not known beforehand."]
    told = [each.failure.records for each in cases if each.failure and each.failure.records]
    if not told:
        return ["How many records they carry is not told in their logs."]
    rest = len(cases) - len(told)
    more = f", and {say_count(rest, 'run')} whose log tells no number" if rest else ""
    return [f"{say_count(sum(told), 'record')} failed in them{more}."]


def _switched_off(cases: Sequence[Case]) -> list[str]:
    off = [each.flow for each in cases if each.flow.enabled is False or each.flow.deployed is False]
    names = _and([flow_name(flow.id, flow.name) for flow in off])
    if not off:
        return []
    return [f"When last read, {names} was not both enabled and deployed: it may not start."]


def _twice(deed: Deed, cases: Sequence[Case]) -> str:
    """The risk of duplicates, as Patchworks' page on failed runs tells it."""
    if deed is Deed.START:
        return "What an earlier run has sent already may be sent again, unless the flow de-dupes."
    partly = any(each.run and each.run.status is RunStatus.PARTIAL_SUCCESS for each in cases)
    risk = "Records that went through before the failure may arrive twice, or be dropped as known"
    risk += " where the flow de-dupes: check its filters and its de-dupe step first."
    if partly:
        risk = f"Most records of a partly failed run went through. {risk}"
    scheduled = any(each.run and each.run.trigger.casefold() == "schedule" for each in cases)
    if deed is Deed.REPLAY and scheduled:
        risk += " A flow that fetches its own records may fetch them once more besides."
    return risk


def _helps(cases: Sequence[Case]) -> str:
    causes = {each.failure.cause if each.failure else Cause.UNKNOWN for each in cases}
    if all(each.renewed for each in cases):
        return "Their credential has been accepted again since: another try can help."
    if causes <= TRANSIENT:
        wait = " once the limit has been given anew" if Cause.LIMIT in causes else ""
        return f"The cause was passing, by their logs: another try can help{wait}."
    if causes == {Cause.UNKNOWN}:
        return "Whether the cause is passing or lasting is not known; look at a log first."
    return ""


def _against(cases: Sequence[Case]) -> str:
    """Advice against repeating what fails again until somebody mends it."""
    lasting = [
        each.failure
        for each in cases
        if each.failure and each.failure.cause in PERSISTENT and not each.renewed
    ]
    if not lasting:
        return ""
    first = lasting[0]
    share = "" if len(lasting) == len(cases) else f" ({len(lasting)} of {len(cases)} runs)"
    mended = PERSISTENT[first.cause]
    return f"Advised against{share}: the cause lasts, {mended}. Its log: {plain(first.line, LINE)}"


def _and(names: Sequence[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = [f"{len(shown) - NAMED} more"] if len(shown) > NAMED else []
    listed = [*shown[:NAMED], *more]
    return " and ".join(filter(None, [", ".join(listed[:-1]), listed[-1]])) if listed else ""
