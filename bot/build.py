"""The only place that makes what lives long, and lets it live until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial

import httpx
from pydantic import SecretStr

from bot import transitions
from bot.absence import tell_absence
from bot.backfill import KEPT, Backfill
from bot.build_acts import make_acts
from bot.build_door import make_door
from bot.build_foresight import hire_workers, make_foresight
from bot.build_outbox import make_outbox
from bot.build_outside import Outside, make_surveyor, reach_outside
from bot.build_ownership import ownership_of
from bot.build_response import Crew, make_crew, make_rules
from bot.build_timetable import make_timetable
from bot.clock import Clock
from bot.costs import pricing_of
from bot.digest import telling
from bot.digest.rules import rules_of
from bot.foresight.learning_jobs import the_model
from bot.foresight.rehearsal import Rehearsal
from bot.foresight.workers import Workers
from bot.gather import Gatherer
from bot.heartbeat import Heartbeat
from bot.loss_reading import LossReader
from bot.oncall import handovers
from bot.outbox import Outbox
from bot.paging.making import make_pager
from bot.rules import Rules
from bot.schedule import Timetable
from bot.settings import Settings, WatchSettings
from bot.slack.app import make_app
from bot.slack.charting import Charting
from bot.slack.connect import Slack
from bot.slack.desk import Desk
from bot.slack.files import Pictures
from bot.slack.picture import drawn
from bot.slack.render.links import Links
from bot.store import (
    LEASE_RENEWED_SECONDS,
    Store,
    failures,
    lease,
    loss,
    one_sentence_of,
    open_store,
)
from bot.usage import Around
from bot.watch import Watch
from checks.fetch import Budget
from checks.patchworks import Patchworks
from checks.registry import discover
from runbooks.book import Book

log = logging.getLogger(__name__)

FLUSH_SECONDS = 3.0


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

        Raises an ExceptionGroup holding StoreRefused when another engine takes the database over,
        or when it can no longer be read.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_forever(live, self.store)) for live in self.living]
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
        outside = await reach_outside(settings, stack)
        store = _take_store(settings.watch, stack)
        stack.push_async_callback(_wait_for_threads, _new_threads())
        crew = make_crew(settings, store, outside.clock, outside.slack)
        await crew.directory.refresh()
        quick, heavy = hire_workers(settings, stack)
        bot = _assemble(settings, store, outside, crew, quick, heavy, stack)
        await stack.enter_async_context(make_door(settings, bot.desk, bot.heartbeat.unwell))
        yield bot


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
    with store.writing() as db:
        handovers.begin_looking(db, clock.now())
        telling.begin_looking(db, clock.now())
    transitions.resume(store, 10 * settings.watch.every, desk.rules, clock.now())
    pictures = Pictures(client=slack.client, draw=lambda picture: quick.run(drawn, picture))
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
        timetable=make_timetable(settings, desk, watch, surveyor, heartbeat, outside),
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


def _take_store(settings: WatchSettings, stack: AsyncExitStack) -> Store:
    store = open_store(settings.database)
    stack.callback(store.close)
    with one_sentence_of(store):
        lease.take_lease(store, lease.this_process())
    stack.callback(_give_up, store)
    return store


def _give_up(store: Store) -> None:
    """A lease that cannot be given up any more is that of a dead process soon."""
    with suppress(sqlite3.Error):
        lease.give_up_lease(store)


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
        gatherer=Gatherer(
            patchworks,
            partial(failures.known_failures, store.db),
            LossReader(patchworks, partial(loss.tracked_until, store.db), settings.privacy.keys),
        ),
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
        digest=rules_of(settings),
        ownership=ownership_of(settings),
        pricing=pricing_of(settings),
        systems=settings.system,
        pairs=settings.reconcile,
        keys=settings.privacy.keys,
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


def _make_backfill(
    settings: Settings, store: Store, clock: Clock, patchworks: Patchworks
) -> Backfill:
    """What is older than raw data is kept would be forgotten and read again for ever."""
    reach = min(KEPT, settings.watch.raw_for)
    budget = settings.patchworks.budget_per_minute
    return Backfill(patchworks, store, clock, budget, reach=reach)


async def _forever(live: Callable[[], Awaitable[None]], store: Store) -> None:
    with one_sentence_of(store):
        await live()


async def _keep_lease(store: Store) -> None:
    """In a thread, because it may have to wait for a long transaction. Raises StoreRefused when
    another engine has taken the database over."""
    while True:
        await asyncio.sleep(LEASE_RENEWED_SECONDS)
        try:
            await asyncio.to_thread(lease.renew_lease, store)
        except sqlite3.Error as error:
            log.warning("the lease on the database could not be renewed: %s", error)


def _reveal(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
