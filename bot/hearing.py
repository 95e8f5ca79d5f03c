"""What people do on a paging service becomes what they do here: through the same transitions."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from bot.clock import Clock
from bot.incidents.events import Acknowledge, Event, Resolve, Unacknowledge
from bot.incidents.lifecycle import Refusal
from bot.incidents.model import Actor
from bot.paging.model import Heard, HeardAct
from bot.store import Store
from bot.transitions import act

log = logging.getLogger(__name__)

API = "api"
EVENTS: Mapping[HeardAct, Event] = {
    HeardAct.ACKNOWLEDGE: Acknowledge(),
    HeardAct.UNACKNOWLEDGE: Unacknowledge(),
    HeardAct.RESOLVE: Resolve(),
}


def hear(
    store: Store, clock: Clock, destination: str, wake: Callable[[], None], heard: Heard
) -> None:
    """Carry out what was heard; what does not apply any more is logged and left."""
    actor = Actor(who=f"{heard.who} ({heard.pager})", via=API)
    event = EVENTS[heard.act]
    done = act(store, heard.incident_id, event, actor, clock.now(), destination=destination)
    if done is None or isinstance(done, Refusal):
        why = done.why.value if done else "there is no such incident"
        log.info("#%d: %s by %s changed nothing (%s)", heard.incident_id, heard.act, actor.who, why)
        return
    wake()
