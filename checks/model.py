"""The words of the watch: what a check is about, what it reads, what it answers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

Fact = str | int | float | None


FORESEEN = "foreseen"
"""The signal of trouble of which nothing but a forecast tells."""


class Level(StrEnum):
    """How a verdict stands. `UNKNOWN`: we could not look, so it neither opens nor resolves."""

    OK = "ok"
    EARLY = "early"
    BREACH = "breach"
    UNKNOWN = "unknown"

    @property
    def is_trouble(self) -> bool:
        return self in (Level.EARLY, Level.BREACH)


class Foreseen(StrEnum):
    """How a forecast takes part in a verdict."""

    LIKELY = "likely"  # it opens at once: a second look at the same forecast tells nothing new
    UNDECIDED = "undecided"  # well for now; what a forecast opened is not closed by it


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a check is about. `kind`: queue, flow, instance, system; `id` is the platform's own."""

    kind: str
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One value of one metric of one subject at one moment (UTC). The unit is in the metric's name.

    `metric` reads `queue.waiting`, `run.duration_s`; `subject` is `kind/id`, as in a dedup key.
    """

    subject: str
    metric: str
    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A measured value beside what is usual, both ready to read; `usual` is None when not known."""

    label: str
    measured: str
    usual: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A check's answer about one condition on one subject.

    `condition` is the stable part of the dedup key (never free text); `signal` says which pattern
    was seen and may change while the condition stands. `sentence` is one plain sentence without
    markup. `expected_at` is when the looked-ahead event is expected, UTC, and `urgent_within` how
    long before it an early verdict is grave. `critical` makes a breach one of the gravest: a
    time-sensitive flow stopped, a credential dead. `facts` feed the runbook; the one called
    `system_kind` picks the page of that kind of system.
    `explained_by` names other trouble that this is but a symptom of: the level is then UNKNOWN, so
    that it neither opens nor closes anything, although we could look. `foreseen` says that a
    forecast takes part in it, and how.
    """

    check: str
    condition: str
    subject: Subject
    level: Level
    signal: str
    sentence: str
    measures: tuple[Measure, ...] = ()
    expected_at: datetime | None = None
    urgent_within: timedelta = timedelta(hours=4)
    critical: bool = False
    explained_by: str = ""
    foreseen: Foreseen | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What the alert goes by: subject kind / subject id / check / condition.

        Nothing that changes while the trouble stands is in it (no time, amount, severity or
        signal), so that however often it is seen it stays one alert.
        """
        return "/".join((self.subject.kind, self.subject.id, self.check, self.condition))
