"""The look-alike's luck: repeatable draws, and what becomes of each run."""

from __future__ import annotations

from datetime import datetime
from random import Random

from bot.sandbox.estate.model import Flow, Job, Run, Status

_SPREAD = 0.35  # of the logarithm of a run's length: one run in forty takes twice its usual


def draws(*key: object) -> Random:
    """Random numbers that are the same for the same key, on every machine."""
    return Random(" ".join(map(str, key)))  # noqa: S311 (a simulation; nothing is kept secret by it)


class Fates:
    """Decides how long each run takes and how it ends, flow by flow, so that one flow's luck

    does not depend on what other flows did.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._draws: dict[int, Random] = {}

    def of(self, job: Job, now: datetime, slowness: float = 1.0) -> Run:
        """The whole fate of a job that starts now; `slowness` multiplies the usual length."""
        flow = job.flow
        draw = self._draws.get(flow.id) or self._draws.setdefault(
            flow.id, draws(self._seed, flow.id)
        )
        takes = flow.usual * (draw.lognormvariate(0, _SPREAD) * slowness)
        return Run(
            id=job.run_id,
            flow=flow,
            trigger=job.trigger,
            queued_at=job.queued_at,
            started_at=now,
            ends_at=now + takes,
            outcome=_outcome(flow, draw.random()),
            payload=job.payload,
            records=job.records,
        )


def _outcome(flow: Flow, chance: float) -> Status:
    if chance < flow.failures:
        return Status.FAILURE
    if chance < flow.failures + flow.partials:
        return Status.PARTIAL_SUCCESS
    return Status.SUCCESS
