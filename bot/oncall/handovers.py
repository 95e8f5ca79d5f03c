"""Has everybody who comes on call told: one message a hand-over, across restarts too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.incidents.handovers import Handover, due_handovers
from bot.incidents.rota import Rota
from bot.oncall.rotas import Rotas
from bot.rules import Rules
from bot.saying import intend
from bot.store import Database, outbox, overrides, runs
from bot.store.outbox import Purpose

TOPIC = "handover"
LOOKED = "handovers"
LONG = timedelta(hours=1)
"""Who comes back after longer than this is told of the newest hand-over of each rota only."""
KEPT_EVERY = timedelta(minutes=10)
OVERLAP = timedelta(minutes=1)
"""What is arranged while somebody looks may begin a moment before that look. Looking back costs
nothing, because no hand-over is told twice."""


def begin_looking(db: Database, now: datetime) -> None:
    """Hand-overs are told from the first start of all on, however long the first tick of the timers
    lets wait for itself. Inside a write transaction."""
    if runs.find_snapshot(db, LOOKED) is None:
        runs.save_snapshot(db, LOOKED, now, {})


def tell_handovers(db: Database, rotas: Rotas, rules: Rules, now: datetime) -> None:
    """Intend a message for each hand-over since the last look. Inside a write transaction.

    The first look of all tells nothing. That a hand-over is told once is for the outbox to say: its
    rota and its moment are its topic. So the time of the look need not be kept at each of them.
    """
    looked = runs.find_snapshot(db, LOOKED)
    if looked is None:
        begin_looking(db, now)
        return
    since, _ = looked
    if now <= since:
        return
    due = [
        each
        for each in due_handovers(rotas.all, overrides.held(db, since), since, now)
        if not outbox.is_intended(db, topic_of(each))
    ]
    for each in _newest(due) if now - since > LONG else due:
        rota = rotas.find(each.rota)
        if rota is not None:
            intend(db, topic_of(each), place_of(rota, rules), Purpose.ROOT, now, step=0)
    if now - since >= KEPT_EVERY:
        runs.save_snapshot(db, LOOKED, now - OVERLAP, {})


def topic_of(handover: Handover) -> str:
    return f"{TOPIC}/{handover.rota}/{handover.at.isoformat()}"


def read_topic(topic: str) -> tuple[str, datetime]:
    """The rota's name, and when. Raises ValueError."""
    rota, _, at = topic.removeprefix(f"{TOPIC}/").rpartition("/")
    return rota, datetime.fromisoformat(at)


def place_of(rota: Rota, rules: Rules) -> str:
    """Where a rota is spoken to: the channel of the team that is called like it, else of the first
    team that everybody on it is in, else the general one."""
    teams = rules.routes.teams.values()
    called = [team for team in teams if team.name.casefold() == rota.name.casefold()]
    people = _people(rota)
    own = [
        team for team in teams if people and people <= {each.casefold() for each in team.members}
    ]
    homes = (team.home for team in (*called, *own))
    return next(filter(None, homes), rules.destination)


def _people(rota: Rota) -> set[str]:
    members = {member for layer in rota.layers for member in layer.members}
    return {name.casefold() for name in members | {shift.person for shift in rota.imported}}


def _newest(due: Iterable[Handover]) -> Iterable[Handover]:
    return {each.rota: each for each in due}.values()
