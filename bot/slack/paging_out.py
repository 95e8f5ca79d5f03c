"""What a paging service is told of an incident, as it stands at the moment of sending."""

from __future__ import annotations

from collections.abc import Sequence

from bot.incidents.model import Entry, State
from bot.outbox import Needless
from bot.paging.model import Page, PageAct, key_of
from bot.slack.desk import Desk
from bot.slack.letters import view_of
from bot.slack.render.incident import IncidentView, failure_mode, subject_of
from bot.store import outbox
from bot.store.outbox import Purpose, Row

ACTS = {
    State.TRIGGERED: PageAct.TRIGGER,
    State.ACKNOWLEDGED: PageAct.ACKNOWLEDGE,
    State.SNOOZED: PageAct.ACKNOWLEDGE,
    State.RESOLVED: PageAct.RESOLVE,
}
QUIET = {State.ACKNOWLEDGED, State.SNOOZED}


def compose_page(desk: Desk, row: Row) -> Page:
    """Raises Needless where a later row says it, and for an end of what was never begun there."""
    if row.incident_id is None:
        raise LookupError(f"a page about {row.topic}, which is no incident")
    view = view_of(desk, row.incident_id)
    act = ACTS[view.incident.state]
    db = desk.store.db
    begun = outbox.was_sent(db, row.topic, row.destination, Purpose.PAGE)
    if act is not PageAct.TRIGGER and not begun:
        raise Needless
    if outbox.has_later(db, row):
        raise Needless
    entry = view.entries[row.step - 1]
    first = outbox.first_step(db, row.topic, row.destination, Purpose.PAGE)
    return Page(
        act=act,
        incident_id=view.incident.id,
        key=key_of(desk.estate, view.incident.id),
        title=_title(view),
        sentence=view.alert.sentence if view.alert else "",
        severity=view.incident.severity.word,
        by=_who(desk, entry),
        at=entry.at,
        url=desk.links.dashboard_url,
        facts=_facts(view),
        row_id=row.id,
        ring=rings(view.entries, row.step if first is None else first),
    )


def rings(entries: Sequence[Entry], since: int) -> int:
    """How often an incident fell back to nobody after it was in somebody's hand, or put off, after
    its entry `since`, by which a service was first told of it."""
    back = [
        each
        for each in entries
        if each.seq > since and each.from_state in QUIET and each.to_state is State.TRIGGERED
    ]
    return len(back)


def _title(view: IncidentView) -> str:
    severity = view.incident.severity.word.upper()
    return f"[{severity}] #{view.incident.id} {subject_of(view)}: {failure_mode(view)}"


def _facts(view: IncidentView) -> tuple[tuple[str, str], ...]:
    measures = view.alert.measures if view.alert else ()
    return tuple(
        (each.label, f"{each.measured} (usual {each.usual})" if each.usual else each.measured)
        for each in measures
    )


def _who(desk: Desk, entry: Entry) -> str:
    """By name: what a paging service shows is read outside Slack."""
    if not entry.actor.is_known_to_slack:
        return entry.actor.who
    return desk.directory.name_of(entry.actor.who) or "somebody in Slack"
