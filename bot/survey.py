"""Looks at every configured system: does it answer, what allowance is left, what does it tell?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import httpx

from bot import facts
from bot.clock import Clock
from bot.facts import LimitFacts, SystemFacts
from bot.store import Store, readings
from bot.system_settings import SystemSettings
from checks.fetch import Budget, Refused, Unreadable
from checks.model import Reading
from checks.system import Probed, System

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A system and its settings."""

    settings: SystemSettings
    system: System


def make_system(settings: SystemSettings, http: httpx.AsyncClient, clock: Clock) -> System:
    """The configured system. Raises ValueError in one sentence."""
    return System(
        http,
        name=settings.name,
        connector=settings.connector,
        auth=settings.way_in,
        settings=settings.told,
        secrets=settings.secrets,
        budget=Budget(settings.calls_per_minute),
        concurrency=settings.concurrency,
        now=clock.now,
    )


class Surveyor:
    """Looks at all systems at the same time; one that fails or hangs does not stop the others."""

    def __init__(self, systems: Sequence[Watched], store: Store, clock: Clock) -> None:
        self._systems, self._store, self._clock = systems, store, clock

    async def survey(self) -> None:
        """Look once at every system, and remember what was seen."""
        before = {system.name: system for system in facts.find_systems(self._store.db)}
        looks = (self._look(each, before.get(each.settings.name)) for each in self._systems)
        found = tuple(await asyncio.gather(*looks))
        await asyncio.to_thread(self._remember, found)
        _log_changes(before, found)

    async def close(self) -> None:
        """End open sessions."""
        await asyncio.gather(*(each.system.close() for each in self._systems))

    async def _look(self, watched: Watched, before: SystemFacts | None) -> SystemFacts:
        now = self._clock.now()
        try:
            probed = await watched.system.probe()
        except Unreadable as error:
            vendor = await watched.system.status()
            known = before or _named(watched.settings, now)
            return replace(
                known,
                looked_at=now,
                blind_since=known.blind_since or now,
                why=error.what,
                refused=isinstance(error, Refused),
                vendor=vendor.troubled if vendor else (),
            )
        return _seen(watched.settings, probed, now)

    def _remember(self, found: tuple[SystemFacts, ...]) -> None:
        now = self._clock.now()
        with self._store.writing() as db:
            facts.save_systems(db, found, now)
            readings.add_readings(db, [each for system in found for each in _readings(system)])


def _named(settings: SystemSettings, now: datetime) -> SystemFacts:
    return SystemFacts(
        name=settings.name,
        title=settings.connector.title,
        looked_at=now,
        expires=settings.expires,
        owner=settings.owner or "",
    )


def _seen(settings: SystemSettings, probed: Probed, now: datetime) -> SystemFacts:
    return replace(
        _named(settings, now),
        seen_at=probed.at,
        took_ms=probed.took.total_seconds() * 1000,
        limits=tuple(
            LimitFacts(
                name=name,
                remaining=told.remaining,
                size=told.size,
                resets_at=told.resets_at,
                scope=told.scope,
            )
            for name, told in probed.limits
        ),
        token_ends_at=probed.credential_ends_at,
        signals=dict(probed.signals),
    )


def _readings(system: SystemFacts) -> list[Reading]:
    """What is kept for years: whether it answered, how fast, and what was left of each limit."""
    subject, at = f"system/{system.name}", system.looked_at
    answered = system.blind_since is None
    values = {"system.answered": float(answered)}
    if answered and system.took_ms is not None:
        values["system.took_ms"] = system.took_ms
    for limit in system.limits if answered else ():
        if limit.remaining is not None:
            scope = f".{limit.scope}" if limit.scope else ""
            values[f"limit.remaining.{limit.name}{scope}"] = limit.remaining
    return [
        Reading(subject=subject, metric=metric, at=at, value=value)
        for metric, value in values.items()
    ]


def _log_changes(before: Mapping[str, SystemFacts], found: Sequence[SystemFacts]) -> None:
    """Once when sight is lost, once when it is back."""
    for system in found:
        was_blind = system.name in before and before[system.name].blind_since is not None
        if system.blind_since is not None and not was_blind:
            log.warning("cannot read %s: %s", system.name, system.why)
        elif system.blind_since is None and was_blind:
            log.warning("%s can be read again", system.name)
