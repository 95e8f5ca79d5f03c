"""Allowances as they stand: what is left, who spends it, whose it is. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checks.declare import Shape, Whose
from checks.failures import FailureEvidence
from forecasting.model import Forecast
from forecasting.usual import Spread, Usual


class SizeFrom(StrEnum):
    """Where the size of an allowance is known from."""

    READ = "read"  # told by the system itself
    PLATFORM = "set in Patchworks"  # an instance's rate limit, a pool, the subscription
    DECLARED = "declared"  # the operator's word
    PUBLISHED = "published"  # the vendor's page; the account's plan may differ
    NOBODY = "no published limit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """What one flow spends of an allowance, in its unit, over an hour (or the day that a quota is
    for): the one before the newest look, or what is usual at another time."""

    flow_id: str
    flow_name: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long one operation takes, in seconds: of late, and what is usual. Calls that the
    platform holds back show here before any is refused."""

    lately: float
    runs: int
    usual: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """How warnings of one allowance, or of all, turned out since a moment (UTC).

    `averted` ones are counted beside the others and never as right; `missed` are breaches that no
    warning preceded. `median_lead` is how long before its breach a right warning stood, None where
    none was right. `reached_at` is when the limit was last seen reached, None where it was not.
    """

    since: datetime
    right: int = 0
    false: int = 0
    averted: int = 0
    missed: int = 0
    median_lead: timedelta | None = None
    reached_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """One allowance as last seen, at `at` (UTC).

    `id` is unique: "system/shop/query points", "instance/702/rate", "pool/61/use",
    "platform/main/operations". `system` is how people call its owner and `name` what it is. `unit`
    is what it counts ("calls", "points", "operations", "runs at a time"). `per` None: at the same
    time. `used` is what the present window (of `per`, ending at `resets_at` where told) has spent,
    `size` what it may; each None where not known. `worst` is the fullest window of the last hour,
    as a share of size. `whose` says whose use was read; `derived` that it was worked out from
    Patchworks' operations, which leaves out what others spend. `usual` is what is usual for `used`
    at this hour. `forecast` is what is foreseen of it, None where nothing was asked, `peak_spends`
    who usually spends it when its peak is due (empty: not known, or no peak worth a word), and
    `record` how warnings about it turned out. `blind` says why nothing newer could be read, "" when
    it could. `note` tells whose accounts have this limit, where not all have.
    """

    id: str
    system: str
    name: str
    shape: Shape
    unit: str
    at: datetime
    size: float | None = None
    per: timedelta | None = None
    used: float | None = None
    worst: float | None = None
    resets_at: datetime | None = None
    size_from: SizeFrom = SizeFrom.NOBODY
    whose: Whose = Whose.NOBODYS
    derived: bool = False
    usual: Usual | None = None
    spends: tuple[Spend, ...] = ()
    pace: Pace | None = None
    instance_ids: tuple[str, ...] = ()
    system_kind: str = ""
    time_sensitive: bool = False
    forecast: Forecast | None = None
    peak_spends: tuple[Spend, ...] = ()
    record: TrackRecord | None = None
    blind: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitEvidence:
    """Every allowance, and how the runs went that spend it. `own_calls_refused` counts the bot's
    own calls that Patchworks refused with 429 in the last hour. `queue_was_full`: of late all slots
    of the platform were taken, so that runs took longer for that reason alone."""

    limits: tuple[Allowance, ...]
    failures: FailureEvidence
    own_calls_refused: int = 0
    queue_was_full: bool = False
