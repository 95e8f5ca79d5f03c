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
from functools import partial

import httpx
from pydantic import SecretStr

from bot import transitions
from bot.absence import tell_absence
from bot.backfill import KEPT, Backfill
from bot.build_acts import Outside, credentials_of, make_acts
from bot.build_door import make_door
from bot.build_foresight import hire_workers, make_foresight
from bot.build_outbox import make_outbox
from bot.build_response import Crew, channels_named, make_crew, make_rules
from bot.clock import Clock, FollowedClock, SystemClock
from bot.foresight.chart import draw
from bot.foresight.learning_jobs import the_model
from bot.foresight.rehearsal import Rehearsal
from bot.foresight.workers import Workers
from bot.gather import Gatherer
from bot.heartbeat import EVERY as HEARTBEAT_EVERY
from bot.heartbeat import Heartbeat
from bot.keep import Keeper
from bot.not_started import NotStarted
from bot.oncall.rotas import REFRESH_EVERY
from bot.outbox import Outbox
from bot.paging.making import make_pager
from bot.rules import Rules
from bot.schedule import Timetable
from bot.settings import PatchworksSettings, Settings, WatchSettings
from bot.slack.app import make_app
from bot.slack.charting import Charting
from bot.slack.connect import Slack, make_session, reach_slack
from bot.slack.desk import Desk
from bot.slack.files import Pictures
from bot.slack.render.links import Links
from bot.store import Store, failures, lease, open_store
from bot.survey import Surveyor, Watched, make_system
from bot.timers import EVERY as TIMERS_EVERY
from bot.timers import Timers
from bot.usage import Around
from bot.watch import Watch
from checks.fetch import Budget, Refused, Unavailable
from checks.patchworks import Patchworks
from checks.registry import discover
from runbooks.book import Book

log = logging.getLogger(__name__)

FLUSH_SECONDS = 3.0
KEPT_CONNECTIONS = 10  # each is looked at for every call, and a system is called once in minutes
ROLL_UP_EVERY = timedelta(minutes=10)
PRUNE_EVERY = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """Everything that lives long. `living` are the loops that run until they are cancelled."""

    store: Store
    clock: Clock
    desk: Desk
    heartbeat: Heartbeat
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
        outside = await _reach_outside(settings, stack)
        store = _take_store(settings.watch, stack)
        stack.push_async_callback(_wait_for_threads, _new_threads())
        crew = make_crew(settings, store, outside.clock, outside.slack)
        await crew.directory.refresh()
        quick, heavy = hire_workers(settings, stack)
        bot = _assemble(settings, store, outside, crew, quick, heavy, stack)
        await stack.enter_async_context(make_door(settings, bot.desk, bot.heartbeat.unwell))
        yield bot


async def _reach_outside(settings: Settings, stack: AsyncExitStack) -> Outside:
    http = await stack.enter_async_context(make_http())
    clock = await make_clock(settings.clock.url, http)
    budget = Budget(settings.patchworks.budget_per_minute)
    patchworks = make_patchworks(settings.patchworks, http, budget, clock)
    await _try_patchworks(patchworks)
    session = await stack.enter_async_context(make_session())
    slack = await reach_slack(settings.slack, session, channels_named(settings))
    return Outside(http=http, clock=clock, budget=budget, patchworks=patchworks, slack=slack)


def _assemble(
    settings: Settings,
    store: Store,
    outside: Outside,
    crew: Crew,
    quick: Workers,
    heavy: Workers,
    stack: AsyncExitStack,
) -> Bot:
    clock, slack, awake = outside.clock, outside.slack, asyncio.Event()
    desk = _make_desk(settings, store, clock, slack, crew, awake)
    tell_absence(store, settings.watch.every, slack.channel, clock.now())
    transitions.resume(store, 10 * settings.watch.every, desk.rules, clock.now())
    pictures = Pictures(client=slack.client, draw=lambda chart: quick.run(draw, chart))
    pagers = {each.name: make_pager(each, outside.http) for each in settings.pager}
    outbox = make_outbox(desk, slack, pictures, pagers, awake)
    surveyor = make_surveyor(settings, store, clock, outside.http)
    stack.push_async_callback(surveyor.close)
    foresight = make_foresight(settings, store, clock, quick, heavy)
    asked = outside.patchworks, outside.budget
    watch = make_watch(settings, store, clock, *asked, desk.rules, awake.set, foresight.wake)
    heartbeat = _make_heartbeat(settings, desk, outside.http)
    return Bot(
        store=store,
        clock=clock,
        desk=desk,
        outbox=outbox,
        watch=watch,
        timetable=_make_timetable(settings, desk, watch, surveyor, heartbeat, outside.http),
        heartbeat=heartbeat,
        living=(
            clock.follow,
            outbox.run,
            _make_backfill(settings, store, clock, outside.patchworks).run,
            *foresight.living,
            partial(_keep_lease, store),
            make_acts(settings, desk, outside).run,
            _answering(settings, desk, slack, pictures),
        ),
    )


def _make_heartbeat(settings: Settings, desk: Desk, http: httpx.AsyncClient) -> Heartbeat:
    url = _reveal(settings.response.heartbeat)
    return Heartbeat(desk.store, desk.clock, desk.rules, http=http, url=url)


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
    settings: Settings, store: Store, clock: Clock, slack: Slack, crew: Crew, awake: asyncio.Event
) -> Desk:
    return Desk(
        store=store,
        clock=clock,
        rules=make_rules(settings, home=slack.channel, channels=slack.channels, crew=crew),
        people=crew.rights.people,
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
        estate=settings.estate.name,
        directory=crew.directory,
        rights=crew.rights,
        rotas=crew.rotas,
        mutes=crew.mutes,
        acts=settings.acts.rules,
    )


def _rehearse(settings: Settings, store: Store, clock: Clock, text: str) -> Rehearsal:
    """In a thread."""
    from bot.foresight.whatif import rehearse_peak  # brings numpy, which only this verb needs here

    return rehearse_peak(store.db, settings, the_model(), text, clock.now())


def _answering(
    settings: Settings, desk: Desk, slack: Slack, pictures: Pictures
) -> Callable[[], Awaitable[None]]:
    """What answers people: commands, buttons and the rest."""
    app = make_app(
        desk,
        client=slack.client,
        identity=slack.identity,
        pictures=pictures,
        signing_secret=_reveal(settings.slack.signing_secret),
    )
    return partial(slack.connection.run, app)


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
    settings: Settings,
    desk: Desk,
    watch: Watch,
    surveyor: Surveyor,
    heartbeat: Heartbeat,
    http: httpx.AsyncClient,
) -> Timetable:
    store, clock = desk.store, desk.clock
    keeper = Keeper(store, clock, settings.watch)
    timers = Timers(store, clock, desk.rules, desk.wake, desk.rotas)
    timetable = Timetable(clock)
    timetable.every("survey", settings.watch.systems_every, surveyor.survey)
    timetable.every("look again", settings.watch.every, surveyor.look_again)
    timetable.every("round", settings.watch.every, watch.run_round)
    timetable.every("roll up", ROLL_UP_EVERY, keeper.roll_up)
    timetable.every("timers", TIMERS_EVERY, timers.tick)
    timetable.every("heartbeat", HEARTBEAT_EVERY, heartbeat.beat)
    timetable.every("calendars", REFRESH_EVERY, partial(desk.rotas.refresh, http))
    timetable.every("people", REFRESH_EVERY, desk.directory.refresh)
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
