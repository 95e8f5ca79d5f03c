"""Composes what an outbox row says, from the state as it is at the moment of sending."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot import handling, inventory
from bot.absence import TOPIC
from bot.acting.telling import DECIDED
from bot.costs import cost_of_incident, say_cost
from bot.digest.telling import TOPIC as DIGEST
from bot.foresight import foreseen
from bot.foresight.chart import Chart
from bot.foresight.chart_history import chart_of
from bot.incidents.model import Alert, Entry, Incident, Kind
from bot.oncall.swaps import TOPIC as SWAP
from bot.outbox import Needless
from bot.owning import parts_of
from bot.saying import TOLD_AGAIN
from bot.slack.acting import beside_of, decided_line, line_of
from bot.slack.arranging import TOPIC as OVERRIDE
from bot.slack.arranging import put_on_call_of
from bot.slack.beside import say_beside
from bot.slack.comparing import differences_file, examples_of, line_above
from bot.slack.desk import Desk
from bot.slack.digesting import digest_of
from bot.slack.gateway import Letter
from bot.slack.handing_over import handover_of
from bot.slack.lost_records import lost_records
from bot.slack.plan import plan_of
from bot.slack.render.buttons import WHILE_FORESEEN
from bot.slack.render.changed import changed_before, done_before_end
from bot.slack.render.chart import chart_line
from bot.slack.render.incident import IncidentView, entry_line, incident_message
from bot.slack.render.looks import speaking
from bot.slack.render.message import Message, plain_version
from bot.slack.render.notice import absence, notice, possible_repeat, told_again
from bot.slack.render.reconcile import compared_without_file
from bot.slack.render.report import report_line, report_without_file
from bot.slack.reporting import report_file
from bot.slack.storms import storm_of
from bot.slack.swapping import swap_of
from bot.store import Store, incidents, outbox
from bot.store.outbox import Purpose, Row
from bot.store.past import ended_before
from checks.model import FORESEEN
from runbooks.book import Book, Page

RECURRENCE = timedelta(days=30)
PAST = 2
"""How many earlier incidents are named with what ended them."""


BESIDE: Mapping[str, Callable[[Desk, Row], Message]] = {
    "storm": storm_of,
    SWAP: swap_of,
    TOPIC: lambda _, row: absence(row.topic, row.body),
    "handover": handover_of,
    OVERRIDE: put_on_call_of,
    "act": beside_of,
    DIGEST: digest_of,
}
"""What is composed for topics such as `storm/3`, by what stands before the slash."""
SLOW = frozenset({DIGEST})
"""Kinds of topics that take seconds to compose."""


def _told_again(_: Desk, row: Row) -> Letter:
    told, ts = row.topic.split("/")[1:]
    return _replacing(told_again(f"#{told}" if told.isdecimal() else f"The {told}"), ts)


def _line_decided(desk: Desk, row: Row) -> Letter:
    """For the line of a thread that proposed something, once that is decided."""
    return _replacing(*decided_line(desk, row))


def _replacing(said: Message, ts: str) -> Letter:
    return Letter(message=said, plain=plain_version(said), replaces=ts)


REPLACING: Mapping[str, Callable[[Desk, Row], Letter]] = {
    TOLD_AGAIN: _told_again,
    DECIDED: _line_decided,
}
"""Topics whose messages take the place of older ones."""


async def composed(desk: Desk, row: Row) -> Letter:
    """As `compose`; what takes long in a thread, so that nobody waits for it."""
    if row.topic.partition("/")[0] in SLOW:
        return await asyncio.to_thread(compose, desk, row)
    return compose(desk, row)


def compose(desk: Desk, row: Row) -> Letter:
    """The letter for a row of the outbox. Raises LookupError for a row without its incident."""
    root_ts = None
    if row.purpose in (Purpose.EDIT, Purpose.LINE):
        root_ts = outbox.root_ts(desk.store.db, row.topic, row.destination)
    if row.incident_id is None:
        beside = REPLACING.get(row.topic.partition("/")[0])
        return beside(desk, row) if beside else _letter(_beside(desk, row), row, root_ts)
    view = view_of(desk, row.incident_id)
    if is_picture(row):
        return _picture(desk, view, row, root_ts)
    if row.purpose is Purpose.LINE:
        entry = _entry(view, row.step)
        if entry.kind is Kind.REPORTED:
            return _report(desk, entry, row, root_ts)
        if entry.kind is Kind.COMPARED:
            return _compared(desk, entry, row, root_ts)
        said = _line(desk, view, entry)
        return replace(_letter(said, row, root_ts), aloud="aloud" in entry.data)
    return _letter(incident_message(view), row, root_ts)


def _line(desk: Desk, view: IncidentView, entry: Entry) -> Message:
    """What a thread is told; of an act on the platform with its preview and buttons."""
    own = line_of(desk, entry) if entry.kind is Kind.ACTED else None
    return own or entry_line(entry, view)


def _letter(said: Message, row: Row, root_ts: str | None) -> Letter:
    if row.possible_repeat:
        said = possible_repeat(said)
    return Letter(message=said, plain=plain_version(said), root_ts=root_ts)


def _beside(desk: Desk, row: Row) -> Message:
    """What is about no single incident, by the kind of its topic. Raises LookupError."""
    kind = row.topic.partition("/")[0]
    if row.purpose is Purpose.NOTICE and kind not in BESIDE:
        return notice(row.topic, row.body, outbox.waiting_count(desk.store.db))
    return BESIDE[kind](desk, row)


def is_picture(row: Row) -> bool:
    """Whether it is the line of the opening, which has nothing to tell but a picture."""
    return row.purpose is Purpose.LINE and row.step == handling.OPENING


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


def _report(desk: Desk, entry: Entry, row: Row, root_ts: str | None) -> Letter:
    """The report on an incident, written when the file is sent."""
    number = row.incident_id or 0
    said, without = report_line(number, entry), report_without_file(number, entry)
    if row.possible_repeat:
        said, without = possible_repeat(said), possible_repeat(without)
    return Letter(
        message=said,
        plain=plain_version(without),
        root_ts=root_ts,
        write=partial(report_file, desk, number),
        without=without,
    )


def _compared(desk: Desk, entry: Entry, row: Row, root_ts: str | None) -> Letter:
    """What differs between two systems, listed when the file is sent."""
    said = line_above(desk, entry)
    without = compared_without_file(said)
    if row.possible_repeat:
        said, without = possible_repeat(said), possible_repeat(without)
    return Letter(
        message=said,
        plain=plain_version(without),
        root_ts=root_ts,
        write=partial(differences_file, desk, entry),
        without=without,
    )


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
        past=tuple(ended_before(db, incident_id, PAST)),
        changed=_changed(desk, incident, alerts),
        plan=plan_of(desk, incident),
        examples=_examples(desk, alerts) if incident.is_open else "",
        chart=_chart(desk, incident, alerts),
        draws_charts=desk.charting.native,
        parts=parts_of(desk.ownership, incident, alerts),
        cost=_cost(desk, incident, alerts),
        beside=say_beside(desk, incident, alerts),
    )


def _examples(desk: Desk, alerts: Sequence[Alert]) -> str:
    """The first records that are concerned, as they may be shown now."""
    return "\n".join(filter(None, [lost_records(desk, alerts), examples_of(desk, alerts)]))


def _cost(desk: Desk, incident: Incident, alerts: Sequence[Alert]) -> str:
    """What it has cost, in words; "" where no cost is set."""
    if not desk.pricing.is_set:
        return ""
    db = desk.store.db
    prices = desk.pricing.prices(inventory.find_inventory(db))
    found = cost_of_incident(db, prices, incident, alerts, desk.clock.now())
    return say_cost(found) if found else ""


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
    """What people changed before it opened; of one that cleared, what they did before that."""
    known = inventory.find_inventory(desk.store.db)
    by = incident.resolved_by
    if by is not None and incident.resolved_at is not None:
        told = alerts if not by.is_person else ()
        return done_before_end(told, incident.opened_at, incident.resolved_at, known)
    return changed_before(alerts, incident.opened_at, known, desk.clock.now())


def reopen_after(desk: Desk, alerts: Sequence[Alert]) -> timedelta | None:
    """How long the first of these conditions may stand after a person resolved it, before a new
    incident says so; None when none of their checks is known, WHILE_FORESEEN where nothing but a
    forecast tells of them."""
    standing = [alert for alert in alerts if alert.cleared_at is None] or alerts
    if standing and all(alert.signal == FORESEEN for alert in standing):
        return WHILE_FORESEEN
    policies = (desk.rules.policies.get(alert.check) for alert in alerts)
    return min((policy.reopen_after for policy in policies if policy), default=None)


def _entry(view: IncidentView, seq: int) -> Entry:
    return view.entries[seq - 1]
