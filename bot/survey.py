"""Looks at every configured system: does it answer, what allowance is left, what does it tell?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from bot import facts
from bot.clock import Clock
from bot.facts import LimitFacts, SystemFacts
from bot.store import Store, readings
from bot.system_settings import SystemSettings
from checks.declare import No
from checks.durations import say_duration
from checks.fetch import Budget, Refused, Unavailable, Unreadable
from checks.model import Reading
from checks.system import Probed, System

log = logging.getLogger(__name__)

AT_ONCE = 15
PATIENCE = timedelta(minutes=2)
"""So long a look may take; a survey begins anew every few minutes."""
REMEMBER_EVERY = timedelta(seconds=5)


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
        connector=settings.declared,
        auth=settings.way_in,
        settings=settings.told,
        secrets=settings.secrets,
        budget=Budget(settings.calls_per_minute),
        concurrency=settings.concurrency,
        now=clock.now,
    )


class Surveyor:
    """Looks at all systems, at most `at_once` at a time.

    One that fails or hangs does not stop the others: it keeps its place for no longer than
    `patience`, and what was seen meanwhile is remembered.
    """

    def __init__(
        self,
        systems: Sequence[Watched],
        store: Store,
        clock: Clock,
        *,
        at_once: int = AT_ONCE,
        patience: timedelta = PATIENCE,
        remember_every: timedelta = REMEMBER_EVERY,
    ) -> None:
        self._systems, self._store, self._clock = systems, store, clock
        self._places = asyncio.Semaphore(at_once)
        self._patience, self._remember_every = patience, remember_every

    @property
    def systems(self) -> tuple[System, ...]:
        """Those that are looked at."""
        return tuple(each.system for each in self._systems)

    async def survey(self) -> None:
        """Look once at every system, and remember what was seen."""
        await self._look_at(await asyncio.to_thread(self._known), self._systems)

    async def look_again(self) -> None:
        """Look once more at what could not be seen for a reason that may pass, so that a stumble is
        not taken for a fall. Who was refused is not asked oftener: some lock a user out."""
        known = await asyncio.to_thread(self._known)
        again = [each for each in self._systems if _may_be_back(known.get(each.settings.name))]
        if again:
            await self._look_at(known, again)

    async def _look_at(self, known: dict[str, SystemFacts], systems: Sequence[Watched]) -> None:
        async with asyncio.TaskGroup() as group:
            looks = {
                group.create_task(self._look(each, known.get(each.settings.name)))
                for each in systems
            }
            while looks:
                seconds = self._remember_every.total_seconds()
                done, looks = await asyncio.wait(looks, timeout=seconds)
                found = [look.result() for look in done]
                _log_changes(known, found)
                known |= {system.name: system for system in found}
                if found:
                    await asyncio.to_thread(self._remember, known, found)

    def _known(self) -> dict[str, SystemFacts]:
        return {system.name: system for system in facts.find_systems(self._store.db)}

    async def close(self) -> None:
        """End open sessions."""
        await asyncio.gather(*(each.system.close() for each in self._systems))

    async def _look(self, watched: Watched, before: SystemFacts | None) -> SystemFacts:
        async with self._places:
            now = self._clock.now()
            try:
                probed = await self._probe(watched.system)
            except Unreadable as error:
                vendor = await watched.system.status()
                known = before or _named(watched.settings, now)
                return replace(
                    known,
                    looked_at=now,
                    blind_since=known.blind_since or now,
                    why=error.what,
                    refused=isinstance(error, Refused),
                    rejected=error.no is No.CREDENTIAL or known.rejected,
                    resting=error.no is No.NOT_NOW or error.retry_after is not None,
                    vendor=vendor.troubled if vendor else (),
                )
            return _seen(watched.settings, probed, now, before)

    async def _probe(self, system: System) -> Probed:
        """Raises Unreadable. A call that hangs ends by itself; many slow ones add up."""
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await system.probe()
        except TimeoutError:
            allowed = say_duration(self._patience)
        raise Unavailable(
            f"a look at {system.name} was given up after {allowed}: it answers too slowly, or its "
            "calls_per_minute in the settings is too small for what a look needs"
        )

    def _remember(self, known: Mapping[str, SystemFacts], found: Sequence[SystemFacts]) -> None:
        """Of the systems that are configured all that is known, and readings of the new looks."""
        now = self._clock.now()
        names = (each.settings.name for each in self._systems)
        systems = tuple(known[name] for name in names if name in known)
        with self._store.writing() as db:
            facts.save_systems(db, systems, now)
            readings.add_readings(db, [each for system in found for each in _readings(system)])


def _named(settings: SystemSettings, now: datetime) -> SystemFacts:
    return SystemFacts(
        name=settings.name,
        title=settings.connector.title,
        looked_at=now,
        expires=settings.expires,
        owner=settings.owner or "",
    )


def _may_be_back(system: SystemFacts | None) -> bool:
    return system is not None and system.blind_since is not None and not system.refused


def _seen(
    settings: SystemSettings, probed: Probed, now: datetime, before: SystemFacts | None
) -> SystemFacts:
    """An end that is not told this time is still the one that was told last."""
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
        token_ends_at=probed.credential_ends_at or (before.token_ends_at if before else None),
        signals=dict(probed.signals),
        signals_since={
            name: before.signals_since.get(name, now)
            if before and before.signals.get(name) == told
            else now
            for name, told in probed.signals.items()
        },
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
