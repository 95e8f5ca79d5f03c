"""Whether something began, after an answer was lost: looked up, never tried again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.acting.proposal import Came, Deed, Target
from bot.acting.transport import is_named
from checks.patchworks import Patchworks
from checks.runs import Run, RunStatus, Waiting
from checks.unreadable import Unreadable

SKEW = timedelta(seconds=5)
"""How far Patchworks' clock may be behind ours."""
PAGES = 5
TRIGGERS = {Deed.START: "API", Deed.REPLAY: "API", Deed.RETRY: "Retry"}
"""What Patchworks says started a run: https://doc.wearepatchworks.com/product-documentation/
api-reference/flow-logs-and-queue"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a look found: done with the run that began, failed for certain, or not known."""

    came: Came
    said: str
    run_id: str = ""


async def look(
    patchworks: Patchworks,
    deed: Deed,
    target: Target,
    sent_at: datetime,
    others: Collection[str],
) -> Found:
    """What came of a request that was sent at `sent_at`. `others` are runs that began by others."""
    try:
        if deed in TRIGGERS:
            return await _find_run(patchworks, deed, target, sent_at, others)
        if deed is Deed.STOP:
            return _stopped(await patchworks.run(target.run_id))
    except Unreadable as error:
        return Found(came=Came.UNKNOWN, said=f"It cannot be told whether it did: {error.what}")
    return Found(came=Came.UNKNOWN, said="Whether it did cannot be read from here")


async def _find_run(
    patchworks: Patchworks,
    deed: Deed,
    target: Target,
    sent_at: datetime,
    others: Collection[str],
) -> Found:
    since = sent_at - SKEW
    jobs, _, whole_queue = await patchworks.waiting(max_pages=PAGES)
    runs, back_to = await patchworks.runs_since(since, max_pages=PAGES)
    began = [run for run in runs if run.flow_id == target.flow_id and run.id not in others]
    trigger = TRIGGERS[deed]
    return settle(
        [run for run in began if is_named(run.trigger, trigger)],
        [
            job
            for job in jobs
            if job.flow_id == target.flow_id
            and job.queued_at >= since
            and is_named(job.trigger, trigger)
        ],
        whole=whole_queue and back_to <= since,
    )


def settle(runs: Sequence[Run], jobs: Sequence[Waiting], *, whole: bool) -> Found:
    """What may be said of the runs and jobs that fit; `whole`: everything was read."""
    if len(runs) + len(jobs) > 1:
        return Found(
            came=Came.UNKNOWN,
            said="More than one run began like it since then, so which is not known",
        )
    if runs:
        said = f"The answer was lost, but run {runs[0].id} began then in the same way"
        return Found(came=Came.DONE, run_id=runs[0].id, said=said)
    if jobs:
        said = "The answer was lost, but a run that was asked for then in the same way is waiting"
        return Found(came=Came.DONE, said=said)
    if not whole:
        return Found(came=Came.UNKNOWN, said="Not everything that began since then could be read")
    return Found(came=Came.FAILED, said="No run began, and none waits in the queue")


def _stopped(run: Run) -> Found:
    if run.status is RunStatus.STOPPED:
        return Found(came=Came.DONE, said="The answer was lost, but the run is stopped")
    if run.status is RunStatus.STARTED:
        return Found(came=Came.FAILED, said="The run is still running")
    return Found(came=Came.FAILED, said="The run has ended by itself")
