"""The company's older call volumes, as a file that a user would import into the bot."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bot.sandbox.estate.chance import draws
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Flow
from bot.sandbox.estate.story import any_amount, operations, requests_for
from bot.sandbox.estate.vendors import all_shops
from bot.sandbox.estate.volumes import HOUR, Volumes, due_in_hour

WEEKS = 8
"""How far back the file reaches."""

_SETTINGS_NAME = {shop.system: shop.name for shop in all_shops() if shop.system}

Hours = Counter[tuple[datetime, str]]
"""Calls by the start of the hour (UTC) and the system's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """The calls of the platform to one system in the hour from `hour` (UTC)."""

    hour: datetime
    system: str
    calls: int


_LUCK = 2**16


def write_history(estate: Estate, path: Path, weeks: int = WEEKS) -> None:
    """Write a CSV of `time,system,calls`: whole hours, the oldest first, until the estate's now.

    Systems go by the names that the demo's settings give them.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("time", "system", "calls"))
        for each in volumes(estate, weeks):
            rows.writerow((each.hour.strftime("%Y-%m-%dT%H:%M:%SZ"), each.system, each.calls))


def volumes(estate: Estate, weeks: int = WEEKS) -> Iterator[Volume]:
    """Every hour of every system that a flow uses; an hour without a call is a 0.

    Hours of which the platform has runs are counted from these; those before are drawn from the
    same recordings, in the same way, so that past and future are one series.
    """
    until = _hour(estate.now)
    since = until - timedelta(weeks=weeks)
    told_from = _hour(estate.began_at) + HOUR
    hours = drawn(estate, since, told_from) + counted(estate, told_from)
    used = sorted({name for flow in _live(estate) for name in _ends(flow)})
    for number in range((until - since) // HOUR):
        hour = since + number * HOUR
        for system in used:
            yield Volume(hour=hour, system=system, calls=hours[hour, system])


def counted(estate: Estate, since: datetime) -> Hours:
    """What runs called that started in the hour `since` or later, by the hour of their start."""
    hours: Hours = Counter()
    for run in estate.queue.runs.values():
        if run.started_at >= since and run.has_ended(estate.now):
            _add(hours, run.flow, _hour(run.started_at), *operations(run))
    return hours


def drawn(estate: Estate, since: datetime, until: datetime) -> Hours:
    """What runs of older whole hours would have called; the same at every call."""
    hours: Hours = Counter()
    for flow in _live(estate):
        random = draws(estate.options.seed, flow.id, "older volumes")
        for number in range((until - since) // HOUR):
            hour = since + number * HOUR
            _add(hours, flow, hour, *_requests(estate.volumes, flow, hour, random))
    return hours


def _requests(volumes: Volumes, flow: Flow, hour: datetime, random: Random) -> tuple[int, int]:
    """What the runs of an hour received and sent; those that fail count too."""
    if flow.cron is None:  # each call is one record, and calls come by chance
        mean = 60 * _rate(volumes, flow, hour)
        calls = max(0, round(random.gauss(mean, math.sqrt(mean))))
        return calls, calls
    received = sent = 0
    for due in due_in_hour(flow.cron, hour.hour):
        found = volumes.records(flow, hour + due)
        amount = any_amount(flow, random.randrange(_LUCK)) if found is None else found
        pages, calls = requests_for(flow, amount)
        received += pages
        sent += calls
    return received, sent


def _rate(volumes: Volumes, flow: Flow, hour: datetime) -> float:
    """The mean webhooks a minute over a whole hour. The hours of a recording begin as many minutes
    past the hour as the sandbox's start, so that two of them have a part in it."""
    late = volumes.opened_at - _hour(volumes.opened_at)
    first, then = volumes.per_minute(flow, hour), volumes.per_minute(flow, hour + late)
    return (late * first + (HOUR - late) * then) / HOUR


def _add(hours: Hours, flow: Flow, hour: datetime, received: int, sent: int) -> None:
    source, target = _ends(flow)
    hours[hour, source] += received
    hours[hour, target] += sent


def _ends(flow: Flow) -> tuple[str, str]:
    """Where a flow's records come from and go to, as the settings call these systems."""
    return _SETTINGS_NAME[flow.source.system.name], _SETTINGS_NAME[flow.target.system.name]


def _live(estate: Estate) -> list[Flow]:
    return [flow for flow in estate.flows.values() if flow.deployed]


def _hour(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
