"""What time alone does: announces what was held back, tells the next one, wakes, reminds, lapses.

One job of the timetable, every few seconds of domain time, each tick one write transaction for
incidents and one for rotas. A tick that failed is made up for by the next, because what is due is
read from what is stored.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot import handling
from bot.aftermath import tell_what_is_left
from bot.clock import Clock
from bot.incidents.holding import timer_event
from bot.incidents.model import Actor
from bot.oncall import swaps
from bot.oncall.handovers import tell_handovers
from bot.oncall.rotas import Rotas
from bot.resting import hold_what_rests
from bot.rules import Rules
from bot.saying import intend
from bot.store import Database, Store, incidents
from bot.store import handling as handlings
from bot.store.outbox import Purpose
from bot.transitions import pass_time

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=5)
LOOK_AGAIN = timedelta(minutes=1)
"""While the same silences and maintenance hold, all that waits is looked at again only so often:
thousands of incidents would take a second of every five."""


class Timers:
    """`wake` tells the outbox that messages may wait. Hand-overs are told of the `rotas`."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rules: Rules,
        wake: Callable[[], None],
        rotas: Rotas | None = None,
    ) -> None:
        self._store, self._clock, self._rules, self._wake = store, clock, rules, wake
        self._rotas = rotas or Rotas()
        self._looked: tuple[datetime, frozenset[str] | None] | None = None

    async def tick(self) -> None:
        await asyncio.to_thread(self.run_due)
        self._wake()

    def run_due(self) -> None:
        """Everything that is due now."""
        now, rules = self._clock.now(), self._rules
        with self._store.writing() as db:
            for incident in incidents.open_incidents(db):
                event = timer_event(incident, rules.patience, now)
                if event is not None:
                    actor = Actor(who="patience", via=handling.TIMER)
                    pass_time(db, incident, event, actor, rules.destination, now)
            self._end_storms(db)
            tell_what_is_left(db, rules, now)
            self._announce(db)
            in_force = rules.in_force(db, now)
            look = self._must_look(in_force, now)
            for due in handlings.due_steps(db, now, held_too=look):
                handling.go_on(db, due, rules, now)
            if look and in_force != frozenset():
                handling.hold_what_waits(db, rules, now)
            if look:
                hold_what_rests(db, rules, now, held_only=in_force == frozenset())
        if look:
            self._looked = now, in_force
        with self._store.writing() as db:
            tell_handovers(db, self._rotas, rules, self._clock.now())
            swaps.expire(db, self._clock.now())

    def _must_look(self, in_force: frozenset[str] | None, now: datetime) -> bool:
        """Whether what waits may be held back by now, or what is held back need not be any more."""
        if in_force is None or self._looked is None:
            return True
        at, then = self._looked
        return in_force != then or abs(now - at) >= LOOK_AGAIN

    def _announce(self, db: Database) -> None:
        now = self._clock.now()
        held = handlings.unannounced(db)
        alerts = incidents.alerts_of(db, [each.incident_id for each in held])
        for each in held:
            incident = incidents.find_incident(db, each.incident_id)
            if incident is not None:
                standing = alerts[each.incident_id]
                handling.announce_or_hold(db, each, incident, standing, self._rules, now)

    def _end_storms(self, db: Database) -> None:
        """A storm is over when what is open and unattended, told or not, is few again."""
        now = self._clock.now()
        for storm in handlings.open_storms(db):
            many = self._rules.noise.storm
            if handlings.unattended(db, storm.home, many) < many:
                handlings.end_storm(db, storm.id, now)
                intend(db, f"storm/{storm.id}", storm.home, Purpose.EDIT, now)
                log.warning("storm %d is over", storm.id)
