"""`[digest]`: when managers are told how the day went, and who of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.digest.period import Timetable
from bot.forecast_settings import TimeOfDay
from bot.incidents.hours import DAYS
from bot.section import Section
from bot.values import Channel, Zone

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
EVERY: tuple[Day, ...] = get_args(Day)
RECIPIENTS = ("channels", "people", "pagers")


class DigestSettings(Section):
    """Nobody is told while it names no recipient."""

    time: TimeOfDay = Field(default=time(8, 30), description="when it is told, by local clocks")
    days: tuple[Day, ...] = Field(
        default=EVERY,
        min_length=1,
        description="on which days; the next one covers what was left out",
    )
    timezone: Zone | None = Field(default=None, description="IANA zone; none: the estate's")
    channels: tuple[Channel, ...] = Field(
        default=(), description="channels it goes to: #name or id"
    )
    people: tuple[str, ...] = Field(
        default=(), description="[[person]] sections that get it as a direct message"
    )
    pagers: tuple[str, ...] = Field(
        default=(), description='[[pager]] sections of kind "email" that send it as a mail'
    )
    weekly: Day | None = Field(
        default=None, description="the day of a weekly one besides; none: there is none"
    )
    monthly: int | None = Field(
        default=None, ge=1, le=28, description="the day of the month of a monthly one; none: none"
    )

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        for key in ("days", *RECIPIENTS):
            named = told.get(key)
            folded = [str(each).casefold() for each in named] if isinstance(named, list) else []
            if len(set(folded)) < len(folded):
                yield f"{key} names one more than once; expected each once"

    def timetable(self, zone: ZoneInfo) -> Timetable:
        """When digests are due: in the digest's own zone, else in `zone`."""
        return Timetable(
            at=self.time,
            zone=ZoneInfo(self.timezone) if self.timezone else zone,
            days=frozenset(DAYS.index(each) for each in self.days),
            weekly=DAYS.index(self.weekly) if self.weekly else None,
            monthly=self.monthly,
        )


def digest_faults(told: Mapping[str, object]) -> Iterator[str]:
    """One sentence for every recipient that is no section of the file, as `told` in it."""
    digest = told.get("digest")
    if not isinstance(digest, Mapping):
        return
    people = {str(each.get("name")).casefold() for each in _tables(told, "person")}
    mails = {each.get("name") for each in _tables(told, "pager") if each.get("kind") == "email"}
    for name in _listed(digest, "people"):
        if name.casefold() not in people:
            yield f"[digest] people names {name!r}; expected a [[person]] of that name"
    for name in _listed(digest, "pagers"):
        if name not in mails:
            yield f'[digest] pagers names {name!r}; expected a [[pager]] of kind "email"'


def _listed(table: Mapping[str, object], key: str) -> list[str]:
    found = table.get(key)
    return [str(each) for each in found] if isinstance(found, list) else []


def _tables(told: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    found = told.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
