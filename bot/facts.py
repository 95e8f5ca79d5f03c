"""What the last round learned, kept so that a command can answer without asking any vendor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from pydantic import TypeAdapter

from bot.store import Database, runs
from checks.model import Level, Verdict
from checks.runs import Run, Waiting

SCHEDULE = "missed_schedule"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFacts:
    """The queue as last read, at `read_at`; None when it has never been readable.

    `usual` says what is usual for this hour, "" when that is not known yet; `drains_at` and
    `fills_at` are None where it cannot be said. `blind` is the reason why the newest round could
    not read the queue, "" when it could; the rest is then of `read_at`.
    """

    read_at: datetime | None
    waiting_total: int = 0
    waiting: tuple[Waiting, ...] = ()
    running: tuple[Run, ...] = ()
    allowance: int | None = None
    usual: str = ""
    drains_at: datetime | None = None
    fills_at: datetime | None = None
    level: Level = Level.UNKNOWN
    signal: str = ""
    sentence: str = ""
    blind: str = ""
    blind_since: datetime | None = None

    def gone_blind(self, why: str, now: datetime) -> QueueFacts:
        """The same facts, which nobody can vouch for any more."""
        since = self.blind_since or now
        return replace(self, level=Level.UNKNOWN, blind=why, blind_since=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFacts:
    """How the newest round went. `blind` names each thing that could not be read, with why;
    `unjudged` each flow that could be read and yet not be judged, with why."""

    at: datetime
    took_seconds: float
    judged: int
    troubled: int
    unknown: int
    blind: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    calls_last_minute: int = 0
    calls_per_minute: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitFacts:
    """One allowance as last told, in its own unit; None for what was not told."""

    name: str
    remaining: float | None
    size: float | None
    resets_at: datetime | None = None
    scope: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemFacts:
    """A configured system as last looked at, at `looked_at`.

    `seen_at` is when it last answered (None: never), `blind_since` the first failure of the present
    streak (None: it answers), `why` the newest failure and `refused` whether a person must act.
    The rest is as of `seen_at`; `expires` and `owner` are declared in the settings. `vendor` is
    what the vendor's status page says of its own components.
    """

    name: str
    title: str
    looked_at: datetime
    seen_at: datetime | None = None
    blind_since: datetime | None = None
    why: str = ""
    refused: bool = False
    took_ms: float | None = None
    limits: tuple[LimitFacts, ...] = ()
    token_ends_at: datetime | None = None
    expires: date | None = None
    owner: str = ""
    signals: Mapping[str, str] = field(default_factory=dict)
    vendor: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPart:
    """A part of Patchworks that cannot be read: since when, why, and whether a person must act."""

    since: datetime
    why: str
    refused: bool


def why_unknown(verdicts: Iterable[Verdict]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of unknown verdicts of a round that lost no source: what was not read whole, and which flows
    could not be judged, such as "Nightly audit (has not been watched long enough to ...)".

    Only a schedule takes time to judge; whatever else is unknown was not seen.
    """
    told = list(verdicts)
    unseen = tuple(verdict.sentence for verdict in told if verdict.condition != SCHEDULE)
    return unseen, tuple(_unjudged(verdict) for verdict in told if verdict.condition == SCHEDULE)


def _unjudged(verdict: Verdict) -> str:
    name = verdict.subject.name
    return f"{name} ({verdict.sentence.removeprefix(name).strip(' .')})"


_QUEUE = TypeAdapter(QueueFacts)
_SYSTEMS = TypeAdapter(tuple[SystemFacts, ...])
_BLINDNESS = TypeAdapter(dict[str, BlindPart])
_ROUND = TypeAdapter(RoundFacts)


def save_queue(db: Database, facts: QueueFacts, at: datetime) -> None:
    runs.save_snapshot(db, "queue", at, _QUEUE.dump_python(facts, mode="json"))


def find_queue(db: Database) -> QueueFacts | None:
    """None before the first round."""
    found = runs.find_snapshot(db, "queue")
    return _QUEUE.validate_python(found[1]) if found else None


def save_round(db: Database, facts: RoundFacts) -> None:
    runs.save_snapshot(db, "round", facts.at, _ROUND.dump_python(facts, mode="json"))


def find_round(db: Database) -> RoundFacts | None:
    """None before the first round."""
    found = runs.find_snapshot(db, "round")
    return _ROUND.validate_python(found[1]) if found else None


def save_systems(db: Database, systems: tuple[SystemFacts, ...], at: datetime) -> None:
    runs.save_snapshot(db, "systems", at, _SYSTEMS.dump_python(systems, mode="json"))


def find_systems(db: Database) -> tuple[SystemFacts, ...]:
    """Every configured system as last looked at; empty before the first look."""
    found = runs.find_snapshot(db, "systems")
    return _SYSTEMS.validate_python(found[1]) if found else ()


def save_blindness(db: Database, parts: Mapping[str, BlindPart], at: datetime) -> None:
    """The parts of Patchworks that cannot be read."""
    runs.save_snapshot(db, "blindness", at, _BLINDNESS.dump_python(dict(parts), mode="json"))


def find_blindness(db: Database) -> dict[str, BlindPart]:
    found = runs.find_snapshot(db, "blindness")
    return _BLINDNESS.validate_python(found[1]) if found else {}
