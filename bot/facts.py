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
UNJUDGED = {
    "rate_limit": "allowance",
    "token_expiry": "expiry",
    "failing_flow": "runs",
    "odd_flow": "what is usual",
    "reconciliation": "whether everything arrived",
    "silent_loss": "whether anything is lost",
    "broken_promise": "promise",
}
SIGHT = ("stalled_queue", "unreadable")
TROUBLE_KEPT = 50


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
class Trouble:
    """Something in trouble: the dedup key of its condition, what it is about, and one sentence."""

    key: str
    name: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundFacts:
    """How the newest round went. `trouble` names the first of what is in trouble, `blind` each
    thing that could not be read, with why; `unjudged` each flow that could be read and yet not be
    judged, with why; `unjudged_by` are the names of what these are about, by check, one a verdict.
    `noted_at` (UTC) is when it ended by the machine's own clock, None where that was not kept.
    """

    at: datetime
    took_seconds: float
    judged: int
    troubled: int
    unknown: int
    trouble: tuple[Trouble, ...] = ()
    blind: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()
    unjudged_by: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    calls_last_minute: int = 0
    calls_per_minute: int = 0
    noted_at: datetime | None = None


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
    streak (None: it answers), `why` the newest failure, `refused` whether a person must act, and
    `rejected` whether our credential was not accepted, and `resting` whether it asked us to wait.
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
    rejected: bool = False
    resting: bool = False
    took_ms: float | None = None
    limits: tuple[LimitFacts, ...] = ()
    token_ends_at: datetime | None = None
    expires: date | None = None
    owner: str = ""
    signals: Mapping[str, str] = field(default_factory=dict)
    signals_since: Mapping[str, datetime] = field(default_factory=dict)
    vendor: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPart:
    """A part of Patchworks that cannot be read: since when, why, whether a person must act,
    whether it is because our credential was not accepted, and how many `looks` have failed."""

    since: datetime
    why: str
    refused: bool
    rejected: bool = False
    looks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFacts:
    """The settings in force were read at `loaded_at`. Where newer ones were refused since,
    `refused_at` says when (else None) and `faults` why."""

    loaded_at: datetime
    refused_at: datetime | None = None
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackfillFacts:
    """How far the reading of the platform's past has come; times are UTC.

    It reads backwards from `began_at` to `since`, and has come to `reached`. `total` is how many
    runs the platform counts there (None: not asked yet), `done` how many of them are stored.
    `estimate` is what was left to do at the start: "about 14,200 runs, 142 calls, 4 min". `waiting`
    says why it does not go on now, "" when it does; `finished_at` is None until it is over.
    """

    began_at: datetime
    since: datetime
    reached: datetime
    total: int | None = None
    done: int = 0
    estimate: str = ""
    waiting: str = ""
    finished_at: datetime | None = None

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        if self.finished_at is not None:
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningFacts:
    """How forecasts stand at `at` (UTC): of `of` series that are long enough `learned` are learned.

    All limits were last foreseen at `refreshed_at` (None: never), which took `took_seconds`.
    `trouble` says why the newest job gave no answer, "" when it did.
    """

    at: datetime
    learned: int = 0
    of: int = 0
    refreshed_at: datetime | None = None
    took_seconds: float = 0.0
    trouble: str = ""


def why_unknown(verdicts: Iterable[Verdict]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of unknown verdicts of a round that lost no source: what was not read whole, and what could
    be read and yet not be judged, such as "Nightly audit (has not been watched long enough ...)".

    A schedule takes time to judge, a flow has to run, a date has to be declared; what the checks of
    the queue and of our own sight do not know was not seen.
    """
    told = list(verdicts)
    unseen = [each for each in told if each.check in SIGHT and each.condition != SCHEDULE]
    unjudged = (each for each in told if each not in unseen)
    return tuple(each.sentence for each in unseen), tuple(map(_unjudged, unjudged))


def unjudged_by(verdicts: Iterable[Verdict]) -> dict[str, tuple[str, ...]]:
    """Of the same verdicts those that could be read and yet not be judged: by check, what they are
    about, one a verdict."""
    found: dict[str, list[str]] = {}
    for each in verdicts:
        if each.check not in SIGHT or each.condition == SCHEDULE:
            found.setdefault(each.check, []).append(each.subject.name)
    return {check: tuple(names) for check, names in found.items()}


def in_trouble(verdicts: Iterable[Verdict]) -> tuple[Trouble, ...]:
    """The first of what is in trouble, what has happened before what is only foreseen."""
    found = [each for each in verdicts if each.level.is_trouble]
    found.sort(key=lambda each: each.level is not Level.BREACH)
    return tuple(
        Trouble(key=each.key, name=each.subject.name or each.subject.id, sentence=each.sentence)
        for each in found[:TROUBLE_KEPT]
    )


def _unjudged(verdict: Verdict) -> str:
    name = verdict.subject.name
    if verdict.check in UNJUDGED:
        return f"{name} ({UNJUDGED[verdict.check]})"
    return f"{name} ({verdict.sentence.removeprefix(name).strip(' .')})"


_QUEUE = TypeAdapter(QueueFacts)
_SYSTEMS = TypeAdapter(tuple[SystemFacts, ...])
_BLINDNESS = TypeAdapter(dict[str, BlindPart])
_ROUND = TypeAdapter(RoundFacts)
_UNSEEN_LISTS = TypeAdapter(dict[str, dict[str, BlindPart]])
_SETTINGS = TypeAdapter(SettingsFacts)
_BACKFILL = TypeAdapter(BackfillFacts)
_LEARNING = TypeAdapter(LearningFacts)


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


def save_settings(db: Database, settings: SettingsFacts, at: datetime) -> None:
    runs.save_snapshot(db, "settings", at, _SETTINGS.dump_python(settings, mode="json"))


def find_settings(db: Database) -> SettingsFacts | None:
    """None before a bot has read its settings from a file."""
    found = runs.find_snapshot(db, "settings")
    return _SETTINGS.validate_python(found[1]) if found else None


def save_backfill(db: Database, backfill: BackfillFacts, at: datetime) -> None:
    runs.save_snapshot(db, "backfill", at, _BACKFILL.dump_python(backfill, mode="json"))


def find_backfill(db: Database) -> BackfillFacts | None:
    """None before the platform's past was first asked for."""
    found = runs.find_snapshot(db, "backfill")
    return _BACKFILL.validate_python(found[1]) if found else None


def save_learning(db: Database, learning: LearningFacts) -> None:
    runs.save_snapshot(db, "learning", learning.at, _LEARNING.dump_python(learning, mode="json"))


def find_learning(db: Database) -> LearningFacts | None:
    """None before anything was foreseen."""
    found = runs.find_snapshot(db, "learning")
    return _LEARNING.validate_python(found[1]) if found else None


def save_unseen_lists(db: Database, unseen: dict[str, dict[str, BlindPart]], at: datetime) -> None:
    """The lists whose answers could not be looked at, by system and by what people call them."""
    runs.save_snapshot(db, "unseen_lists", at, _UNSEEN_LISTS.dump_python(unseen, mode="json"))


def find_unseen_lists(db: Database) -> dict[str, dict[str, BlindPart]]:
    """As the newest look left them."""
    found = runs.find_snapshot(db, "unseen_lists")
    return _UNSEEN_LISTS.validate_python(found[1]) if found else {}
