"""`[[rota]]`: who is on call when, as layers of turns or from a calendar kept elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationInfo

from bot.forecast_settings import TimeOfDay
from bot.incidents.hours import read_hours
from bot.incidents.layers import Every, Layer
from bot.incidents.rota import Rota
from bot.section import Section
from bot.values import LOOPBACK, Zone, resolve_secret


def _read_calendar(told: object, info: ValidationInfo) -> object:
    """A file, made absolute, or an address; one that is private stands by reference."""
    if isinstance(told, str) and told.startswith(("env:", "file:")):
        told = resolve_secret(told, info).get_secret_value()
    if not isinstance(told, str) or not told.strip():
        raise ValueError('expected a file, an https:// address, or a reference "env:NAME" to one')
    if "://" not in told:
        folder: Path = (info.context or {}).get("folder", Path())
        return SecretStr(str(folder / told))
    parts = urlsplit(told)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("expected a file or an https:// address")
    return SecretStr(told)


def _read_restriction(text: str) -> tuple[tuple[time, time] | None, frozenset[int]]:
    """ "Mon-Fri 09:00-18:00", "22:00-06:00", or days alone, "Sat,Sun". Raises ValueError."""
    if not any(sign.isdigit() for sign in text):
        return None, read_hours(f"{text} 00:00-12:00", ZoneInfo("UTC")).days
    hours = read_hours(text, ZoneInfo("UTC"))
    return (hours.since, hours.until), hours.days


def _check_restriction(text: str) -> str:
    _read_restriction(text)
    return text


Restriction = Annotated[str, AfterValidator(_check_restriction)]
Calendar = Annotated[SecretStr, BeforeValidator(_read_calendar)]
"""Calendars often have addresses that are known to those who may read them: never shown."""


class LayerSettings(Section):
    name: str = Field(default="", max_length=60, description="as people say it")
    members: tuple[str, ...] = Field(
        min_length=1, description="[[person]] sections, by name, in the order of their turns"
    )
    every: Every = Field(description='a turn is counted "hourly", "daily", "weekly" or "monthly"')
    length: int = Field(default=1, ge=1, le=1000, description="so many of these are one turn")
    start: date = Field(
        description="the day of the first hand-over; it gives the weekday or the day of the month"
    )
    handover: TimeOfDay = Field(
        default=time(9), description="by the clocks of the rota's zone; hourly: the first of them"
    )
    hours: Restriction | None = Field(
        default=None,
        description='on call only then, "Mon-Fri 09:00-18:00" or "Sat,Sun"; none: always',
    )

    def as_layer(self, place: int) -> Layer:
        hours, days = _read_restriction(self.hours) if self.hours else (None, None)
        return Layer(
            name=self.name or f"layer {place}",
            members=self.members,
            every=self.every,
            length=self.length,
            start=self.start,
            handover=self.handover,
            hours=hours,
            days=days,
        )


class RotaSettings(Section):
    name: str = Field(
        min_length=1, max_length=60, pattern=r"^\S+$", description="one word, as people type it"
    )
    timezone: Zone | None = Field(default=None, description="IANA zone; none: the estate's")
    layer: tuple[LayerSettings, ...] = Field(
        default=(), description="where several have somebody on call, the last of them holds"
    )
    ical: Calendar | None = Field(
        default=None,
        description="instead of layers: a calendar (.ics), as a file, an https:// address, or a "
        'reference "env:NAME" to one; an attendee or the title says who',
    )

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if ("layer" in told) == ("ical" in told):
            yield "expected either [[rota.layer]] sections or ical"

    def as_rota(self, zone: ZoneInfo) -> Rota:
        """Without the shifts of its calendar, which have to be fetched."""
        layers = tuple(each.as_layer(place) for place, each in enumerate(self.layer, 1))
        return Rota(
            name=self.name,
            zone=ZoneInfo(self.timezone) if self.timezone else zone,
            layers=layers,
        )


def rota_faults(told: Mapping[str, object]) -> Iterator[str]:
    """One sentence for every member of a layer who is no `[[person]]`. `told` is the file as it was
    read."""
    people = {str(each.get("name")).casefold() for each in _tables(told, "person")}
    for rota in _tables(told, "rota"):
        name = str(rota.get("name"))
        members = [layer.get("members") for layer in _tables(rota, "layer")]
        named = {str(each) for told in members if isinstance(told, list) for each in told}
        for member in sorted(named):
            if member.casefold() not in people:
                yield f"[[rota]] {name!r} names {member!r}; expected a [[person]] of that name"


def _tables(told: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """The tables of an array of tables, whatever else stands there."""
    found = told.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
