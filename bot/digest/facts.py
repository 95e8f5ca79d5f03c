"""Everything that a digest tells, as plain data: what is said of it is for `wording`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bot.costs import Reckoned
from bot.digest.measures import Times, Went
from bot.digest.period import Period
from bot.foresight.foreseen import ForeseenAllowance
from bot.incidents.ending import Fate
from bot.incidents.model import Incident
from bot.inventory import JudgedCredential

NO_RUNS = Went()
NO_FATE = Fate()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An incident as it stood at the end of the period: the title of its check, what it is about
    and what its check said, all three foreign text or "" where nothing is known. `fate` is what
    became by then of the fault, where a person resolved it."""

    incident: Incident
    title: str = ""
    subject: str = ""
    sentence: str = ""
    fate: Fate = NO_FATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The flows that belong together under `name` (foreign text; the settings' own group, or the
    system that they send to), and how their runs went in the
    period and in the one it is compared with; `before` None where nothing is known of that.
    `standing` incidents about them are open at its end."""

    name: str
    flows: int
    went: Went
    standing: int = 0
    before: Went | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hushed:
    """A silence or maintenance ("silence 7") that held incidents back in the period, or that ends
    soon after it. `until` (UTC) is None where it is not told; `by` is a Slack user id, or ""."""

    label: str
    hid: tuple[int, ...] = ()
    until: datetime | None = None
    by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How often a check, or several of one title, spoke up in the period, and what people called
    it."""

    title: str
    opened: int
    wrong: int = 0
    noisy: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What comparing systems record by record has shown in the period. `pairs` were compared,
    `unsure` of them could not be judged; `differences` are sentences, foreign text in them, and so
    are `mended`, what was found or made good in the period and stands as it should by now, and
    `behind`, how far comparisons that are due lag, of which nothing is known yet. `total` counts
    what differs, `mended_total` what did."""

    pairs: int
    unsure: int = 0
    total: int = 0
    mended_total: int = 0
    differences: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the bot itself did. `missed` of `expected` rounds did not take place, the longest time
    without one was `longest`, from `longest_from` on. None for `patience` is trouble, but where the
    clock is `steered`: a sandbox's may run faster than rounds can be made, and be moved. `waiting`
    messages have not gone out; the oldest of them since `waiting_since`. `trouble` are sentences
    about anything else."""

    expected: int = 0
    missed: int = 0
    longest: timedelta = timedelta(0)
    longest_from: datetime | None = None
    patience: timedelta = timedelta(minutes=15)
    steered: bool = False
    last_round: datetime | None = None
    waiting: int = 0
    waiting_since: datetime | None = None
    calls: int = 0
    budget: int = 0
    trouble: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unjudged:
    """Things that can be seen and yet not be judged: `what` is not known of them ("what is usual of
    9 flows"). `learning` says that it takes time alone, `until` until about when (UTC), None where
    that is not known."""

    what: str
    learning: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What is known of the present alone, and stands in no digest of the past.

    `foreseen` are the limits that may be reached, likeliest first, and `withheld` how many cannot
    be foreseen; `unproven` are likely by forecasts that have been no better than a guess.
    `credentials` are not accepted or end soon; `endless` counts those of which nobody
    knows when they end. `blind` names what cannot be seen, each with why, `unjudged` what can be
    seen and yet not be judged, summed up. `gaps` are sentences about when nobody will be on call,
    `unowned` the names of flows that nobody owns.
    """

    foreseen: tuple[ForeseenAllowance, ...] = ()
    unproven: tuple[ForeseenAllowance, ...] = ()
    withheld: int = 0
    credentials: tuple[JudgedCredential, ...] = ()
    endless: int = 0
    blind: tuple[str, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    gaps: tuple[str, ...] = ()
    unowned: tuple[str, ...] = ()
    health: Health = Health()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One bar of the chart: so many, of the local days from `first` on; None where it is not
    known."""

    first: date
    label: str
    value: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The one chart: `title` says what is counted, and how long a step is."""

    title: str
    steps: tuple[Step, ...]

    @property
    def is_known(self) -> bool:
        return any(step.value is not None for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """How people did in one step of a trend, and what its errors cost: `label` is "16 Nov",
    "Nov 2026" or "23 Oct to 23 Nov". `unacknowledged` of those opened in it nobody had in hand by
    its end."""

    label: str
    opened: int
    resolved: int
    unacknowledged: int = 0
    acknowledging: Times | None = None
    resolving: Times | None = None
    cost: Reckoned | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest, as of `made_at` (UTC).

    `standing` are open at the end of the period; `left` are those, the newest first, that people
    had resolved by then and whose fault was still there. `resolved` ended in it, the newest first,
    and `never_acknowledged` of them nobody had in hand; `unacknowledged` of those `opened` in it
    nobody had in hand by its end. `acknowledging` (MTTA) is of the incidents
    first acknowledged in the period, `resolving` (MTTR) of those resolved in it; drills are in
    neither. `observed` is the share of the period of which every start of a run is known. `people`
    are names by Slack user id. `spans` are there in weekly and monthly ones, the newest last.
    `cost` and `reconciled` are None where they are not set up; `cost_before` is that of the period
    before, None where too little of it is known. `late` is how much later than it
    was due it is sent; nothing for one that somebody asked for. `beside_daily` says that the daily
    one of the same date tells what is open and what lies ahead.
    """

    period: Period
    made_at: datetime
    estate: str
    standing: tuple[Case, ...] = ()
    left: tuple[Case, ...] = ()
    resolved: tuple[Case, ...] = ()
    opened: int = 0
    never_acknowledged: int = 0
    unacknowledged: int = 0
    acknowledging: Times | None = None
    resolving: Times | None = None
    runs: Went = NO_RUNS
    runs_before: Went | None = None
    groups: tuple[Group, ...] = ()
    observed: float = 1.0
    hushed: tuple[Hushed, ...] = ()
    noise: tuple[Noise, ...] = ()
    present: Present | None = None
    cost: Reckoned | None = None
    cost_before: Reckoned | None = None
    reconciled: Reconciled | None = None
    trend: Trend | None = None
    spans: tuple[Span, ...] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    late: timedelta = timedelta(0)
    beside_daily: bool = False

    @property
    def unheld(self) -> tuple[Case, ...]:
        """Those that nobody has in hand, those put off included."""
        return tuple(each for each in self.standing if each.incident.holder is None)

    @property
    def is_partial(self) -> bool:
        """Whether it was made before its period was over."""
        return self.made_at < self.period.until

    @property
    def knows_nothing(self) -> bool:
        """Whether nobody looked at all."""
        told = self.standing or self.resolved or self.left
        return not (self.runs.runs or self.observed or told)
