"""How much comes to each flow, hour by hour: recordings as they are replayed, grown and lifted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from types import MappingProxyType
from zoneinfo import ZoneInfo

from cronsim import CronSim

from bot.sandbox.estate.model import Flow
from bot.sandbox.estate.recording import recording
from bot.sandbox.promotion import ZONE

HOUR = timedelta(hours=1)
_WEEK = timedelta(weeks=1)
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How busy a flow is beside its recording: `times` at the sandbox's start, and by `a_week`
    (0.06: 6 %) more each week, before and after."""

    times: float = 1.0
    a_week: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """From `since` to `until` (UTC) everything that customers do comes `times` as often."""

    since: datetime
    until: datetime
    times: float


AS_RECORDED = Growth()
NO_GROWTH: Mapping[str, Growth] = MappingProxyType({})


class Volumes:
    """The amounts of every flow that follows a recording, before and after `opened_at` (UTC).

    `opens` says which moment of each recording is replayed at `opened_at`, and `growth`, by a
    flow's name, what is otherwise than recorded.
    """

    def __init__(
        self,
        opened_at: datetime,
        opens: Mapping[str, datetime],
        growth: Mapping[str, Growth] = NO_GROWTH,
    ) -> None:
        self.opened_at = opened_at
        self.shift = {name: moment - opened_at for name, moment in opens.items()}
        self._growth = growth
        self.lifts: list[Lift] = []

    def per_minute(self, flow: Flow, at: datetime) -> float:
        """How many webhooks call the flow a minute at `at`."""
        return flow.per_minute * self.share(flow, at)

    def records(self, flow: Flow, at: datetime) -> int | None:
        """How many records wait for the scheduled run at `at`; None where none is recorded.

        The runs of an hour share its amount, whole records each, so that nothing is lost.
        """
        if flow.cron is None or not flow.records_an_hour:
            return None
        runs = len(due_in_hour(flow.cron, at.hour)) or 1
        place = int((at - _hour(at)) / HOUR * runs)
        amount = round(flow.records_an_hour * self.share(flow, at))
        return amount * (place + 1) // runs - amount * place // runs

    def share(self, flow: Flow, at: datetime) -> float:
        """How busy the flow is at `at` (1.0: as in a busy hour of its recording)."""
        growth = self._growth.get(flow.name, AS_RECORDED)
        grown = growth.times * math.pow(1 + growth.a_week, (at - self.opened_at) / _WEEK)
        for lift in self.lifts:
            if lift.since <= at < lift.until:
                grown *= lift.times
        return grown * recording(flow.recording).share(self._recorded(flow.recording, at))

    def _recorded(self, name: str, at: datetime) -> datetime:
        """The moment that is replayed at `at`: people's days go by the clock on their wall, there
        and here, so that a peak keeps its hour when either clock is put forward or back."""
        there = recording(name).zone
        moment, opened = at + self.shift[name], self.opened_at + self.shift[name]
        moved_here = _offset(at, ZONE) - _offset(self.opened_at, ZONE)
        return moment + moved_here - (_offset(moment, there) - _offset(opened, there))


@cache
def due_in_hour(cron: str, hour: int) -> tuple[timedelta, ...]:
    """How long after the start of this hour of the day (UTC) a schedule starts its runs.

    No schedule of the company tells one day from another.
    """
    begins = _ANY_DAY + hour * HOUR
    dues = CronSim(cron, begins - timedelta(minutes=1))
    return tuple(due - begins for due in takewhile(lambda due: due < begins + HOUR, dues))


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta(0)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)
