"""`[forecast]` and `[[promotion]]`: what forecasts are to know, and where they are worked out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, field_validator

from bot.section import Section
from checks.durations import Duration
from forecasting.trading_days import Calendar, Occasion, check_country

PROCESSES = "processes"
DASK = "dask://"
LAST_PORT = 65_535


def _read_time(told: object) -> object:
    """ "02:30" -> 02:30. Raises ValueError in one sentence."""
    if isinstance(told, time):
        return told.replace(second=0, microsecond=0)
    try:
        hour, minute = str(told).split(":")
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError('expected a time of day such as "02:30"') from None


def _check_executor(told: str) -> str:
    host, _, port = told.removeprefix(DASK).rpartition(":")
    named = host and port.isascii() and port.isdigit() and 0 < int(port) <= LAST_PORT
    if told != PROCESSES and not (told.startswith(DASK) and named):
        raise ValueError(f'expected "{PROCESSES}" or a Dask scheduler such as "{DASK}host:8786"')
    return told


def _check_country(code: str) -> str:
    check_country(code)
    return code


TimeOfDay = Annotated[
    time, BeforeValidator(_read_time), PlainSerializer(lambda at: at.isoformat("minutes"))
]
Executor = Annotated[str, AfterValidator(_check_executor)]
Country = Annotated[str, AfterValidator(_check_country)]


class ForecastSettings(Section):
    countries: tuple[Country, ...] = Field(
        default=(), description="whose public holidays move your volumes: ISO 3166 codes"
    )
    workers: int | None = Field(
        default=None, ge=1, le=64, description="jobs at a time; none: half of the machine's cores"
    )
    executor: Executor = Field(
        default=PROCESSES, description="where they run: on this machine, or dask://host:port"
    )
    timeout: Duration = Field(
        default=timedelta(minutes=2), description="a job that takes longer is ended"
    )
    learn_at: TimeOfDay = Field(
        default=time(2, 30), description="when everything is learned anew, in the estate's zone"
    )

    @field_validator("timeout")
    @classmethod
    def _long_enough(cls, timeout: timedelta) -> timedelta:
        if timeout < timedelta(seconds=10):
            raise ValueError("expected at least 10s: a worker needs some to start")
        return timeout

    @property
    def at_once(self) -> int:
        """How many jobs run at a time."""
        return self.workers or max(1, _cores() // 2)


class PromotionSettings(Section):
    """Days on which more, or less, is sold than usual."""

    name: str = Field(min_length=1, max_length=60, description="as people say it")
    first: date = Field(description="its first day, in the estate's zone")
    last: date = Field(description="and its last")
    times: float | None = Field(
        default=None, ge=0.1, le=100, description="so many times the usual; none: not known"
    )

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        first, last = told.get("first"), told.get("last")
        if isinstance(first, date) and isinstance(last, date) and last < first:
            yield "expected last on the same day as first, or after it"


def calendar_of(
    forecast: ForecastSettings, promotions: tuple[PromotionSettings, ...], zone: ZoneInfo
) -> Calendar:
    """The calendar that forecasts go by."""
    occasions = tuple(
        Occasion(name=each.name, first=each.first, last=each.last, times=each.times)
        for each in promotions
    )
    return Calendar(countries=forecast.countries, occasions=occasions, zone=zone)


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on macOS
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
