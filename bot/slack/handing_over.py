"""The hand-over message, with what is open, silent and about to end when it is sent."""

from __future__ import annotations

from datetime import timedelta

from bot import inventory
from bot.incidents.ending import KNOWN_FOR
from bot.incidents.handovers import Handover, due_handovers
from bot.oncall.handover import brief
from bot.oncall.handovers import read_topic
from bot.outbox import Needless
from bot.slack.desk import Desk
from bot.slack.render.handover import handover_message
from bot.slack.render.message import Message
from bot.store import incidents, overrides
from bot.store.outbox import Row

A_MOMENT = timedelta(microseconds=1)


def handover_of(desk: Desk, row: Row) -> Message:
    """Raises Needless for one that people have arranged otherwise since."""
    db, handover = desk.store.db, _handover(desk, row)
    standing = incidents.open_incidents(db)
    left = incidents.left_standing(db, handover.at - KNOWN_FOR)
    names = {*handover.starting, *handover.ending, *handover.staying}
    found = {name: desk.directory.find(name) for name in names}
    return handover_message(
        brief(
            handover,
            {name: user_id for name, user_id in found.items() if user_id},
            standing,
            incidents.alerts_of(db, [each.id for each in (*standing, *left)]),
            desk.mutes.silences(db, handover.at),
            inventory.find_register(db),
            left,
        )
    )


def _handover(desk: Desk, row: Row) -> Handover:
    """As the rota stands now. Raises Needless."""
    name, at = read_topic(row.topic)
    rota = desk.rotas.find(name)
    if rota is None:
        raise Needless
    since = at - A_MOMENT
    found = due_handovers([rota], overrides.held(desk.store.db, since), since, at)
    if not found:
        raise Needless
    return found[-1]
