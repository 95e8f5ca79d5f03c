"""Asks somebody to swap shifts, and tells both what became of it. Inside a write transaction.

Nothing changes before the other one says yes, and a question ends with the first hand-over of the
shifts that it is about: after that it would be about something else.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.incidents.rota import Override, Shift
from bot.saying import intend
from bot.store import Database, overrides, swaps
from bot.store.outbox import Purpose
from bot.store.overrides import Arranged
from bot.store.swaps import Stage, Swap, Wanted

TOPIC = "swap"


def expiry(mine: Shift, theirs: Shift, now: datetime) -> datetime:
    """The first hand-over after `now` of two shifts of which one at least is ahead."""
    edges = (mine.since, mine.until, theirs.since, theirs.until)
    return min(edge for edge in edges if edge > now)


def ask(db: Database, wanted: Wanted, now: datetime) -> Swap:
    """Write it down, and intend a message with two buttons to whoever is asked."""
    asked = swaps.ask(db, wanted, now)
    intend(db, f"{TOPIC}/{asked.id}", f"dm/{wanted.other_id}", Purpose.ROOT, now)
    return asked


def accept(db: Database, swap: Swap, now: datetime) -> list[Override]:
    """Let the two shifts change hands, as far as they are still ahead. Raises Overlaps."""
    wanted = swap.wanted
    made = overrides.save_overrides(
        db,
        [
            _instead(wanted, wanted.other.person, wanted.asker, now),
            _instead(wanted, wanted.asker.person, wanted.other, now),
        ],
        now,
    )
    close(db, swap, Stage.ACCEPTED, now)
    return made


def close(db: Database, swap: Swap, stage: Stage, now: datetime) -> None:
    """It is decided: the message with the buttons says so, and who asked is told."""
    if not swaps.decide(db, swap.id, stage, now):
        return
    topic, wanted = f"{TOPIC}/{swap.id}", swap.wanted
    intend(db, topic, f"dm/{wanted.other_id}", Purpose.EDIT, now)
    intend(db, topic, f"dm/{wanted.asker_id}", Purpose.ROOT, now)


def expire(db: Database, now: datetime) -> None:
    """What nobody answered before the hand-over is over."""
    for swap in swaps.overdue(db, now):
        close(db, swap, Stage.EXPIRED, now)


def _instead(wanted: Wanted, person: str, shift: Shift, now: datetime) -> Arranged:
    left = replace(shift, since=max(shift.since, now))
    return Arranged(
        rota=wanted.rota,
        person=person,
        replaces=shift.person,
        since=left.since,
        until=left.until,
        by=wanted.asker_id,
        reason=wanted.reason,
    )
