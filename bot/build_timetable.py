"""Makes the timetable: every job that comes round, with how often."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from bot.build_outside import Outside
from bot.build_reconciling import make_reconciler
from bot.digest.teller import EVERY as DIGEST_EVERY
from bot.digest.teller import Teller
from bot.heartbeat import EVERY as HEARTBEAT_EVERY
from bot.heartbeat import Heartbeat
from bot.keep import Keeper
from bot.oncall.rotas import REFRESH_EVERY
from bot.reconciling.running import EVERY as RECONCILE_EVERY
from bot.schedule import Timetable
from bot.settings import Settings
from bot.shape_watch import SHAPES_EVERY, ShapeWatch
from bot.slack.connect import Slack
from bot.slack.desk import Desk
from bot.survey import Surveyor
from bot.timers import EVERY as TIMERS_EVERY
from bot.timers import Timers
from bot.watch import Watch
from checks.records import RecordSource
from checks.tracked import TrackedData

ROLL_UP_EVERY = timedelta(minutes=10)
PRUNE_EVERY = timedelta(hours=6)


def make_timetable(
    settings: Settings,
    desk: Desk,
    watch: Watch,
    surveyor: Surveyor,
    heartbeat: Heartbeat,
    outside: Outside,
) -> Timetable:
    store, clock = desk.store, desk.clock
    keeper = Keeper(store, clock, settings.watch)
    timers = Timers(store, clock, desk.rules, desk.wake, desk.rotas)
    timetable = Timetable(clock)
    timetable.every("survey", settings.watch.systems_every, surveyor.survey)
    timetable.every("look again", settings.watch.every, surveyor.look_again)
    timetable.every("round", settings.watch.every, watch.run_round)
    timetable.every("shapes", SHAPES_EVERY, ShapeWatch(surveyor.systems, store, clock).look)
    tracked = TrackedData(outside.patchworks)
    systems: tuple[RecordSource, ...] = (*surveyor.systems, tracked)
    for name, run in make_reconciler(settings, desk, systems).jobs().items():
        timetable.every(name, RECONCILE_EVERY, run)
    timetable.every("roll up", ROLL_UP_EVERY, keeper.roll_up)
    timetable.every("timers", TIMERS_EVERY, timers.tick)
    timetable.every("heartbeat", HEARTBEAT_EVERY, heartbeat.beat)
    timetable.every("calendars", REFRESH_EVERY, partial(desk.rotas.refresh, outside.http))
    timetable.every("people", REFRESH_EVERY, desk.directory.refresh)
    timetable.every("digest", DIGEST_EVERY, _make_teller(settings, desk, outside.slack).tick)
    timetable.every("prune", PRUNE_EVERY, keeper.prune)
    return timetable


def _make_teller(settings: Settings, desk: Desk, slack: Slack) -> Teller:
    return Teller(
        desk.store,
        desk.clock,
        settings.digest,
        desk.digest.timetable,
        channels=slack.channels,
        directory=desk.directory,
        wake=desk.wake,
    )
