"""What a paging service is told of an incident that is nobody's again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.incidents.events import Acknowledge, Snooze, Unacknowledge, Wake
from bot.incidents.model import Actor
from bot.paging.model import PageAct, incident_id_of
from bot.slack.paging_out import compose_page
from bot.store import outbox
from bot.transitions import act, escalate
from tests.bot.response_scene import policy, rules, step
from tests.bot.slack.scene import ALEX, NOON, PRIYA, desk_over, stall

HOLDER = Actor(who=PRIYA, via="button")
TIMER = Actor(who="patience", via="timer")
BACK = {
    "given back": (Acknowledge(), Unacknowledge()),
    "awake again": (Snooze(until=NOON + timedelta(hours=1)), Wake()),
    "escalated from the holder": (Acknowledge(), None),
}


def newest_page(desk):
    """Of what waits for the pager; what waited before it counts as sent."""
    db = desk.store.db
    waiting = [each for each in outbox.due_rows(db, 1e12, ()) if each.purpose == "page"]
    while len(waiting) > 0 and outbox.has_later(db, waiting[0]):
        db.execute("UPDATE outbox SET state = 'sent', ts = 'x' WHERE id = ?", [waiting[0].id])
        waiting = [each for each in outbox.due_rows(db, 1e12, ()) if each.purpose == "page"]
    (row,) = waiting
    return compose_page(desk, row)


@pytest.mark.parametrize("name", BACK)
def test_what_is_nobodys_again_rings_under_a_key_of_its_own_when_it_was(store, name):
    taken, back = BACK[name]
    desk = desk_over(store, rules=rules(policy(step("pager:pd"))))
    stall(desk)
    first = newest_page(desk)
    assert (first.act, first.ring_key, first.earlier_keys) == (PageAct.TRIGGER, first.key, ())
    act(store, 1, taken, HOLDER, NOON, destination="slack/C1")
    held = newest_page(desk)
    assert (held.act, held.ring_key) == (PageAct.ACKNOWLEDGE, first.key)
    if back is None:
        escalate(store, 1, "it burns", Actor(who=ALEX, via="command"), desk.rules, NOON)
    else:
        act(store, 1, back, TIMER if back == Wake() else HOLDER, NOON, destination="slack/C1")
    again = newest_page(desk)
    assert (again.act, again.earlier_keys) == (PageAct.TRIGGER, (first.key,))
    assert again.ring_key != first.key
    assert incident_id_of(desk.estate, again.ring_key) == 1
