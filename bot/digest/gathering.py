"""Gathers what a digest tells from the store; on a large estate that takes a second or two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot import inventory
from bot.costs import cost_between
from bot.digest.facts import Case, Digest, Hushed, Noise
from bot.digest.flow_groups import flow_groups
from bot.digest.measures import together
from bot.digest.period import Period
from bot.digest.presence import presence, watched_since
from bot.digest.rules import DigestRules
from bot.digest.trends import (
    acknowledging,
    known_cost,
    resolving,
    spans_of,
    trend_of,
    unacknowledged,
)
from bot.incidents.ending import KNOWN_FOR, Fate, fate_of
from bot.incidents.model import Alert, Incident
from bot.muting import Mutes
from bot.oncall.rotas import Rotas
from bot.store import Database, incidents
from bot.store import digest as stored
from bot.store.run_days import share_known

ENDS_SOON = timedelta(hours=24)
FRESH = timedelta(hours=24)
"""A digest made later than this after its period tells nothing of the present."""
NO_MUTES, NO_ROTAS, RULES = Mutes(), Rotas(), DigestRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a digest needs besides the store.

    `titles` are those of the checks by name, `people` are names by Slack user id.
    """

    estate: str
    titles: Mapping[str, str]
    rules: DigestRules = RULES
    people: Mapping[str, str] = field(default_factory=dict)
    mutes: Mutes = NO_MUTES
    rotas: Rotas = NO_ROTAS


def gather(db: Database, period: Period, around: Around, now: datetime) -> Digest:
    """Everything of a period, of which only what lies before `now` is known."""
    since, until = period.since, min(period.until, now)
    rules, stock = around.rules, inventory.find_inventory(db)
    prices = rules.pricing.prices(stock)
    standing = stored.stood(db, until)
    alerts = incidents.alerts_of(db, [each.id for each in standing])
    groups = flow_groups(db, period, now, stock, rules.flows, alerts)
    course, watched = stored.courses(db, since, until), watched_since(db)
    resolved = _ended(db, stored.resolved_ids(db, since, until), around.titles, until)
    earlier = _ended(db, stored.maybe_left_ids(db, since, until), around.titles, until)
    before = [each.before for each in groups if each.before is not None]
    return Digest(
        period=period,
        made_at=now,
        estate=around.estate,
        standing=tuple(_cases(standing, alerts, around.titles)),
        left=tuple(each for each in (*resolved, *earlier) if each.fate.is_left),
        resolved=resolved,
        opened=sum(since <= each.opened_at < until for each in course),
        never_acknowledged=sum(each.incident.first_acknowledged_at is None for each in resolved),
        unacknowledged=unacknowledged(course, since, until),
        acknowledging=acknowledging(course, since, until),
        resolving=resolving(course, since, until),
        runs=together(each.went for each in groups),
        runs_before=together(before) if before else None,
        groups=groups,
        observed=share_known(db, since, until),
        hushed=tuple(_hushed(db, around.mutes, since, until)),
        noise=tuple(_noise(db, around.titles, since, until)),
        present=presence(db, period, around.rotas, rules, now)
        if now - period.until < FRESH
        else None,
        cost=cost_between(db, prices, since, until),
        cost_before=known_cost(db, prices, *period.before()),
        reconciled=rules.compared(db, since, until),
        trend=trend_of(db, period, watched),
        spans=spans_of(db, period, watched, prices),
        people=around.people,
    )


def people_in(digest: Digest) -> set[str]:
    """The Slack user ids that it names."""
    cases = (each.incident for each in (*digest.standing, *digest.resolved, *digest.left))
    named = [(i.holder, i.snoozed_by, i.assignee, _resolver(i)) for i in cases]
    return {
        *(each for four in named for each in four if each),
        *(each.by for each in digest.hushed if each.by),
    }


def _resolver(incident: Incident) -> str | None:
    by = incident.resolved_by
    return by.who if by and by.is_known_to_slack else None


def _ended(
    db: Database, numbers: Sequence[int], titles: Mapping[str, str], until: datetime
) -> tuple[Case, ...]:
    """Resolved incidents, with what had become of their faults by `until`."""
    found = [each for number in numbers if (each := incidents.find_incident(db, number))]
    still = incidents.still_there(db, numbers, until - KNOWN_FOR)
    return tuple(
        replace(case, fate=_fate(db, case.incident, still.get(case.incident.id), until))
        for case in _cases(found, incidents.alerts_of(db, numbers), titles)
    )


def _fate(db: Database, incident: Incident, still_there_at: datetime | None, at: datetime) -> Fate:
    by = incident.resolved_by
    entries = incidents.timeline(db, incident.id) if by and by.is_person else []
    return fate_of(incident, entries, still_there_at, at)


def _cases(
    found: Sequence[Incident], alerts: Mapping[int, Sequence[Alert]], titles: Mapping[str, str]
) -> Iterator[Case]:
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
        title=_title(alert.check, titles),
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
    """What opened something or was voted on, by the title of its check, which several may share;
    the most complained of, then the loudest, first."""
    opened: defaultdict[str, set[int]] = defaultdict(set)
    cast: Counter[tuple[str, str]] = Counter()
    for check, numbers in stored.opened_by_check(db, since, until).items():
        opened[_title(check, titles)] |= numbers
    for (check, word), number in stored.votes(db, since, until).items():
        cast[_title(check, titles), word] += number
    found = [
        Noise(
            title=title,
            opened=len(opened[title]),
            wrong=cast[title, "wrong"],
            noisy=cast[title, "noisy"],
        )
        for title in {*opened, *(title for title, _ in cast)}
    ]
    yield from sorted(
        found, key=lambda each: (-(each.wrong + each.noisy), -each.opened, each.title)
    )


def _title(check: str, titles: Mapping[str, str]) -> str:
    return titles.get(check, check.replace("_", " "))
