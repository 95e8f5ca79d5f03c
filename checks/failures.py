"""How the runs of flows went of late, and why those that failed did: shared by several checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from checks.declare import Cause
from checks.runs import Run, RunStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What the log of one run tells of its trouble, read once, when the run had ended.

    `at` (UTC) is when the run ended. `line` is the first line that names the trouble, foreign and
    with secrets struck out; `step` the step it came from, `instance_id` the instance that the step
    calls, "" where that is not known. `status` is the run's: a success may hold warnings.
    `records` is how many records it concerned, None where that was not told.
    """

    run_id: str
    flow_id: str
    at: datetime
    status: RunStatus
    cause: Cause
    line: str
    step: str = ""
    instance_id: str = ""
    records: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRuns:
    """One flow's newest runs that have ended, newest first, and what is usual for it.

    `failures` tells of troubled runs, newest first, also of older ones than `runs`; of a failed run
    whose log could not be read there is none. `before` and `before_failed` count the ended and the
    failed runs known from before those in `runs`. `last_good` is the newest success that is known.
    """

    flow_id: str
    flow_name: str
    runs: tuple[Run, ...]
    failures: tuple[Failure, ...] = ()
    before: int = 0
    before_failed: int = 0
    last_good: Run | None = None
    instance_ids: tuple[str, ...] = ()
    time_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceName:
    """How people call an instance. `system` is its system's title, `kind` the connector's or ""."""

    id: str
    name: str
    system: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FailureEvidence:
    """The flows of the platform and how they went; times are UTC. Each is equal to itself alone, so
    that what is worked out of one can be kept for the next check of the round.

    `blind` says why their runs could not be read in this round, "" when they could. `instances`
    is keyed by instance id.
    """

    flows: tuple[FlowRuns, ...]
    instances: Mapping[str, InstanceName] = field(default_factory=dict)
    blind: str = ""
