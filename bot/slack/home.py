"""What App Home shows one person: their shifts, their incidents, and the watch at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot import facts, inventory
from bot.incidents.ending import KNOWN_FOR
from bot.incidents.model import Incident
from bot.incidents.rota import Rota, Shift, on_call, shifts
from bot.slack.desk import Desk
from bot.slack.render.home import Glance, HomeView, OnCall
from bot.slack.render.limits import limits_answer
from bot.slack.render.queue import queue_answer
from bot.store import incidents

AHEAD = timedelta(days=28)
"""How far a next shift is looked for."""
EXPIRIES = 5


def home_of(desk: Desk, user_id: str) -> HomeView:
    """As stored now; nobody is asked anything."""
    db, now = desk.store.db, desk.clock.now()
    standing = incidents.open_incidents(db)
    mine = [each for each in standing if _is_mine(each, user_id)]
    others = [each for each in standing if each not in mine]
    left = incidents.left_standing(db, now - KNOWN_FOR)
    person = desk.directory.name_of(user_id)
    register = inventory.find_register(db)
    ending = [
        judged
        for judged in (register.credentials if register else ())
        if judged.held.ends_at is not None and judged.held.ends_at > now
    ]
    return HomeView(
        estate=desk.estate,
        user_id=user_id,
        person=person,
        on_call=tuple(_on_call(desk, rota, person, now) for rota in desk.rotas.all),
        mine=tuple(mine),
        others=tuple(others),
        alerts=incidents.alerts_of(db, [each.id for each in (*standing, *left)]),
        glances=tuple(_glances(desk, now)),
        expiries=tuple(sorted(ending, key=lambda judged: str(judged.held.ends_at))[:EXPIRIES]),
        now=now,
        left=tuple(left),
    )


def _is_mine(incident: Incident, user_id: str) -> bool:
    """Held by this person, waiting for them, or snoozed by them."""
    return user_id in (incident.holder, incident.assignee, incident.snoozed_by)


def _on_call(desk: Desk, rota: Rota, person: str | None, now: datetime) -> OnCall:
    """Who is on call, and the shift of this person that is on or comes next."""
    known = desk.rotas.overrides(now)
    coming = shifts(rota, known, now, now + AHEAD) if person is not None else []
    found = _first_of(coming, person or "")
    return OnCall(
        rota=rota.name,
        people=on_call(rota, known, now),
        since=found[0] if found else None,
        until=found[1] if found else None,
    )


def _first_of(coming: Sequence[Shift], person: str) -> tuple[datetime, datetime] | None:
    """From when until when this person is on call next: a turn in one layer that goes on in
    another, or by an override, is the same time for them."""
    found = None
    for shift in coming:
        if shift.person.casefold() != person.casefold():
            continue
        if found is not None and shift.since > found[1]:
            break
        since, until = found or (shift.since, shift.until)
        found = since, max(until, shift.until)
    return found


def _glances(desk: Desk, now: datetime) -> Iterator[Glance]:
    """The first sentence of `/seam queue` and of `/seam limits`, and when each was read."""
    queue = facts.find_queue(desk.store.db)
    said = queue_answer(queue, desk.links)
    yield Glance(title="Queue", said=said.blocks[0], at=queue.read_at if queue else None)
    limits = inventory.find_limits(desk.store.db)
    told = limits_answer(limits, now)
    yield Glance(title="Limits", said=told.blocks[0], at=limits.at if limits else None)
