"""What a flow usually moves: this span of hours beside the same span of other days, and its norm.

Of hours of which not every start of a run is known nothing is said, and nothing is learned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from forecasting.usual import WEEKDAYS, quantile

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN_HOURS = 3
PAST_DAYS = 28
OBSERVED = 0.98
"""So much of an hour must have been watched before it is judged, or learned from."""
SATURDAY = 5
SAME_WEEKDAY_NEEDS = 3
NORM_LEAVES_OUT = 24
"""The newest hours of which the norm learns nothing: a loss must not become usual at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What a flow's runs that started in some hours moved.

    `started` runs were picked from the queue or called from outside (none by hand). Of those that
    ended well, `told` said what they received and sent; `fed` of them received something, and
    `unsent` of these sent nothing; `empty` received nothing.
    """

    started: int = 0
    told: int = 0
    received: int = 0
    sent: int = 0
    fed: int = 0
    unsent: int = 0
    empty: int = 0


NOTHING = Traffic()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What a flow moved in up to three hours of the clock; `first` is the first of them (UTC)."""

    first: datetime
    started: int
    received: int
    sent: int
    fed: int
    unsent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """How much of what a flow receives it sends on, over the past weeks.

    `fed` runs received something, `unsent` of them sent nothing. `blocks` spans of three hours
    are known in which anything was received; sent per received was `usual` in the middle one, and
    `lowest` in the lowest but few (one in fifty). `since` is its first hour that is known, and
    `a_day` how many runs start a day.
    """

    fed: int = 0
    unsent: int = 0
    blocks: int = 0
    usual: float = 0.0
    lowest: float = 0.0
    since: datetime | None = None
    a_day: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowSpan:
    """One flow in the span, and in the same span of other days that can be compared.

    `now` is None when the span was not watched whole. `alike` are the same weekdays where enough
    of them are known, else the same kind of day (`basis` says which); `kind` is all days of that
    kind, the `alike` among them. `norm` is None while it has not been learned.
    """

    flow_id: str
    now: Traffic | None
    alike: tuple[Traffic, ...] = ()
    kind: tuple[Traffic, ...] = ()
    basis: str = ""
    norm: Norm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """All flows over the hours from `since` to `until` (UTC). `closed` names the holiday on which
    less is to be expected, "" on any other day."""

    since: datetime
    until: datetime
    flows: Mapping[str, FlowSpan]
    closed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The days that count: their `zone`, those `left_out` (holidays and promotions, by local date),
    and what holiday it is where less is to be expected of the day judged ("" when none)."""

    zone: ZoneInfo
    left_out: AbstractSet[date] = frozenset()
    closed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Which hours are compared and learned from.

    `until` ends the span judged, which was watched whole if `seen`. `kind` are the ends of the same
    span on the same kind of day, newest first, and `same` those of the same weekday; `learned` are
    the starts of the hours of which the norm is made, oldest first. UTC.
    """

    until: datetime
    seen: bool
    kind: tuple[datetime, ...]
    same: tuple[datetime, ...]
    learned: tuple[datetime, ...]
    weekday: int
    closed: str = ""

    @property
    def since(self) -> datetime:
        """When the span judged begins."""
        return self.until - SPAN_HOURS * HOUR


def times(watched: Mapping[datetime, float], until: datetime, days: Days) -> Times:
    """For the span that ends at `until` (a whole hour, UTC). `watched` is the share of each hour of
    which every start of a run is known."""
    whole = {hour for hour, share in watched.items() if share >= OBSERVED}
    today = until.astimezone(days.zone).weekday()
    past = [(end, end.astimezone(days.zone).weekday()) for end in _comparable(until, whole, days)]
    learned = (hour for hour in whole if hour < until - NORM_LEAVES_OUT * HOUR)
    return Times(
        until=until,
        seen=_is_whole(until, whole),
        kind=tuple(end for end, day in past if (day >= SATURDAY) is (today >= SATURDAY)),
        same=tuple(end for end, day in past if day == today),
        learned=tuple(sorted(learned)),
        weekday=today,
        closed=days.closed,
    )


def weigh(
    lately: Mapping[str, Traffic],
    moved: Mapping[str, Mapping[datetime, Traffic]],
    norms: Mapping[str, Norm],
    at: Times,
) -> Weighed:
    """Every flow's newest span, which `lately` tells of, beside its past: by flow id what was moved
    in the span that ends then. What is not there had no run."""
    return Weighed(
        since=at.since,
        until=at.until,
        flows={
            flow_id: _flow_span(
                flow_id,
                lately.get(flow_id, NOTHING) if at.seen else None,
                moved.get(flow_id, {}),
                norms.get(flow_id),
                at,
            )
            for flow_id in lately.keys() | moved.keys() | norms.keys()
        },
        closed=at.closed,
    )


def _flow_span(
    flow_id: str,
    now: Traffic | None,
    moved: Mapping[datetime, Traffic],
    norm: Norm | None,
    at: Times,
) -> FlowSpan:
    """Days before the flow's first known run tell nothing of it."""
    first = (norm.since if norm else None) or at.until
    kind = [end for end in at.kind if end - SPAN_HOURS * HOUR >= first]
    same = [end for end in at.same if end - SPAN_HOURS * HOUR >= first]
    alike = same if len(same) >= SAME_WEEKDAY_NEEDS else kind
    any_day = "weekends" if at.weekday >= SATURDAY else "weekdays"
    basis = WEEKDAYS[at.weekday] if alike is same else any_day
    return FlowSpan(
        flow_id=flow_id,
        now=now,
        alike=tuple(moved.get(end, NOTHING) for end in alike),
        kind=tuple(moved.get(end, NOTHING) for end in kind),
        basis=f"{basis} at this time",
        norm=norm,
    )


def learn(blocks: Sequence[Block], at: Times) -> Norm:
    """One flow's norm, of all its blocks of the hours `at.learned`."""
    if not blocks:
        return Norm()
    since = min(each.first for each in blocks)
    hours = sum(hour >= since for hour in at.learned)
    ratios = sorted(each.sent / each.received for each in blocks if each.received > 0)
    return Norm(
        fed=sum(each.fed for each in blocks),
        unsent=sum(each.unsent for each in blocks),
        blocks=len(ratios),
        usual=quantile(ratios, 0.5) if ratios else 0.0,
        lowest=quantile(ratios, 0.02) if ratios else 0.0,
        since=since,
        a_day=sum(each.started for each in blocks) * (DAY / HOUR) / max(1, hours),
    )


def _comparable(until: datetime, whole: AbstractSet[datetime], days: Days) -> list[datetime]:
    """The ends (UTC) of the same span of the local clock on the days before, newest first."""
    local = until.astimezone(days.zone).replace(tzinfo=None)
    found = []
    for back in range(1, PAST_DAYS + 1):
        end = (local - back * DAY).replace(tzinfo=days.zone).astimezone(UTC)
        day = (local - back * DAY - HOUR).date()
        if day not in days.left_out and _is_whole(end, whole):
            found.append(end)
    return found


def _is_whole(end: datetime, whole: AbstractSet[datetime]) -> bool:
    return all(end - back * HOUR in whole for back in range(1, SPAN_HOURS + 1))
