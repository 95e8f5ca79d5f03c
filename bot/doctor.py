"""The doctor: is everything configured, reachable, permitted, fresh? It sends nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

import httpx

from bot import facts
from bot.build_outside import make_clock, make_patchworks
from bot.build_ownership import say_owners
from bot.build_response import channels_named
from bot.clock import Clock
from bot.directory import Directory
from bot.doctor_response import say_response
from bot.finding import Finding as Finding
from bot.finding import State as State
from bot.foresight.forecast_health import say_forecasts
from bot.inventory import find_inventory, find_limits
from bot.not_started import NotStarted
from bot.settings import Settings
from bot.skew import find_skew
from bot.slack.accounts import SlackAccounts
from bot.slack.connect import Slack, make_session, reach_slack
from bot.slack.connection import SlackRefused
from bot.store import Store, StoreRefused, open_to_read
from bot.store.forecasts import find_forecasts
from bot.survey import make_system
from bot.system_settings import SystemSettings
from checks.declare import LimitReading
from checks.durations import say_duration
from checks.fetch import Budget, Unreadable
from checks.patchworks import Patchworks
from checks.system import Probed, System

ROUND_MAY_TAKE = timedelta(seconds=30)
"""Of the machine's own time: however often rounds are due, one may take so long."""


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Everything the bot leans on, one finding after the other as they come."""
    async with httpx.AsyncClient() as http:
        try:
            clock = await make_clock(settings.clock.url, http)
        except NotStarted as error:
            yield Finding(about="Clock", state=State.TROUBLE, sentence=str(error))
            return
        for finding in _remembered(settings, clock):
            yield finding
        for finding in await _slack(settings):
            yield finding
        if (skew := await find_skew(settings.patchworks.core_url, http)) is not None:
            yield skew
        async for finding in _patchworks(settings, http, clock):
            yield finding
        looks = [_system(system, http, clock) for system in settings.system]
        for look in asyncio.as_completed(looks):
            yield await look


def _remembered(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """What the database tells: whether the bot runs, and how old its forecasts are."""
    try:
        store = open_to_read(settings.watch.database)
    except StoreRefused as error:
        yield Finding(about="Database", state=State.UNKNOWN, sentence=str(error))
        yield from say_response(settings, None, clock.now())
        return
    try:
        newest = facts.find_round(store.db)
        yield say_rounds(newest, settings.watch.every, clock.now(), datetime.now(UTC))
        limits = find_limits(store.db)
        known = [each.allowance for each in limits.allowances] if limits else []
        learning = facts.find_learning(store.db)
        if settings.flow or settings.responsibility or settings.reconcile:
            yield say_owners(settings, find_inventory(store.db))
        yield from say_forecasts(known, find_forecasts(store.db), learning, clock.now())
        yield from say_response(settings, store, clock.now())
    finally:
        store.close()


def say_rounds(
    newest: facts.RoundFacts | None, every: timedelta, now: datetime, machine: datetime
) -> Finding:
    """By the age of the newest round at `now`, and by the machine's own clock (`machine`, UTC) as
    well: a sandbox's may run through an hour, or jump by one, while the next round asks."""
    if newest is None:
        sentence = "No round has been finished yet; is `seamwatch run` running?"
        return Finding(about="Rounds", state=State.UNKNOWN, sentence=sentence)
    age = now - newest.at
    waited = machine - newest.noted_at if newest.noted_at else age
    late = min(age, waited) > max(3 * every, ROUND_MAY_TAKE)
    sentence = f"The newest round was {say_duration(age)} ago"
    sentence += "; is `seamwatch run` running?" if late else "."
    return Finding(about="Rounds", state=State.TROUBLE if late else State.WELL, sentence=sentence)


async def _slack(settings: Settings) -> list[Finding]:
    async with make_session() as session:
        try:
            slack = await reach_slack(settings.slack, session, channels_named(settings))
        except SlackRefused as error:
            return [Finding(about="Slack", state=State.TROUBLE, sentence=str(error))]
        found = await _people(settings, slack) if settings.person else []
    sentence = (
        f"The tokens are accepted and the bot is in {settings.slack.channel} "
        f"(team {slack.identity.team_id})."
    )
    return [Finding(about="Slack", state=State.WELL, sentence=sentence), *found]


