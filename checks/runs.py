"""What Patchworks tells about its flows and their runs, in our words. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class RunStatus(StrEnum):
    """Statuses of a run; Patchworks writes them 1 to 5. `UNKNOWN` is any value not in its list."""

    STARTED = "started"
    SUCCESS = "success"
    FAILURE = "failure"
    STOPPED = "stopped"
    PARTIAL_SUCCESS = "partial_success"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of a flow. `finished_at` is None while it runs; `summary` is foreign text.

    `received` and `sent` are its operations: requests to endpoints, failed ones included; None
    where that was not told. `warned` says that its log holds warnings; None: not told.
    """

    id: str
    flow_id: str
    flow_name: str
    status: RunStatus
    started_at: datetime
    finished_at: datetime | None = None
    trigger: str = ""
    summary: str = ""
    received: int | None = None
    sent: int | None = None
    warned: bool | None = None

    @property
    def duration(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One job in Patchworks' queue. `priority` runs from 1 (highest) to 5 (lowest)."""

    id: str
    flow_id: str
    flow_name: str
    queued_at: datetime
    trigger: str = ""
    priority: int | None = None


class Direction(StrEnum):
    """Which way a step's endpoint goes, seen from the platform."""

    RECEIVE = "receive"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a flow that calls an instance. `direction` None: the API does not tell."""

    id: str
    name: str
    instance_id: str
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A process flow. `schedules` are cron lines; None for what the API did not tell.

    `steps` are those that call an instance, in order; `pool_ids` the de-dupe pools that it writes.
    """

    id: str
    name: str
    enabled: bool | None
    deployed: bool | None
    priority: int | None = None
    schedules: tuple[str, ...] = ()
    changed_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    pool_ids: tuple[str, ...] = ()

    @property
    def instance_ids(self) -> tuple[str, ...]:
        """The instances that its steps call, in order of first use."""
        return tuple(dict.fromkeys(step.instance_id for step in self.steps))


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a run's log. `level` is upper case, as told; `text` is foreign."""

    at: datetime | None
    level: str
    text: str
    step: str = ""
    step_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A system with the platform's credentials (Patchworks' API says `connector`).

    `system` is what Patchworks calls the application, `auth_type` how it proves who asks; both ""
    where that was not told. `changed_at` is when the instance was last saved, UTC.
    """

    id: str
    name: str
    system: str = ""
    auth_type: str = ""
    changed_at: datetime | None = None
    rate_limit: int | None = None
    rate_limit_unit: str | None = None
    pool_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A connection pool: at most `limit` requests at a time over its instances."""

    id: str
    name: str
    limit: int | None
    instance_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The queue and what runs, as read in one round.

    `waiting` is oldest first and may be a part of `waiting_total`; `oldest_known` is False when the
    oldest job may lie on a page that was not read. `recent` are runs started in the last minutes
    (finished or not), newest first, complete back to `recent_since`.
    """

    at: datetime
    waiting: tuple[Waiting, ...]
    waiting_total: int
    running: tuple[Run, ...]
    recent: tuple[Run, ...]
    recent_since: datetime
    oldest_known: bool = True

    @property
    def oldest(self) -> Waiting | None:
        return self.waiting[0] if self.waiting else None

    @property
    def newest_start(self) -> datetime | None:
        """When the newest run started, of all that were read; None when nothing was seen."""
        return max((run.started_at for run in (*self.running, *self.recent)), default=None)

    @property
    def oldest_age(self) -> timedelta:
        return self.at - self.oldest.queued_at if self.oldest else timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Something that a person changed on the platform: a deployment, a switch, a setting.

    `flow_id` or `instance_id` says what of, where that was told; `what` and `who` are foreign.
    """

    at: datetime
    what: str
    who: str = ""
    flow_id: str = ""
    instance_id: str = ""
