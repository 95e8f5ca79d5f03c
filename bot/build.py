"""The only place that makes what lives long, and lets it live until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, partial

import httpx
from pydantic import SecretStr

from bot import transitions
from bot.backfill import KEPT, Backfill
from bot.clock import Clock, FollowedClock, SystemClock
from bot.foresight.adviser import Adviser
from bot.foresight.chart import draw
from bot.foresight.learning_jobs import the_model
from bot.foresight.rehearsal import Rehearsal
from bot.foresight.workers import Workers, make_quick_worker, make_workers
from bot.gather import Gatherer
from bot.keep import Keeper
from bot.learn import Learner
from bot.outbox import Outbox
from bot.schedule import Timetable
from bot.settings import PatchworksSettings, Settings, WatchSettings
from bot.slack.app import make_app
from bot.slack.charting import Charting
from bot.slack.connect import Slack, make_session, reach_slack
from bot.slack.desk import Desk
from bot.slack.files import Pictures
from bot.slack.gateway import Channel, Sketching
from bot.slack.letters import compose, remember_file
from bot.slack.people import People
from bot.slack.render.links import Links
from bot.store import Store, failures, lease, open_store
from bot.survey import Surveyor, Watched, make_system
from bot.transitions import Rules
from bot.usage import Around
from bot.watch import Watch
from checks.fetch import Budget, Refused, Unavailable
from checks.patchworks import ApiKey, Login, Patchworks
from checks.registry import discover
from runbooks.book import Book

log = logging.getLogger(__name__)

FLUSH_SECONDS = 3.0
KEPT_CONNECTIONS = 10  # each is looked at for every call, and a system is called once in minutes
ROLL_UP_EVERY = timedelta(minutes=10)
PRUNE_EVERY = timedelta(hours=6)


class NotStarted(Exception):
    """Something outside is not as it must be; one sentence that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """Everything that lives long. `living` are the loops that run until they are cancelled."""

    store: Store
    clock: Clock
    outbox: Outbox
    timetable: Timetable
    watch: Watch
    living: Sequence[Callable[[], Awaitable[None]]]

    async def run(self, stop: asyncio.Event) -> None:
        """Live until `stop` is set. What is due to be said is still said, within a few seconds.

        Raises an ExceptionGroup holding StoreRefused when another engine takes the database over.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_forever(live)) for live in self.living]
            self.timetable.start()
            try:
                await stop.wait()
            finally:
                await self.timetable.stop()
            await self.outbox.flush(FLUSH_SECONDS)
            for task in tasks:
                task.cancel()


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Bot]:
    """Make a bot by its settings, and clear up after it.

    Raises NotStarted, SlackRefused or StoreRefused, each in one sentence.
    """
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(make_http())
        clock = await make_clock(settings.clock.url, http)
        budget = Budget(settings.patchworks.budget_per_minute)
        patchworks = make_patchworks(settings.patchworks, http, budget, clock)
        await _try_patchworks(patchworks)
        session = await stack.enter_async_context(make_session())
        slack = await reach_slack(settings.slack, session)
        store = _take_store(settings.watch, stack)
        stack.push_async_callback(_wait_for_threads, _new_threads())
        transitions.resume(store, 10 * settings.watch.every, clock.now())
        awake = asyncio.Event()
        desk = _make_desk(settings, store, clock, slack, awake)
        secret = _reveal(settings.slack.signing_secret)
        quick, heavy = make_quick_worker(settings.forecast), make_workers(settings.forecast)
        stack.push_async_callback(quick.close)
        stack.push_async_callback(heavy.close)
        pictures = Pictures(client=slack.client, draw=lambda chart: quick.run(draw, chart))
        app = make_app(
            desk,
            client=slack.client,
            identity=slack.identity,
            pictures=pictures,
            signing_secret=secret,
        )
        outbox = _make_outbox(desk, slack, pictures, awake)
        surveyor = make_surveyor(settings, store, clock, http)
        stack.push_async_callback(surveyor.close)
        learner = _make_learner(settings, store, clock, quick, heavy)
        adviser = Adviser(
            store=store, clock=clock, workers=heavy, calendar=settings.calendar, model=the_model()
        )
        watch = make_watch(
            settings,
            store,
            clock,
            patchworks,
            budget,
            desk.rules,
            awake.set,
            _each(learner.wake, adviser.wake),
        )
        yield Bot(
            store=store,
            clock=clock,
            outbox=outbox,
            watch=watch,
            timetable=_make_timetable(settings, store, clock, watch, surveyor),
            living=(
                clock.follow,
                outbox.run,
                _make_backfill(settings, store, clock, patchworks).run,
                learner.foresee_always,
                learner.learn_always,
                adviser.advise_always,
                partial(_keep_lease, store),
                partial(slack.connection.run, app),
            ),
        )


def _each(*woken: Callable[[Around], None]) -> Callable[[Around], None]:
    def wake(around: Around) -> None:
        for each in woken:
            each(around)

    return wake


def make_http() -> httpx.AsyncClient:
    """The client that Patchworks and every system are asked through.

    The surveyor says how many systems are asked at a time; a pool with a limit of its own would
    make calls wait whose time to answer is already running.
    """
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=KEPT_CONNECTIONS)
    return httpx.AsyncClient(limits=limits)


def _new_threads() -> ThreadPoolExecutor:
    """Threads of this bot's own, for what would keep the loop waiting."""
    threads = ThreadPoolExecutor(thread_name_prefix="bot")
    asyncio.get_running_loop().set_default_executor(threads)
    return threads


