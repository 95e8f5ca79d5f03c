"""`[[person]]` and `[[team]]`: who can be told, how, and when not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from bot.incidents.hours import Hours, read_hours
from bot.section import Section
from bot.values import Zone


def _check_hours(text: str) -> str:
    read_hours(text, ZoneInfo("UTC"))
    return text


HoursText = Annotated[str, AfterValidator(_check_hours)]


class PersonSettings(Section):
    name: str = Field(min_length=1, max_length=60, description="as rotas and policies name them")
    slack: str | None = Field(
        default=None, pattern=r"^[UW][A-Z0-9]{2,20}$", description="the Slack user id, U..."
    )
    email: str | None = Field(
        default=None, pattern=r"^[^@\s<>]+@[^@\s<>]+$", description="or the address Slack knows"
    )
    timezone: Zone | None = Field(default=None, description="IANA zone; none: the estate's")
    quiet: HoursText | None = Field(
        default=None, description='hours in which only critical incidents are told, "22:00-07:00"'
    )
    pagers: tuple[str, ...] = Field(
        default=(), description="[[pager]] sections that reach this person, besides Slack"
    )

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if ("slack" in told) == ("email" in told):
            yield "expected either slack or email"

    def quiet_hours(self, zone: ZoneInfo) -> Hours | None:
        """In the person's own zone, else in `zone`."""
        own = ZoneInfo(self.timezone) if self.timezone else zone
        return read_hours(self.quiet, own) if self.quiet else None


class TeamSettings(Section):
    name: str = Field(min_length=1, max_length=60, description="as routes name it")
    members: tuple[str, ...] = Field(default=(), description="[[person]] sections, by name")
    channel: str | None = Field(
        default=None, description="where its incidents are announced; none: [slack] channel"
    )
    policy: str | None = Field(default=None, description="the [[policy]] of its incidents")
    working: HoursText | None = Field(
        default=None, description='its working hours, "Mon-Fri 09:00-17:30"; none: the estate\'s'
    )
