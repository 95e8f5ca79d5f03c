"""What two systems hold differently, looked up for Slack at the moment of showing it.

Keys of orders and customers stand nowhere else: not in what a check says, not in a timeline. So
what was deleted, or is too old, is shown no more.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from itertools import chain, islice

from bot.incidents.model import Alert, Entry
from bot.reconciling.table import ENCODING, Table
from bot.reconciling.telling import number_of
from bot.slack.desk import Desk
from bot.slack.files import Document, NoFile
from bot.slack.render.message import Message
from bot.slack.render.reconcile import compared_line, difference_lines, said_more
from bot.store import incidents, reconciliations
from bot.store.reconciliations import Kept
from checks.catalogue.reconciliation import CHECK_NAME
from checks.reconcile.model import Difference

SHOWN = 5
LISTED = 10


def first_differences(desk: Desk, kept: Kept, most: int) -> tuple[Difference, ...]:
    """Some differences of a period, the gravest kind first; what is not sure is none."""
    told = reconciliations.differences(desk.store.db, kept, sure=True)
    return tuple(islice(told, most))


def examples_of(desk: Desk, alerts: Sequence[Alert]) -> str:
    """The first differences of what an incident is about, a line each; "" for other checks."""
    numbers = [number_of(each.facts) for each in alerts if _is_ours(each)]
    found = [reconciliations.find(desk.store.db, number) for number in numbers]
    periods = [kept for kept in found if kept is not None]
    shown = chain.from_iterable(first_differences(desk, kept, SHOWN) for kept in periods)
    lines = difference_lines(list(islice(shown, SHOWN)), desk.keys)
    left = sum(each.count for kept in periods for each in kept.compared.found) - len(lines)
    return "\n".join([*lines, *(said_more(left) if lines else [])])


def incident_of(desk: Desk, number: int) -> int | None:
    """The open incident about a reconciliation."""
    alerts = incidents.open_alerts(desk.store.db).values()
    found = (each for each in alerts if _is_ours(each) and number_of(each.facts) == number)
    return next((each.incident_id for each in found), None)


def line_above(desk: Desk, entry: Entry) -> Message:
    """The line of the thread that the file belongs to."""
    kept = reconciliations.find(desk.store.db, int(entry.data["reconciliation"]))
    if kept is None:
        return compared_line(entry, (), 0)
    shown = first_differences(desk, kept, LISTED)
    total = sum(each.count for each in kept.compared.found)
    return compared_line(entry, difference_lines(shown, desk.keys), total - len(shown))


async def differences_file(desk: Desk, entry: Entry) -> Document:
    """All differences as a table, as they are known now; written in a thread. Raises NoFile."""
    number = int(entry.data["reconciliation"])
    try:
        content = await asyncio.to_thread(_table, desk, number)
    except Exception as error:
        raise NoFile(f"the differences could not be listed ({type(error).__name__})") from error
    return Document(
        name=f"differences-{number}.csv", title="Differences", content=content.encode(ENCODING)
    )


def _table(desk: Desk, number: int) -> str:
    """Safe to be opened in a spreadsheet, keys as they may be shown now."""
    db = desk.store.db  # of this thread
    kept = reconciliations.find(db, number)
    told = io.StringIO(newline="")
    table = Table(told, desk.keys)
    if kept is not None:
        table.add_all(reconciliations.differences(db, kept))
    return told.getvalue()


def _is_ours(alert: Alert) -> bool:
    return alert.check == CHECK_NAME and alert.cleared_at is None
