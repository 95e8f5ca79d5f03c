"""`[[silence]]` and `[[maintenance]]`: what is held back by the settings, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from bot.incidents.hours import read_hours
from bot.incidents.local_time import first_instant
from bot.incidents.matchers import are_too_wide, read_matchers
from bot.incidents.silences import Maintenance, Silence
from bot.incidents.windows import Once, Weekly, Window, make_cron
from bot.section import Section
from bot.values import Zone
from checks.durations import Duration, parse_duration

BEGINNING = datetime.min.replace(tzinfo=UTC)
_UTC = ZoneInfo("UTC")


def _check_matchers(told: str) -> str:
    _, rest = read_matchers(told)
    if rest:
        raise ValueError(f"expected matchers such as 'system=netsuite', not {rest[:60]!r}")
    return told


def _check_narrow(told: str) -> str:
    if are_too_wide(read_matchers(told)[0]):
        raise ValueError("that would silence everything; name a check, a system or a flow")
    return told


def _check_hours(told: str) -> str:
    read_hours(told, _UTC)
    return told


Matchers = Annotated[str, AfterValidator(_check_matchers)]
NarrowMatchers = Annotated[Matchers, AfterValidator(_check_narrow)]
HoursText = Annotated[str, AfterValidator(_check_hours)]


class SilenceSettings(Section):
    """Incidents that match are recorded, and neither announced nor escalated."""

    name: str = Field(min_length=1, max_length=60, description="as people say it")
    matchers: NarrowMatchers = Field(
        description="such as 'check=rate_limit flow=\"Orders to NetSuite\"'"
    )
    reason: str = Field(min_length=1, max_length=500, description="why; shown to people")
    since: datetime | None = Field(default=None, description="when it begins; none: at once")
    until: datetime = Field(description="when it ends, such as 2027-01-05T09:00:00")

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        yield from _backwards(told)

    def silence(self, zone: ZoneInfo) -> Silence:
        """Times without an offset are those of `zone`, the estate's."""
        return Silence(
            id=0,
            name=self.name,
            matchers=read_matchers(self.matchers)[0],
            by="",
            reason=self.reason,
            since=_instant(self.since, zone) if self.since else BEGINNING,
            until=_instant(self.until, zone),
        )


class MaintenanceSettings(Section):
    """Planned work. While it is on, incidents that match are recorded, and neither announced nor
    escalated."""

    name: str = Field(min_length=1, max_length=60, description="as people say it")
    matchers: Matchers = Field(default="", description="what it touches; none: everything")
    reason: str = Field(min_length=1, max_length=500, description="what is done; shown to people")
    timezone: Zone | None = Field(default=None, description="IANA zone; none: the estate's")
    hours: HoursText | None = Field(
        default=None, description='"Sun 01:00-05:00", or "01:00-02:00" for every day'
    )
    cron: str | None = Field(default=None, description='or when it begins, "0 1 * * SUN"')
    length: Duration | None = Field(default=None, description="and for how long, at most 24h")
    since: datetime | None = Field(default=None, description="or once, from")
    until: datetime | None = Field(default=None, description="and until")

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        for pair in (("cron", "length"), ("since", "until")):
            if len(told.keys() & set(pair)) == 1:
                yield f"expected {pair[0]} and {pair[1]} together"
        if len(told.keys() & {"hours", "cron", "since"}) != 1:
            yield "expected one of: hours; cron and length; since and until"
        yield from _backwards(told)
        yield from _no_cron(told)

    def maintenance(self, zone: ZoneInfo) -> Maintenance:
        """`zone` is the estate's."""
        return Maintenance(
            name=self.name,
            matchers=read_matchers(self.matchers)[0],
            window=self._window(ZoneInfo(self.timezone) if self.timezone else zone),
            reason=self.reason,
        )

    def _window(self, zone: ZoneInfo) -> Window:
        if self.hours is not None:
            return Weekly(hours=read_hours(self.hours, zone))
        if self.cron is not None and self.length is not None:
            return make_cron(self.cron, self.length, zone)
        if self.since is None or self.until is None:
            raise ValueError(f"maintenance {self.name!r} has no window")
        return Once(since=_instant(self.since, zone), until=_instant(self.until, zone))


def _instant(at: datetime, zone: ZoneInfo) -> datetime:
    """A time of the settings, which has an offset or is that of `zone`."""
    return at.astimezone(UTC) if at.tzinfo else first_instant(at, zone)


def _backwards(told: Mapping[str, object]) -> Iterator[str]:
    since, until = told.get("since"), told.get("until")
    if not (isinstance(since, datetime) and isinstance(until, datetime)):
        return
    if (since.tzinfo is None) != (until.tzinfo is None):
        yield "expected since and until both with an offset, or both without"
    elif until <= since:
        yield "expected until after since"


def _no_cron(told: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with the expression or its length; a length that is none is told elsewhere."""
    cron, length = told.get("cron"), told.get("length", timedelta(hours=1))
    if not isinstance(cron, str):
        return
    try:
        lasts = parse_duration(length)
    except ValueError:
        return
    try:
        make_cron(cron, lasts, _UTC)
    except ValueError as error:
        yield str(error)
