"""Which messages a change of an incident causes, and where: rows of the outbox, nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import datetime

from bot.incidents.lifecycle import Change
from bot.incidents.model import Entry, Kind
from bot.store import Database, outbox
from bot.store.outbox import Purpose, Row, incident_topic

TOLD_AGAIN = "told-again"
"""Topics such as `told-again/7/1763812800.000100`: an incident (or "storm"), and the message to
replace."""
SLACK_ID = re.compile(r"[UW][A-Z0-9]{2,20}")
UNSAID = frozenset({Kind.SECONDED, Kind.JOINED, Kind.VOTED, Kind.REVOTED})
"""Written down, and told by the next edit."""
UNLINED = frozenset({Kind.EASED, Kind.CONFIRMED, Kind.CHECKED})
"""The message says it, as what happens next; no line of the thread does."""
ASIDE = frozenset({Kind.SETTLED, Kind.NOTED, Kind.ACTED, Kind.REPORTED, Kind.COMPARED})
"""A line of the thread that changes nothing in the message itself."""


def speaks(entry: Entry) -> tuple[Purpose, ...]:
    """Which messages an entry causes where its incident was announced."""
    if entry.kind is Kind.OPENED:
        return (Purpose.ROOT,)
    if entry.kind in UNSAID:
        return ()
    if entry.kind in ASIDE:
        return (Purpose.LINE,)
    if entry.kind in UNLINED:
        return (Purpose.EDIT,)
    return (Purpose.EDIT, Purpose.LINE)


def say(db: Database, change: Change, home: str, now: datetime) -> None:
    """Intend the messages about a change of an incident that was announced at `home`."""
    topic = incident_topic(change.incident.id)
    places = outbox.told_places(db, topic, Purpose.ROOT)
    for purpose in speaks(change.entry):
        match purpose:
            case Purpose.EDIT:
                for place in places:
                    intend(db, topic, place, Purpose.EDIT, now)
            case Purpose.LINE if home in places:
                intend(db, topic, home, Purpose.LINE, now, step=change.entry.seq)
            case Purpose.LINE:
                pass  # the summary of a storm tells it there, and that has no thread of its own
            case _:
                intend(db, topic, home, purpose, now)
    tell(db, change, personal(change), now)
    if change.entry.changes_state:
        page_again(db, change, now)


def tell(db: Database, change: Change, users: Iterable[str], now: datetime) -> None:
    """A message of the incident to each of these people, anew, so that it is noticed."""
    topic = incident_topic(change.incident.id)
    for user in dict.fromkeys(users):
        if SLACK_ID.fullmatch(user):
            intend(db, topic, f"dm/{user}", Purpose.ROOT, now, step=change.entry.seq)


def told_again(db: Database, row: Row, now: datetime) -> None:
    """Once a newer message of an incident or a storm stands with a person or in a channel, intend
    to make the older ones a short line without buttons: each once, however often it is called."""
    told = row.incident_id or row.topic.partition("/")[0]
    if row.purpose is not Purpose.ROOT:
        return
    for ts in outbox.older_roots(db, row.topic, row.destination):
        outbox.enqueue_notice(
            db,
            topic=f"{TOLD_AGAIN}/{told}/{ts}",
            destination=row.destination,
            step=0,
            body="",
            created_at=now,
            due=time.time(),
        )


def personal(change: Change) -> tuple[str, ...]:
    """Who is told of a change in person, besides those of the policy."""
    entry = change.entry
    match entry.kind:
        case Kind.ASSIGNED:
            told = str(entry.data["to"])
        case Kind.WOKEN | Kind.LAPSED | Kind.CAME_TRUE:
            told = str(entry.data.get("was", ""))
        case Kind.REMINDED:
            told = change.incident.holder or ""
        case _:
            return ()
    return (told,) if told and told != entry.actor.who else ()


def page_again(db: Database, change: Change, now: datetime) -> None:
    """What was told to a service that calls people is told to it again: acknowledged, over."""
    topic = incident_topic(change.incident.id)
    for place in outbox.told_places(db, topic, Purpose.PAGE):
        intend(db, topic, place, Purpose.PAGE, now, step=change.entry.seq)


def intend(
    db: Database,
    topic: str,
    place: str,
    purpose: Purpose,
    now: datetime,
    *,
    step: int | None = None,
    body: str = "",
) -> None:
    """One row of the outbox, due at once."""
    outbox.enqueue(
        db,
        topic=topic,
        destination=place,
        purpose=purpose,
        created_at=now,
        due=time.time(),
        step=step,
        body=body,
    )
