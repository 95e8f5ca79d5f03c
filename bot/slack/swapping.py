"""The messages of a swap that one person asks another for, as it stands when they are sent."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.swap import swap_message
from bot.store import swaps
from bot.store.outbox import Row


def swap_of(desk: Desk, row: Row) -> Message:
    """To the person whose conversation the row goes to. Raises LookupError."""
    found = swaps.find(desk.store.db, int(row.topic.partition("/")[2]))
    if found is None:
        raise LookupError(f"there is no {row.topic}")
    return swap_message(found, row.destination.removeprefix("dm/"))
