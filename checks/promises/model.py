"""What a flow promises, and what the check on promises is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Over the newest `over`: a share `success` of the runs succeeds, and a `share` of them is done
    `within` a time. None: that is not promised."""

    success: float | None = None
    within: timedelta | None = None
    share: float = 0.95
    over: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """How a flow has served in a time.

    `good` runs succeeded, `bad` ones failed or succeeded in part; those that a person stopped are
    in neither. `seconds` counts the good runs by how long they took, in whole seconds rounded up;
    from when the job was queued, where that is asked for. `waiting` are the ages, in seconds, of
    what runs or waits still.
    """

    good: int = 0
    bad: int = 0
    seconds: Mapping[int, int] = field(default_factory=dict)
    waiting: tuple[int, ...] = ()

    @property
    def runs(self) -> int:
        return self.good + self.bad

    @property
    def success(self) -> float | None:
        """0 to 1; None without runs."""
        return self.good / self.runs if self.runs else None

    def timed(self, within: timedelta) -> tuple[int, int]:
        """How many took longer than promised, and of how many; what is still at it counts as soon
        as it has taken longer."""
        most = within.total_seconds()
        over_due = sum(age > most for age in self.waiting)
        late = sum(number for length, number in self.seconds.items() if length > most)
        return late + over_due, sum(self.seconds.values()) + over_due

    def quantile(self, share: float) -> timedelta | None:
        """The time that a share of the good runs took at most, by nearest rank; None without."""
        wanted, seen = share * sum(self.seconds.values()), 0
        for length in sorted(self.seconds):
            seen += self.seconds[length]
            if seen >= wanted:
                return timedelta(seconds=length)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A flow with its promise, how it served over the span of the promise, and `lately`: in the
    newest quarter of that.

    `before` is how it served in the four weeks before, None where nothing is known of them. `known`
    is the share of the span of which every start of a run is known. `from_queue` says that times
    count from when a job was queued. `told` names what other checks tell of the flow or of its
    systems already, "" for nothing.
    """

    flow_id: str
    flow_name: str
    promise: Promise
    served: Served
    lately: Served
    before: Served | None = None
    known: float = 1.0
    from_queue: bool = False
    told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseEvidence:
    """Every deployed flow that promises something. `blind` says why the runs could not be read in
    this round, "" when they could."""

    flows: tuple[Kept, ...] = ()
    blind: str = ""