async def _people(settings: Settings, slack: Slack) -> list[Finding]:
    """Whether everybody can be told in Slack."""
    with suppress(StoreRefused), closing(open_to_read(settings.watch.database)) as store:
        return [await _unlinked(settings, slack, store)]
    return [await _unlinked(settings, slack, None)]


async def _unlinked(settings: Settings, slack: Slack, store: Store | None) -> Finding:
    accounts = SlackAccounts(slack.client)
    directory = Directory(settings.person, settings.team, store=store, accounts=accounts)
    await directory.refresh()
    if missing := directory.unlinked():
        sentence = (
            f"{', '.join(missing)} cannot be told in Slack: no account that is switched on has "
            "their id or e-mail; correct [[person]], or have them type /seam link."
        )
        return Finding(about="People", state=State.TROUBLE, sentence=sentence)
    sentence = f"All {len(directory.names)} can be told in Slack."
    return Finding(about="People", state=State.WELL, sentence=sentence)


async def _patchworks(
    settings: Settings, http: httpx.AsyncClient, clock: Clock
) -> AsyncIterator[Finding]:
    """Each thing that rounds read there, because each may be permitted or not."""
    try:
        budget = Budget(settings.patchworks.budget_per_minute)
        patchworks = make_patchworks(settings.patchworks, http, budget, clock)
    except NotStarted as error:
        yield Finding(about="Patchworks", state=State.TROUBLE, sentence=str(error))
        return
    for what, read in _reads(patchworks).items():
        yield await _tried(f"Patchworks: {what}", read)


def _reads(patchworks: Patchworks) -> dict[str, Callable[[], Awaitable[Sequence[object]]]]:
    async def waiting() -> Sequence[object]:
        return (await patchworks.waiting())[0]

    async def allowances() -> Sequence[object]:
        return list(await patchworks.allowances())

    return {
        "flows": patchworks.flows,
        "running": patchworks.running,
        "queue": waiting,
        "allowances": allowances,
    }


async def _tried(about: str, read: Callable[[], Awaitable[Sequence[object]]]) -> Finding:
    began = time.monotonic()
    try:
        found = await read()
    except Unreadable as error:
        return Finding(about=about, state=State.TROUBLE, sentence=f"{error.what}.")
    took = (time.monotonic() - began) * 1000
    sentence = f"Answers in {took:.0f} ms, {len(found):,} read."
    return Finding(about=about, state=State.WELL, sentence=sentence)


async def _system(settings: SystemSettings, http: httpx.AsyncClient, clock: Clock) -> Finding:
    about = f"{settings.name} ({settings.connector.title})"
    try:
        system = make_system(settings, http, clock)
    except ValueError as error:
        return Finding(about=about, state=State.TROUBLE, sentence=f"{error}.")
    try:
        probed = await system.probe()
    except Unreadable as error:
        sentence = f"{error.what}.{await _said_by_vendor(system)}"
        return Finding(about=about, state=State.TROUBLE, sentence=sentence)
    finally:
        await system.close()
    return Finding(about=about, state=State.WELL, sentence=_answered(settings, probed, clock.now()))


async def _said_by_vendor(system: System) -> str:
    vendor = await system.status()
    if vendor is None or not vendor.troubled:
        return ""
    return f" The vendor's status page says: {'; '.join(vendor.troubled)}."


def _answered(settings: SystemSettings, probed: Probed, now: datetime) -> str:
    parts = [f"Answers in {probed.took.total_seconds() * 1000:.0f} ms"]
    parts += [f"{name}: {_left(reading)}" for name, reading in probed.limits]
    if probed.credential_ends_at is not None:
        parts.append(f"token for another {say_duration(probed.credential_ends_at - now)}")
    if settings.expires is not None:
        word = "ended" if settings.expires < now.astimezone(UTC).date() else "ends"
        parts.append(f"credential {word} on {settings.expires.isoformat()} (declared)")
    parts += [f"{name}: {told}" for name, told in probed.signals.items()]
    return "; ".join(parts) + "."


def _left(reading: LimitReading) -> str:
    if reading.remaining is None:
        return "no use told"
    of = f" of {reading.size:,.0f}" if reading.size is not None else ""
    return f"{reading.remaining:,.0f}{of} left"
