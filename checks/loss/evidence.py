"""What the check on silent data loss is given: how each flow's runs went, and what they moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from checks.failures import Failure, FailureEvidence
from checks.loss.usual import Weighed
from checks.runs import Flow, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """What a flow's track-data steps saw lately: values received, and how many were sent on.

    A value received between `since` and `until` (UTC) has had `lag` to be sent, by this flow or by
    any other. `unsent` were not; `first_at` is when the first of them was received. `before` and
    `before_unsent` count the same of the days before: what is usual.
    """

    since: datetime
    until: datetime
    lag: timedelta
    received: int
    unsent: int
    before: int = 0
    before_unsent: int = 0
    first_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Of a run that left something behind: all values that were tracked as received during it have
    been tracked as sent, `late` of them long after the usual time, the last one `at` (UTC)."""

    late: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolGrowth:
    """A de-dupe pool over the time from `since` to `until` (UTC): how many entries it gained."""

    id: str
    name: str
    since: datetime
    until: datetime
    gained: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An incident's alert that another check raised.

    `until` is when it cleared (UTC); None while it stands, even if a person resolved it meanwhile.
    """

    check: str
    kind: str
    id: str
    incident: int
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LossEvidence:
    """Maps are keyed by flow id; times are UTC.

    `partial` are the runs of the last days that ended as partial success, `green_errors` what the
    logs of runs that ended well told as errors, and `unread` counts the runs of the last hour that
    ended well with warnings and whose log was not read yet. `weighed` is None while nothing was
    rolled up. `tracked` has the flows with tracked values; it is None while these cannot be read,
    and `tracked_blind` says why; `recovered` has, by run, what was sent since. `pools` are those
    de-dupe pools that a flow writes, as far as that is told. `settled` is when a person last
    resolved a loss of the flow: what was lost before is in that person's hands. `told` has what
    others tell now, and what cleared since `weighed` begins. `zone` is where the business lives,
    for the times that people are told.
    """

    failures: FailureEvidence
    flows: Mapping[str, Flow] = field(default_factory=dict)
    partial: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)
    green_errors: Mapping[str, tuple[Failure, ...]] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    weighed: Weighed | None = None
    last_starts: Mapping[str, datetime] = field(default_factory=dict)
    tracked: Mapping[str, Tracked] | None = None
    tracked_blind: str = ""
    recovered: Mapping[str, Recovered] = field(default_factory=dict)
    pools: Mapping[str, tuple[PoolGrowth, ...]] = field(default_factory=dict)
    settled: Mapping[str, datetime] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    zone: tzinfo = UTC
