"""What people do on a paging service becomes what they do here: through the same transitions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.clock import Clock
from bot.incidents.events import Acknowledge, Event, Resolve, Unacknowledge
from bot.incidents.lifecycle import Refusal
from bot.incidents.model import Actor
from bot.paging.model import Heard, HeardAct
from bot.store import Store, heard
from bot.transitions import act

log = logging.getLogger(__name__)

API = "api"
EVENTS: Mapping[HeardAct, Event] = {
    HeardAct.ACKNOWLEDGE: Acknowledge(),
    HeardAct.UNACKNOWLEDGE: Unacknowledge(),
    HeardAct.RESOLVE: Resolve(),
}


class HeardBefore:
    """The ids of what was heard, in the database, so that a restart forgets none."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def has(self, known_as: str, now: float) -> bool:
        return heard.has(self._store.db, known_as, now)

    def remember(self, known_as: str, now: float) -> None:
        with self._store.writing() as db:
            heard.remember(db, known_as, now)


def hear(
    store: Store, clock: Clock, destination: str, wake: Callable[[], None], told: Heard
) -> None:
    """Carry out what was heard; what does not apply any more is logged and left."""
    actor = Actor(who=_name(told), via=API)
    event = EVENTS[told.act]
    done = act(store, told.incident_id, event, actor, clock.now(), destination=destination)
    if done is None or isinstance(done, Refusal):
        why = done.why.value if done else "there is no such incident"
        log.info("#%d: %s by %s changed nothing (%s)", told.incident_id, told.act, actor.who, why)
        return
    wake()


def _name(told: Heard) -> str:
    """Who it was, and by which pager; that alone where it names nobody but itself."""
    itself = told.who.casefold() == told.pager.casefold()
    return told.who if itself else f"{told.who} ({told.pager})"
