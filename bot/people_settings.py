"""`[[person]]` and `[[team]]`: who can be told, how, and when not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from bot.incidents.hours import Hours, read_hours
from bot.section import Section
from bot.values import Channel, Zone


def _check_hours(text: str) -> str:
    read_hours(text, ZoneInfo("UTC"))
    return text


def _check_account(text: str) -> str:
    if not re.fullmatch(r"[UW][A-Z0-9]{2,20}", text):
        raise ValueError('expected a Slack user id such as "U0123ABCD", or email instead')
    return text


def _check_email(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text):
        raise ValueError('expected an e-mail address such as "alex@example.com"')
    return text


Account = Annotated[str, AfterValidator(_check_account)]
Email = Annotated[str, AfterValidator(_check_email)]
HoursText = Annotated[str, AfterValidator(_check_hours)]


class PersonSettings(Section):
    name: str = Field(min_length=1, max_length=60, description="as rotas and policies name them")
    slack: Account | None = Field(default=None, description="the Slack user id, U...")
    email: Email | None = Field(default=None, description="or the address Slack knows")
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
    channel: Channel | None = Field(
        default=None, description="where its incidents are announced; none: [slack] channel"
    )
    policy: str | None = Field(default=None, description="the [[policy]] of its incidents")
    working: HoursText | None = Field(
        default=None, description='its working hours, "Mon-Fri 09:00-17:30"; none: the estate\'s'
    )
