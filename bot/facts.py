"""What the last round learned, kept so that a command can answer without asking any vendor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

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
