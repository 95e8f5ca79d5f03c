"""How incidents end, and what became of their fault where nobody said that it is over. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.model import Actor, Entry, Incident, Kind
from checks.catalogue.reconciliation import CHECK_NAME

WATCH = Actor(who="watch", via="check")
"""Who says what became of a fault that stood when a person resolved its incident."""


KNOWN_FOR = timedelta(days=1)
"""How long what a look found of such a fault tells of the present."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a fault that stood when a person resolved its incident, as of a moment: it was
    still there at the last look, at `still_there_at`; gone since `gone_at`; incident `next_id` goes
    on with it (times in UTC). Nothing of the kind where it went before it was resolved."""

    still_there_at: datetime | None = None
    gone_at: datetime | None = None
    next_id: int | None = None

    @property
    def is_left(self) -> bool:
        """Whether it stands, and no other incident tells of it."""
        return self.still_there_at is not None and self.next_id is None


def fate_of(
    incident: Incident, entries: Iterable[Entry], still_there_at: datetime | None, at: datetime
) -> Fate:
    """As of `at`; `still_there_at` is what the watch knows by now. What was told of it only after
    `at` says that it stood until then."""
    if incident.resolved_by is None or not incident.resolved_by.is_person:
        return Fate()
    told = [each for each in entries if each.kind is Kind.SETTLED and each.actor == WATCH]
    known = [each for each in told if each.at <= at]
    next_id = went_on_as(known)
    gone_at = known[-1].at if known and next_id is None else None
    found_at = at if len(known) < len(told) else still_there_at
    return Fate(still_there_at=found_at, gone_at=gone_at, next_id=next_id)


def went_on_as(entries: Iterable[Entry]) -> int | None:
    """The incident that goes on with a fault which did not go after a person resolved it."""
    settled = [each for each in entries if each.kind is Kind.SETTLED and "next" in each.data]
    return int(settled[-1].data["next"]) if settled else None


def was_compared(incident: Incident) -> bool:
    """Whether a comparison found all records in their place: what was lost or wrong was made good,
    it did not clear by itself; the incident's `resolution` says what it was."""
    return by_comparison(incident.resolved_by)


def by_comparison(actor: Actor | None) -> bool:
    return actor is not None and not actor.is_person and actor.who == CHECK_NAME
