"""Gathers what a post-incident report tells, from what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import inventory
from bot.costs import Pricing, Reckoned, cost_of_incident
from bot.incidents.began import began
from bot.incidents.ending import Fate, fate_of
from bot.incidents.model import Alert, Entry, Incident
from bot.ownership import Ownership, Part
from bot.owning import parts_of
from bot.store import Database, failures, incidents, reporting
from bot.store.past import ended_before
from bot.store.reporting import Told
from checks.failures import Failure
from checks.runs import RunStatus
from runbooks.book import Book, Page

EARLIER = 10
LATELY = timedelta(days=30)
NOBODYS, FREE, NO_FATE = Ownership(), Pricing(), Fate()
FAILED = frozenset({RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A flow that it touched: its failed runs, the records that these are known to concern, and
    how many of the runs did not tell."""

    flow: str
    failed: int = 0
    records: int = 0
    untold: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything in a report on one incident, as of `now` (UTC).

    `titles` are those of the checks, `pages` the titles of the runbook pages of its alerts by
    their names, `steps` the place of each step there, by its page and its own number. `people`
    are names by Slack user id, `places` by destination of the outbox; what is in neither is told
    as it is. `parts` says who has which part in it, `cost` what it has cost, None where that is
    not set up or not known. `fate` is what became of the fault where a person resolved it while
    it stood. `earlier` are incidents of the same conditions, newest first, and
    `times_lately` counts those of the last 30 days, this one included.
    """

    incident: Incident
    now: datetime
    zone: ZoneInfo
    estate: str
    alerts: tuple[Alert, ...] = ()
    entries: tuple[Entry, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)
    steps: Mapping[tuple[str, int], int] = field(default_factory=dict)
    told: tuple[Told, ...] = ()
    struck: tuple[Struck, ...] = ()
    earlier: tuple[Incident, ...] = ()
    times_lately: int = 1
    parts: tuple[Part, ...] = ()
    cost: Reckoned | None = None
    fate: Fate = NO_FATE
    people: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a report needs besides the store, the same for every incident."""

    zone: ZoneInfo
    estate: str
    titles: Mapping[str, str]
    book: Book
    places: Mapping[str, str] = field(default_factory=dict)
    ownership: Ownership = NOBODYS
    pricing: Pricing = FREE


def gather(
    db: Database, incident_id: int, around: Around, people: Mapping[str, str], now: datetime
) -> Facts:
    """Raises LookupError when there is no such incident."""
    incident = incidents.find_incident(db, incident_id)
    if incident is None:
        raise LookupError(f"There is no incident #{incident_id}.")
    alerts = tuple(incidents.alerts_of(db, [incident_id])[incident_id])
    entries = tuple(incidents.timeline(db, incident_id))
    prices = around.pricing.prices(inventory.find_inventory(db))
    still_there_at = incidents.still_there(db, [incident_id]).get(incident_id)
    return Facts(
        incident=incident,
        now=now,
        zone=around.zone,
        estate=around.estate,
        alerts=alerts,
        entries=entries,
        titles=around.titles,
        pages=dict(_pages(around.book, alerts)),
        steps=dict(_steps(around.book, alerts)),
        told=tuple(reporting.told(db, incident_id)),
        struck=tuple(_struck(db, incident, alerts, now)),
        earlier=tuple(ended_before(db, incident_id, EARLIER)),
        times_lately=reporting.times_since(db, incident_id, incident.opened_at - LATELY),
        parts=parts_of(around.ownership, incident, alerts),
        cost=cost_of_incident(db, prices, incident, alerts, now),
        fate=fate_of(incident, entries, still_there_at, now),
        people=people,
        places=around.places,
    )


def people_in(db: Database, incident_id: int) -> set[str]:
    """The Slack user ids that its report names, those of earlier incidents included."""
    entries = incidents.timeline(db, incident_id)
    ended = (each.resolved_by for each in ended_before(db, incident_id, EARLIER))
    actors = [*(entry.actor for entry in entries), *filter(None, ended)]
    places = (each.destination.partition("/") for each in reporting.told(db, incident_id))
    named = [entry.data[key] for entry in entries for key in ("was", "to") if key in entry.data]
    return {
        *(actor.who for actor in actors if actor.is_known_to_slack),
        *(place for kind, _, place in places if kind == "dm"),
        *(str(each) for each in named if each),
    }


def _pages(book: Book, alerts: Sequence[Alert]) -> Iterator[tuple[str, str]]:
    for alert in alerts:
        if page := _page(book, alert):
            yield page.name, page.title


def _steps(book: Book, alerts: Sequence[Alert]) -> Iterator[tuple[tuple[str, int], int]]:
    """As the page shows them, filled in with the facts of its alert."""
    for alert in alerts:
        if page := _page(book, alert):
            for place, step in enumerate(book.render(page, alert.facts).steps, start=1):
                yield (page.name, step.step or 0), place


def _page(book: Book, alert: Alert) -> Page | None:
    kind = alert.facts.get("system_kind")
    return book.find(alert.check, str(kind) if kind else None)


def _struck(
    db: Database, incident: Incident, alerts: Sequence[Alert], now: datetime
) -> Iterator[Struck]:
    """The flows that its alerts are about, and those that failed at the same instance meanwhile."""
    until = incident.resolved_at or now
    since = min(map(began, alerts), default=incident.opened_at)
    names = _names(db, alerts)
    instances = {str(each) for alert in alerts if (each := alert.facts.get("instance_id"))}
    counted: set[str] = set()
    for flow_id, found in failures.failures_since(db, since).items():
        here = [
            each
            for each in found
            if each.status in FAILED
            and each.at <= until
            and (flow_id in _meant(alerts) or each.instance_id in instances)
        ]
        if here:
            counted.add(flow_id)
            yield _counted(names.get(flow_id, flow_id), here)
    for flow_id in sorted(_meant(alerts) - counted):
        yield Struck(flow=names.get(flow_id, flow_id))


def _counted(flow: str, found: Sequence[Failure]) -> Struck:
    records = [each.records for each in found if each.records is not None]
    return Struck(
        flow=flow, failed=len(found), records=sum(records), untold=len(found) - len(records)
    )


def _meant(alerts: Iterable[Alert]) -> frozenset[str]:
    """The ids of the flows that alerts are about or name as being in the way."""
    named = [alert.facts.get(key) for alert in alerts for key in ("flow_id", "blocking_flow_id")]
    about = [alert.subject.id for alert in alerts if alert.subject.kind == "flow"]
    return frozenset(str(each) for each in (*named, *about) if each)


def _names(db: Database, alerts: Iterable[Alert]) -> Mapping[str, str]:
    """What flows are called, by id."""
    known = inventory.find_inventory(db)
    about = {
        alert.subject.id: alert.subject.name for alert in alerts if alert.subject.kind == "flow"
    }
    return about | {flow.id: flow.name for flow in known.flows if flow.name} if known else about
