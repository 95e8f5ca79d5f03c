"""The incident that is meant when none is named: the only open one."""

from __future__ import annotations

from bot.slack.desk import Desk
from bot.store import incidents


def only_open(desk: Desk) -> int | None:
    """Its number; None when none or several are open."""
    standing = incidents.open_incidents(desk.store.db)
    return standing[0].id if len(standing) == 1 else None
