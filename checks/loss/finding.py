"""What one signal found of one flow: trouble and how sure it is, or why there is none to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from checks.failures import Failure
from checks.model import Level, Measure

# How long Patchworks keeps the payloads of a run:
# https://doc.wearepatchworks.com/product-documentation/process-flows/error-reporting-and-exception-handling/run-logs-and-queue
PAYLOADS_KEPT = timedelta(hours=72)


class Signal(StrEnum):
    """The patterns of silent loss, the surest first."""

    PARTIAL = "partial"
    GREEN_ERRORS = "green_errors"
    UNSENT = "unsent"
    TRACKED = "tracked"
    EMPTY = "empty"
    LOW_VOLUME = "low_volume"
    POOL = "pool"
    SILENT = "silent"


class Sure(StrEnum):
    """How sure a signal is that records are lost."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class State(StrEnum):
    """`UNDECIDED`: looked, and cannot tell just now, which neither opens nor closes anything.
    `UNSEEN`: there is nothing to look at for this flow; that is said, and decides nothing."""

    TROUBLE = "trouble"
    CLEAR = "clear"
    UNDECIDED = "undecided"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One signal's word on one flow.

    `says` is a part of a sentence that ends without a full stop: of trouble what was seen beside
    what was expected, else why there is nothing to tell. `lost` is how many records are known to
    be concerned; `since` when the first of it happened, `deadline` when its first payload goes,
    `last_deadline` the last one (UTC). `run_id` is the newest run to look at, `failure` what its
    log told. `unsent_in` is the time in which values were received that were never sent (from, to):
    by it they are looked up when they are shown, as what a check says cannot be deleted.
    """

    signal: Signal
    state: State
    says: str = ""
    sure: Sure | None = None
    level: Level = Level.OK
    lost: int | None = None
    since: datetime | None = None
    deadline: datetime | None = None
    last_deadline: datetime | None = None
    run_id: str | None = None
    failure: Failure | None = None
    unsent_in: tuple[datetime, datetime] | None = None
    measure: Measure | None = None

    @property
    def is_trouble(self) -> bool:
        return self.state is State.TROUBLE


def clear(signal: Signal, measure: Measure | None = None) -> Finding:
    return Finding(signal=signal, state=State.CLEAR, measure=measure)


def undecided(signal: Signal, why: str) -> Finding:
    return Finding(signal=signal, state=State.UNDECIDED, says=why)


def unseen(signal: Signal, why: str) -> Finding:
    return Finding(signal=signal, state=State.UNSEEN, says=why)
