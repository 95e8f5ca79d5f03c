"""Gathers what a digest tells from the store; on a large estate that takes a second or two."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from bot import inventory
from bot.digest.facts import Case, Cost, Digest, Hushed, Noise, Reconciled
from bot.digest.flow_groups import flow_groups
from bot.digest.measures import together
from bot.digest.period import Period
from bot.digest.presence import presence, watched_since
from bot.digest.trends import acknowledging, resolving, spans_of, trend_of
from bot.incidents.model import Alert, Incident
from bot.muting import Mutes
from bot.oncall.rotas import Rotas
from bot.store import Database, incidents
from bot.store import digest as stored
from bot.store.covered import share_covered

ENDS_SOON = timedelta(hours=24)
FRESH = timedelta(hours=24)
"""A digest made later than this after its period tells nothing of the present."""
NO_MUTES, NO_ROTAS = Mutes(), Rotas()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a digest needs besides the store.

    `titles` are those of the checks by name, `every` is the time between rounds
    (None: not known, and rounds missed are not counted), `people` are names
    by Slack user id. `cost_of` is what a failed record of a flow is reckoned to cost, by flow id,
    in `currency`; empty: no cost is told.
    """

    estate: str
    titles: Mapping[str, str]
    every: timedelta | None = None
    people: Mapping[str, str] = field(default_factory=dict)
    mutes: Mutes = NO_MUTES
    rotas: Rotas = NO_ROTAS
    cost_of: Mapping[str, Decimal] = field(default_factory=dict)
    currency: str = ""
    reconciled: Reconciled | None = None


def gather(db: Database, period: Period, around: Around, now: datetime) -> Digest:
    """Everything of a period, of which only what lies before `now` is known."""
    since, until = period.since, min(period.until, now)
    groups = flow_groups(db, period, now, inventory.find_inventory(db))
    course, watched = stored.courses(db, since, until), watched_since(db)
    resolved = _resolved(db, since, until)
    before = [each.before for each in groups if each.before is not None]
    return Digest(
        period=period,
        made_at=now,
        estate=around.estate,
        standing=tuple(_cases(db, stored.stood(db, until), around.titles)),
        resolved=tuple(_cases(db, resolved, around.titles)),
        opened=sum(since <= each.opened_at < until for each in course),
        never_acknowledged=sum(each.first_acknowledged_at is None for each in resolved),
        acknowledging=acknowledging(course, since, until),
        resolving=resolving(course, since, until),
        runs=together(each.went for each in groups),
        runs_before=together(before) if before else None,
        groups=groups,
        observed=share_covered(db, since, until) if since < until else 0.0,
        hushed=tuple(_hushed(db, around.mutes, since, until)),
        noise=tuple(_noise(db, around.titles, since, until)),
        present=presence(db, period, around.rotas, around.every, now)
        if now - period.until < FRESH
        else None,
        cost=_cost(db, around, since, until),
        reconciled=around.reconciled,
        trend=trend_of(db, period, watched),
        spans=spans_of(db, period, watched),
        people=around.people,
    )


def people_in(digest: Digest) -> set[str]:
    """The Slack user ids that it names."""
    cases = (each.incident for each in (*digest.standing, *digest.resolved))
    named = [(i.holder, i.snoozed_by, i.assignee, _resolver(i)) for i in cases]
    return {
        *(each for four in named for each in four if each),
        *(each.by for each in digest.hushed if each.by),
    }


def _resolver(incident: Incident) -> str | None:
    by = incident.resolved_by
    return by.who if by and by.is_known_to_slack else None


def _resolved(db: Database, since: datetime, until: datetime) -> list[Incident]:
    found = (incidents.find_incident(db, each) for each in stored.resolved_ids(db, since, until))
    return [each for each in found if each is not None]


def _cases(db: Database, found: Sequence[Incident], titles: Mapping[str, str]) -> Iterator[Case]:
    alerts = incidents.alerts_of(db, [each.id for each in found])
    for incident in found:
        own = alerts[incident.id]
        alert = next((each for each in own if each.cleared_at is None), own[0] if own else None)
        yield _case(incident, alert, len(own), titles)


def _case(incident: Incident, alert: Alert | None, alerts: int, titles: Mapping[str, str]) -> Case:
    if alert is None:
        return Case(incident=incident)
    more = f" and {alerts - 1} more" if alerts > 1 else ""
    return Case(
        incident=incident,
        title=titles.get(alert.check, alert.check.replace("_", " ")),
        subject=f"{alert.subject.name or alert.subject.id}{more}",
        sentence=alert.sentence,
    )


def _hushed(db: Database, mutes: Mutes, since: datetime, until: datetime) -> Iterator[Hushed]:
    """What held something back in the period, then what ends soon after it."""
    known = {each.label: each for each in _known(db, mutes)}
    hid: dict[str, list[int]] = {}
    reasons: dict[str, str] = {}
    for told, numbers in stored.held_back(db, since, until).items():
        label, _, reason = told.partition(": ")
        hid.setdefault(label, []).extend(numbers)
        reasons[label] = reason
    for label, numbers in hid.items():
        found = known.get(label) or Hushed(label=label, reason=reasons[label])
        yield Hushed(
            label=label,
            hid=tuple(sorted(set(numbers))),
            until=found.until,
            by=found.by,
            reason=found.reason,
        )
    soon = (each for label, each in known.items() if label not in hid)
    yield from (
        each for each in soon if each.until is not None and until <= each.until <= until + ENDS_SOON
    )


def _known(db: Database, mutes: Mutes) -> Iterable[Hushed]:
    for each in stored.mutings(db).values():
        yield Hushed(label=each.label, by=each.by, reason=each.reason, until=each.until)
    for silence in mutes.told_silences:
        yield Hushed(label=silence.label, reason=silence.reason, until=silence.until)


def _noise(
    db: Database, titles: Mapping[str, str], since: datetime, until: datetime
) -> Iterator[Noise]:
    """Each check that opened something or was voted on; the most complained of, then the loudest,
    first."""
    opened, cast = stored.opened_by_check(db, since, until), stored.votes(db, since, until)
    found = [
        Noise(
            title=titles.get(name, name.replace("_", " ")),
            opened=opened.get(name, 0),
            wrong=cast.get((name, "wrong"), 0),
            noisy=cast.get((name, "noisy"), 0),
        )
        for name in {*opened, *(check for check, _ in cast)}
    ]
    yield from sorted(
        found, key=lambda each: (-(each.wrong + each.noisy), -each.opened, each.title)
    )


def _cost(db: Database, around: Around, since: datetime, until: datetime) -> Cost | None:
    """None where no cost is set up."""
    if not around.cost_of:
        return None
    found = stored.failed_records(db, since, until, around.cost_of.keys())
    amount = sum(
        (around.cost_of[flow_id] * records for flow_id, (records, _) in found.items()), Decimal(0)
    )
    return Cost(
        amount=amount,
        currency=around.currency,
        records=sum(records for records, _ in found.values()),
        untold=sum(untold for _, untold in found.values()),
        assumption=f"at what a failed record of {len(around.cost_of)} flows is set to cost",
    )
