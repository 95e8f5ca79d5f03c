"""The words of foresight: what is asked about a series, and what is answered. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DAY = timedelta(hours=24)
HORIZONS = (DAY, timedelta(hours=72))
"""The far one opens a warning, the near one sharpens it."""


class Kind(StrEnum):
    """How amounts are set against a limit."""

    BIN = "bin"  # the amount of one bin: calls an hour, or the busiest minute of it
    QUOTA = "quota"  # the running sum since the window began, which starts anew at set instants
    ROLLING = "rolling"  # the sum of the last `window`, at any moment
    BUCKET = "bucket"  # a level that every call raises and time lowers
    PLACES = "places"  # how many are under way at a time, by Little's law


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One limit to be watched, in the unit of the series' amounts.

    `used` is what the present window has spent (QUOTA), or the level (BUCKET), at the moment of the
    forecast. `resets` are the coming instants (UTC, rising) at which a QUOTA starts anew; without
    any it never does. `window` is that of ROLLING. `drains` is what a BUCKET loses in one bin.
    `seconds` is how long one call takes, for PLACES.
    """

    id: str
    kind: Kind
    amount: float
    used: float = 0.0
    resets: tuple[datetime, ...] = ()
    window: timedelta | None = None
    drains: float = 0.0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """How likely a limit is reached before `horizon` is over, and when.

    `chance` lies strictly between 0 and 1 unless the limit is passed already. `soonest`, `middle`
    and `latest` (UTC) are the 10, 50 and 90 % points of the first moment at which it is reached,
    given that it is; None when no path reaches it. `headroom` is the expected amount still free in
    the window's fullest moment; below zero when it is expected to be passed.
    """

    horizon: timedelta
    chance: float
    soonest: datetime | None
    middle: datetime | None
    latest: datetime | None
    headroom: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BandPoint:
    """What is expected of one bin that begins at `at` (UTC): 2.5, 10, 50, 90 and 97.5 %."""

    at: datetime
    lowest: float
    low: float
    middle: float
    high: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How good forecasts of a series were on its own past, never in-sample.

    `brier` is 1 - Brier score / that of always telling the past frequency: 1 is perfect, 0 is no
    better than knowing the frequency. None where too few forecasts could be judged.
    """

    brier: float | None = None
    forecasts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Why a forecast says what it says. `growth` is the change of level by week (0.1: 10 % up a
    week), None where it cannot be told. `peak_at` (UTC) is the most likely moment of the highest
    amount and `peak` its median; `usual_peak` the median highest amount of the past days of the
    same weekday. `occasions` are the named holidays and promotions that lie ahead, `under_way`
    those of them that are on when the forecast is made."""

    growth: float | None = None
    peak_at: datetime | None = None
    peak: float | None = None
    usual_peak: float | None = None
    occasions: tuple[str, ...] = ()
    under_way: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is foreseen of one limit, as of `made_at` (UTC); this is all that leaves the package.

    `fitted_at` is when the model was last fitted, None where a baseline alone speaks. `history` is
    how much of the series is known. `model` names who speaks: "mixture", "analogue", "screen" (the
    limit is so far away that no model was asked) or "none". `crossings` go by rising horizon.
    `band` is what is expected of the bins, `levels` of that which is set against the limit where it
    is something else: a sum, what a bucket holds, places taken.
    `withheld` says why nothing is foreseen, "" when something is; there are then no crossings.
    """

    limit_id: str
    made_at: datetime
    model: str
    history: timedelta
    amount: float
    step: timedelta
    kind: Kind = Kind.BIN
    fitted_at: datetime | None = None
    crossings: tuple[Crossing, ...] = ()
    band: tuple[BandPoint, ...] = ()
    levels: tuple[BandPoint, ...] = ()
    skill: Skill = Skill()
    reasons: Reasons = Reasons()
    withheld: str = ""

    def within(self, horizon: timedelta) -> Crossing | None:
        """What is said of the horizon; None where nothing is."""
        return next((each for each in self.crossings if each.horizon == horizon), None)
