"""The things a Patchworks company is made of, as the look-alike knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class Status(IntEnum):
    """How a run stands; the codes are those of Patchworks' own client.

    https://github.com/gopatchworks/patchworks-mcp
    """

    STARTED = 1
    SUCCESS = 2
    FAILURE = 3
    STOPPED = 4
    PARTIAL_SUCCESS = 5


class Trigger(StrEnum):
    """What started a run, in the words of the flow-runs page."""

    API = "API"
    MANUAL = "Manual"
    WEBHOOK = "Webhook"
    SCHEDULE = "Schedule"
    SHAPE = "Shape"
    RETRY = "Retry"


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A third-party application; the dashboard calls it a connector."""

    id: int
    name: str
    auth_type: str
    entry: str
    """What a step asks of it, as run logs print it."""
    complaint: str
    """How it says that it failed, as a run's summary prints it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A system with our credentials; the API calls it a connector."""

    id: int
    name: str
    system: System
    rate_limit: int
    rate_limit_unit: str
    pool_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A process flow with one version, and how it behaves.

    `usual` is the median length of a run. A flow with a `cron` (UTC) is scheduled; one with
    `per_minute` is called by webhooks, that many a minute when its recording is busy. A scheduled
    flow with `records_an_hour` finds so many records in a busy hour of its recording, shared among
    the runs of the hour; one without finds any number. A page of the source holds `per_page`
    records, and `per_call` go out in one request.
    """

    id: int
    name: str
    source: Instance
    target: Instance
    entity: str
    usual: timedelta
    priority: int = 3
    cron: str | None = None
    recording: str = ""
    per_minute: float = 0.0
    records_an_hour: int = 0
    per_page: int = 50
    per_call: int = 50
    failures: float = 0.006
    partials: float = 0.0
    deployed: bool = True

    @property
    def version_id(self) -> int:
        return self.id + 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A run that waits in the queue. `run_id` is the id it will have, `records` how many it found,
    None where that is not recorded; times are UTC."""

    id: int
    run_id: int
    flow: Flow
    trigger: Trigger
    queued_at: datetime
    payload: str | None = None
    records: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a vendor said to a step of a run that it did not serve.

    `credential`: the credential was not accepted, and signing in again did not help. Else the
    step was tried again, `attempts` times in all.
    """

    step: int
    says: str
    attempts: int
    credential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution with its whole fate, which nobody may see before it happened.

    `ends_at` is None for a run that hangs. `refusal` is the last one that it met; `refused` is how
    many of its records the target refused while the step carried on, and `filtered` says that none
    got as far as the target. Times are UTC.
    """

    id: int
    flow: Flow
    trigger: Trigger
    queued_at: datetime
    started_at: datetime
    ends_at: datetime | None
    outcome: Status
    payload: str | None = None
    records: int | None = None
    retry_of: int | None = None
    stopped_by: str | None = None
    refusal: Refusal | None = None
    refused: int = 0
    filtered: bool = False

    def has_ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def status(self, now: datetime) -> Status:
        return self.outcome if self.has_ended(now) else Status.STARTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """Who changed what: a row of the activity log. `at` is UTC; `subject` is "Flow" or, for an
    instance, "Connector".
    """

    id: int
    at: datetime
    event: str
    description: str
    subject: str
    subject_id: int
    by: str
    email: str
