"""Makes what reaches outside the process: the clock, Patchworks, every system, Slack."""

from __future__ import annotations

import logging
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx

from bot.build_response import channels_named
from bot.clock import Clock, FollowedClock, SystemClock
from bot.not_started import NotStarted
from bot.settings import PatchworksSettings, Settings
from bot.slack.connect import Slack, make_session, reach_slack
from bot.store import Store
from bot.survey import Surveyor, Watched, make_system
from checks.fetch import Budget, Refused, Unavailable
from checks.patchworks import ApiKey, Login, Patchworks

log = logging.getLogger(__name__)

KEPT_CONNECTIONS = 10  # each is looked at for every call, and a system is called once in minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What lies outside the process and has answered; `budget` is that of calls to Patchworks."""

    http: httpx.AsyncClient
    clock: Clock
    budget: Budget
    patchworks: Patchworks
    slack: Slack


async def reach_outside(settings: Settings, stack: AsyncExitStack) -> Outside:
    """Everything that has to answer before there is a bot. Raises NotStarted or SlackRefused."""
    http = await stack.enter_async_context(make_http())
    clock = await make_clock(settings.clock.url, http)
    budget = Budget(settings.patchworks.budget_per_minute)
    patchworks = make_patchworks(settings.patchworks, http, budget, clock)
    await _try_patchworks(patchworks)
    session = await stack.enter_async_context(make_session())
    slack = await reach_slack(settings.slack, session, channels_named(settings))
    return Outside(http=http, clock=clock, budget=budget, patchworks=patchworks, slack=slack)


def make_http() -> httpx.AsyncClient:
    """The client that Patchworks and every system are asked through.

    The surveyor says how many systems are asked at a time; a pool with a limit of its own would
    make calls wait whose time to answer is already running.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS)
    return httpx.AsyncClient(limits=limits)


async def make_clock(url: str | None, http: httpx.AsyncClient) -> Clock:
    if url is None:
        return SystemClock()
    clock = FollowedClock(url, http)
    try:
        await clock.read()
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        raise NotStarted(
            f"No clock answers at {url} ({type(error).__name__}): correct [clock] url, or leave "
            "it out to use this machine's time."
        ) from error
    return clock


def make_patchworks(
    settings: PatchworksSettings, http: httpx.AsyncClient, budget: Budget, clock: Clock
) -> Patchworks:
    try:
        return Patchworks(
            http,
            core_url=settings.core_url,
            login_url=settings.login_url,
            credentials=credentials_of(settings),
            budget=budget,
            now=clock.now,
            routes=settings.routes,
            waiting_statuses=frozenset(settings.waiting_statuses),
        )
    except ValueError as error:
        raise NotStarted(f"{error}.") from None


async def _try_patchworks(patchworks: Patchworks) -> None:
    """A refusal needs a person, who is here now; what is only unavailable may come back."""
    try:
        await patchworks.check_access()
    except Refused as error:
        raise NotStarted(error.what) from None
    except Unavailable as error:
        log.warning("Patchworks cannot be read yet, trying again every round: %s", error.what)


def make_surveyor(
    settings: Settings, store: Store, clock: Clock, http: httpx.AsyncClient
) -> Surveyor:
    try:
        watched = [
            Watched(settings=each, system=make_system(each, http, clock))
            for each in settings.system
        ]
    except ValueError as error:
        raise NotStarted(f"[[system]] {error}.") from None
    return Surveyor(watched, store, clock, at_once=settings.watch.systems_at_once)


def credentials_of(settings: PatchworksSettings) -> ApiKey | Login:
    if settings.api_key is not None:
        return ApiKey(settings.api_key)
    if settings.username is None or settings.password is None:
        raise ValueError("[patchworks] has neither an api_key nor a username and password")
    return Login(settings.username, settings.password)
