"""Which records an incident of silent loss is about, looked up at the moment of showing them.

Their keys stand nowhere else: neither in what a check says nor in a timeline. So what was deleted,
or is too old, is shown no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.incidents.model import Alert
from bot.ownership import About
from bot.slack.desk import Desk
from bot.slack.render.text import code, count, foreign
from bot.store.unsent import Unsent, find_unsent
from checks.reconcile.showing import show_key

CHECK_NAME = "silent_loss"
SHOWN = 5
FITS = 40


def lost_records(desk: Desk, alerts: Sequence[Alert]) -> str:
    """A line for each flow: "3 orders were received and never sent: ..."; "" for other checks."""
    return "\n".join(_lines(desk, alerts))


def _lines(desk: Desk, alerts: Sequence[Alert]) -> Iterator[str]:
    for alert in alerts:
        since, until = (_moment(alert, name) for name in ("unsent_since", "unsent_until"))
        if alert.check == CHECK_NAME and alert.cleared_at is None and since and until:
            found = find_unsent(desk.store.db, alert.subject.id, since, until, SHOWN)
            if found.count:
                yield _line(desk, found, _carried(desk, alert))


def _line(desk: Desk, found: Unsent, carried: str) -> str:
    """`carried` is what people call such records, in the plural; "" where nobody said."""
    were = "was" if found.count == 1 else "were"
    what = count(found.count, "record")
    if carried:
        what = f"1 of the {carried}" if found.count == 1 else f"{found.count:,} {carried}"
    keys = [show_key(each, desk.keys) for each in found.first]
    shown = [code(key, FITS) for key in keys if key]
    left = found.count - len(shown)
    if shown and left:
        shown.append(f"{left:,} more")
    named = " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
    return f"{what} {were} received and never sent{f': {named}' if named else ''}."


def _carried(desk: Desk, alert: Alert) -> str:
    about = About(flow=alert.subject.name, flow_id=alert.subject.id)
    return foreign(desk.ownership.completed(about).entity, FITS)


def _moment(alert: Alert, name: str) -> datetime | None:
    told = alert.facts.get(name)
    return datetime.fromisoformat(told) if isinstance(told, str) else None