async def _wait_for_threads(threads: ThreadPoolExecutor) -> None:
    """A cancelled task leaves its thread behind, which must not write to a closed database."""
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor())
    await loop.run_in_executor(None, threads.shutdown)


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
            credentials=_credentials(settings),
            budget=budget,
            now=clock.now,
            routes=settings.routes,
            waiting_statuses=frozenset(settings.waiting_statuses),
        )
    except ValueError as error:
        raise NotStarted(f"{error}.") from None


def _credentials(settings: PatchworksSettings) -> ApiKey | Login:
    if settings.api_key is not None:
        return ApiKey(settings.api_key)
    if settings.username is None or settings.password is None:
        raise ValueError("[patchworks] has neither an api_key nor a username and password")
    return Login(settings.username, settings.password)


async def _try_patchworks(patchworks: Patchworks) -> None:
    """A refusal needs a person, who is here now; what is only unavailable may come back."""
    try:
        await patchworks.check_access()
    except Refused as error:
        raise NotStarted(error.what) from None
    except Unavailable as error:
        log.warning("Patchworks cannot be read yet, trying again every round: %s", error.what)


def _take_store(settings: WatchSettings, stack: AsyncExitStack) -> Store:
    store = open_store(settings.database)
    stack.callback(store.close)
    lease.take_lease(store, lease.this_process())
    stack.callback(lease.give_up_lease, store)
    return store


def make_watch(
    settings: Settings,
    store: Store,
    clock: Clock,
    patchworks: Patchworks,
    budget: Budget,
    rules: Rules,
    wake: Callable[[], None],
    on_round: Callable[[Around], None] = lambda _: None,
) -> Watch:
    return Watch(
        settings=settings,
        store=store,
        clock=clock,
        gatherer=Gatherer(patchworks, partial(failures.known_failures, store.db)),
        budget=budget,
        checks=discover(),
        rules=rules,
        wake=wake,
        on_round=on_round,
    )


def _make_desk(
    settings: Settings, store: Store, clock: Clock, slack: Slack, awake: asyncio.Event
) -> Desk:
    return Desk(
        store=store,
        clock=clock,
        rules=Rules(policies=settings.policies, destination=slack.channel),
        people=People(slack.client, slack.identity.team_id),
        book=Book(),
        links=Links(
            run_url=settings.patchworks.run_url, dashboard_url=settings.patchworks.dashboard_url
        ),
        check_titles={name: check.title for name, check in discover().items()},
        wake=awake.set,
        connection=slack.connection.say,
        zone=settings.estate.zone,
        charting=Charting(settings.slack.charts, store, clock),
        rehearse=partial(_rehearse, settings, store, clock),
    )


def _rehearse(settings: Settings, store: Store, clock: Clock, text: str) -> Rehearsal:
    """In a thread."""
    from bot.foresight.whatif import rehearse_peak  # brings numpy, which only this verb needs here

    return rehearse_peak(store.db, settings, the_model(), text, clock.now())


def _make_learner(
    settings: Settings, store: Store, clock: Clock, quick: Workers, heavy: Workers
) -> Learner:
    from bot.foresight.call_history import (
        CallHistory,  # these bring numpy, which no other command needs
    )
    from bot.foresight.demand import demands

    return Learner(
        store=store,
        clock=clock,
        quick=quick,
        heavy=heavy,
        calendar=settings.calendar,
        learn_at=settings.forecast.learn_at,
        model=the_model(),
        demands=partial(demands, history=CallHistory()),
    )


def _make_outbox(desk: Desk, slack: Slack, pictures: Pictures, awake: asyncio.Event) -> Outbox:
    sketching = Sketching(
        pictures=pictures,
        remember=partial(remember_file, desk.store),
        refused=desk.charting.refused,
    )

    @cache
    def find_destination(name: str) -> Channel:
        channel_id = name.removeprefix("slack/")
        return Channel(slack.client, channel_id, partial(compose, desk), sketching)

    return Outbox(desk.store, desk.clock, find_destination, awake, slack.fallback)


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


def _make_timetable(
    settings: Settings, store: Store, clock: Clock, watch: Watch, surveyor: Surveyor
) -> Timetable:
    keeper = Keeper(store, clock, settings.watch)
    timetable = Timetable(clock)
    timetable.every("survey", settings.watch.systems_every, surveyor.survey)
    timetable.every("look again", settings.watch.every, surveyor.look_again)
    timetable.every("round", settings.watch.every, watch.run_round)
    timetable.every("roll up", ROLL_UP_EVERY, keeper.roll_up)
    timetable.every("prune", PRUNE_EVERY, keeper.prune)
    return timetable


def _make_backfill(
    settings: Settings, store: Store, clock: Clock, patchworks: Patchworks
) -> Backfill:
    """What is older than raw data is kept would be forgotten and read again for ever."""
    reach = min(KEPT, settings.watch.raw_for)
    budget = settings.patchworks.budget_per_minute
    return Backfill(patchworks, store, clock, budget, reach=reach)


async def _forever(live: Callable[[], Awaitable[None]]) -> None:
    await live()


async def _keep_lease(store: Store) -> None:
    """Raises StoreRefused when another engine has taken the database over."""
    while True:
        await asyncio.sleep(lease.RENEW_SECONDS)
        try:
            lease.renew_lease(store)
        except sqlite3.OperationalError as error:
            log.warning("the lease on the database could not be renewed: %s", error)


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
