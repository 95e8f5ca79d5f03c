"""Composes what an outbox row says, from the state as it is at the moment of sending."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot import inventory, transitions
from bot.foresight import foreseen
from bot.foresight.chart import Chart
from bot.foresight.chart_history import chart_of
from bot.incidents.model import Alert, Entry, Incident
from bot.outbox import Needless
from bot.slack.desk import Desk
from bot.slack.gateway import Letter
from bot.slack.render.changed import changed_before
from bot.slack.render.chart import chart_line
from bot.slack.render.incident import IncidentView, entry_line, incident_message, speaking
from bot.slack.render.message import plain_version
from bot.slack.render.notice import notice, possible_repeat
from bot.store import Store, incidents, outbox
from bot.store.outbox import Purpose, Row
from checks.model import FORESEEN
from runbooks.book import Book, Page

RECURRENCE = timedelta(days=30)


def compose(desk: Desk, row: Row) -> Letter:
    """The letter for a row of the outbox. Raises LookupError for a row without its incident."""
    if row.incident_id is None:
        said = notice(row.topic, row.body, outbox.waiting_count(desk.store.db))
        return Letter(message=said, plain=plain_version(said))
    root_ts = None
    if row.purpose is not Purpose.ROOT:
        root_ts = outbox.root_ts(desk.store.db, row.incident_id, row.destination)
    view = view_of(desk, row.incident_id)
    if is_picture(row):
        return _picture(desk, view, row, root_ts)
    if row.purpose is Purpose.LINE:
        said = entry_line(_entry(view, row.step), view)
    else:
        said = incident_message(view)
    if row.possible_repeat:
        said = possible_repeat(said)
    return Letter(message=said, plain=plain_version(said), root_ts=root_ts)


def is_picture(row: Row) -> bool:
    """Whether it is the line of the opening, which has nothing to tell but a picture."""
    return row.purpose is Purpose.LINE and row.step == transitions.OPENING


def remember_file(store: Store, row: Row, file_id: str) -> bool:
    """Keep which file a row is about to show; False when the row is no longer ours."""
    with store.writing() as db:
        return outbox.remember_file(db, row, file_id)


def _picture(desk: Desk, view: IncidentView, row: Row, root_ts: str | None) -> Letter:
    """The chart of a warning. Raises Needless where it stands in the message itself, where none is
    wanted, and when the warning is over."""
    if view.chart is None or not desk.charting.pictures:
        raise Needless
    said = chart_line(view.incident.id, view.chart)
    if row.possible_repeat:
        said = possible_repeat(said)
    return Letter(message=said, plain=plain_version(said), root_ts=root_ts, picture=view.chart)


def view_of(desk: Desk, incident_id: int) -> IncidentView:
    """Everything that is shown of an incident. Raises LookupError when there is none."""
    db = desk.store.db
    incident = incidents.find_incident(db, incident_id)
    if incident is None:
        raise LookupError(f"there is no incident #{incident_id}")
    alerts = tuple(incidents.alerts_of(db, [incident_id])[incident_id])
    since = desk.clock.now() - RECURRENCE
    before = incident.previous_id
    return IncidentView(
        incident=incident,
        alerts=alerts,
        entries=tuple(incidents.timeline(db, incident_id)),
        times_lately=max((incidents.times_before(db, a.key, since) for a in alerts), default=0),
        now=desk.clock.now(),
        check_titles=desk.check_titles,
        links=desk.links,
        has_runbook=any(page_of(desk.book, alert) for alert in alerts),
        reopen_after=reopen_after(desk, alerts),
        still_there_at=incidents.still_there(db, [incident_id]).get(incident_id),
        previous=incidents.find_incident(db, before) if before is not None else None,
        changed=_changed(desk, incident, alerts),
        chart=_chart(desk, incident, alerts),
        draws_charts=desk.charting.native,
    )


def _chart(desk: Desk, incident: Incident, alerts: Sequence[Alert]) -> Chart | None:
    """Of the limit that an open incident warns of."""
    alert = speaking(alerts)
    if not incident.is_open or alert is None or alert.signal != FORESEEN:
        return None
    db = desk.store.db
    limit = foreseen.limit_of(alert.subject, alert.key, inventory.find_limits(db))
    return chart_of(db, limit, desk.zone) if limit else None


def page_of(book: Book, alert: Alert) -> Page | None:
    """The runbook of what an alert says: that of its kind of system, where there is one."""
    kind = alert.facts.get("system_kind")
    return book.find(alert.check, str(kind) if kind else None)


def _changed(desk: Desk, incident: Incident, alerts: Sequence[Alert]) -> str:
    """What people changed before it opened; a resolved incident shows it no more."""
    if not incident.is_open:
        return ""
    known = inventory.find_inventory(desk.store.db)
    return changed_before(alerts, incident.opened_at, known, desk.clock.now())


def reopen_after(desk: Desk, alerts: Sequence[Alert]) -> timedelta | None:
    """How long the first of these conditions may stand after a person resolved it, before a new
    incident says so; None when none of their checks is known."""
    policies = (desk.rules.policies.get(alert.check) for alert in alerts)
    return min((policy.reopen_after for policy in policies if policy), default=None)


def _entry(view: IncidentView, seq: int) -> Entry:
    return view.entries[seq - 1]
