"""Which instance's credential a failed run blames, as far as its log and its flow tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from checks.declare import Cause
from checks.failures import FlowRuns
from checks.runs import Run, RunStatus

MOMENT = timedelta(hours=1)  # failures this close together may have one cause; a proposal
CUT_SHORT = (RunStatus.STARTED, RunStatus.STOPPED, RunStatus.UNKNOWN)


def blame(flows: Sequence[FlowRuns]) -> Mapping[str, str]:
    """Run id -> the instance whose credential its log blames; what cannot be told is left out.

    That is the instance of the failing step, else the flow's only one, else the one that all such
    failing flows of the moment share.
    """
    blamed: dict[str, str] = {}
    for flow in flows:
        for each in flow.failures:
            if each.cause is Cause.CREDENTIAL:
                blamed[each.run_id] = each.instance_id or _only({*flow.instance_ids})
    untold = [
        flow for flow in flows if any(blamed.get(each.run_id) == "" for each in flow.failures)
    ]
    shared = _shared(untold, {*blamed.values()} - {""})
    for flow in untold:
        for each in flow.failures:
            if blamed.get(each.run_id) == "" and shared in flow.instance_ids:
                blamed[each.run_id] = shared
    return {run_id: instance_id for run_id, instance_id in blamed.items() if instance_id}


def ended(flow: FlowRuns) -> Iterator[Run]:
    """The runs that came to an end of their own, newest first."""
    runs = {run.id: run for run in (*flow.runs, flow.last_good) if run and run.finished_at}
    proper = (run for run in runs.values() if run.status not in CUT_SHORT)
    return iter(sorted(proper, key=lambda run: (end(run), run.started_at, run.id), reverse=True))


def end(run: Run) -> datetime:
    """When a run ended; its start where that was not told."""
    return run.finished_at or run.started_at


def _shared(untold: Sequence[FlowRuns], told: set[str]) -> str:
    """The one instance that the flows failing at the newest moment share; of several the one that
    other logs name. "" when that leaves none, or a choice."""
    newest = [(flow, at) for flow in untold if (at := _failed_last_at(flow))]
    if not newest:
        return ""
    moment = max(at for _, at in newest)
    together = [{*flow.instance_ids} for flow, at in newest if moment - at <= MOMENT]
    common = set.intersection(*together)
    return _only(common) or _only(common & told)


def _failed_last_at(flow: FlowRuns) -> datetime | None:
    """When the flow's newest run ended, if its log blames a credential."""
    last = next(ended(flow), None)
    failure = next((each for each in flow.failures if last and each.run_id == last.id), None)
    failed = last is not None and last.status is RunStatus.FAILURE
    return failure.at if failed and failure and failure.cause is Cause.CREDENTIAL else None


def _only(ids: set[str]) -> str:
    return next(iter(ids)) if len(ids) == 1 else ""
