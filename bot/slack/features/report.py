"""`/seam report 42` and the Report button: what happened, as a file in the incident's thread."""

from __future__ import annotations

import threading

from bot.incidents.events import Report
from bot.incidents.model import Actor, Kind
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.only import only_open
from bot.slack.render.answers import needs_number, no_incident, no_such
from bot.slack.render.buttons import REPORT
from bot.slack.render.message import Message
from bot.slack.render.report import already_on_its_way, no_thread, on_its_way
from bot.slack.verbs import Ask, Example, Verb
from bot.store import handling, incidents, reporting
from bot.transitions import act

_ONE_AT_A_TIME = threading.Lock()
"""Verbs that write answer from threads of their own; two quick presses are one report."""


def answer(desk: Desk, ask: Ask) -> Message:
    """The report itself is written when its line is sent, so that it tells how things stand then;
    a further one, later, is a further line."""
    if ask.rest:
        return no_incident(ask.rest)
    incident_id = only_open(desk) if ask.incident_id is None else ask.incident_id
    if incident_id is None:
        return needs_number("report")
    with _ONE_AT_A_TIME:
        return _report(desk, ask, incident_id)


def _report(desk: Desk, ask: Ask, incident_id: int) -> Message:
    db = desk.store.db
    incident = incidents.find_incident(db, incident_id)
    if incident is None:
        return no_such(incident_id)
    known = handling.find_handling(db, incident_id)
    if known is not None and known.announced_at is None:
        return no_thread(incident_id)
    asked = [e.seq for e in incidents.timeline(db, incident_id) if e.kind is Kind.REPORTED]
    if reporting.is_on_its_way(db, incident_id, asked):
        return already_on_its_way(incident_id)
    actor, now = Actor(who=ask.user_id, via=ask.via), desk.clock.now()
    act(desk.store, incident_id, Report(), actor, now, destination=desk.rules.destination)
    return on_its_way(incident_id, is_open=incident.is_open)


VERB = Verb(
    name="report",
    place=29,
    answer=answer,
    aliases=("post-mortem", "postmortem"),
    button=REPORT,
    changes=True,
    right=Right.READ,
    examples=(Example(typed="report 42", does="what happened with #42, as a file in its thread"),),
)
