"""What a silence is about: the open incidents that it matches, and the modal of `silence`, filled
in and read back as if it were typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.incidents.matchers import (
    Matcher,
    NotAMatcher,
    are_too_wide,
    match_all,
    read_matchers,
    say_matchers,
)
from bot.incidents.routing import Labels, labels_of
from bot.incidents.silences import matchers_of
from bot.slack.changing import about
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.moments import NotAMoment, read_span
from bot.slack.render.incident import IncidentView
from bot.slack.render.message import Message
from bot.slack.render.modals import REASON, UNTIL, WHAT, silence_modal
from bot.slack.verbs import Ask, Dialog
from bot.store import handling, incidents

LIKE_A_CONDITION = "Begin with a word, because this reads like a condition."


def concerned(desk: Desk, matchers: Sequence[Matcher]) -> list[int]:
    """The open incidents whose every alert it matches."""
    standing = [each.id for each in incidents.open_incidents(desk.store.db)]
    named = {each: labels_named(desk, each) for each in standing}
    return [
        incident_id
        for incident_id, labels in sorted(named.items())
        if labels and all(match_all(matchers, each) for each in labels)
    ]


def labels_named(desk: Desk, incident_id: int) -> list[Labels] | None:
    """What can be named of each alert of an incident; None when there is no such incident."""
    db = desk.store.db
    incident = incidents.find_incident(db, incident_id)
    if incident is None:
        return None
    alerts = incidents.alerts_of(db, [incident_id])[incident_id]
    standing = [alert for alert in alerts if alert.cleared_at is None] or alerts
    known = handling.find_handling(db, incident_id)
    team = known.team if known else ""
    return [
        labels_of(alert.check, alert.subject, alert.facts, incident.severity, team)
        for alert in standing
    ]


def _view(desk: Desk, ask: Ask) -> View | Message:
    found = about(desk, replace(ask, seen_version=None), closed_too=True)
    if isinstance(found, Message):
        return found
    return silence_modal(found, say_matchers(matchers_of(_labels(desk, found))))


def _labels(desk: Desk, view: IncidentView) -> list[Labels]:
    known = handling.find_handling(desk.store.db, view.incident.id)
    team = known.team if known else ""
    standing = [alert for alert in view.alerts if alert.cleared_at is None] or view.alerts
    return [
        labels_of(alert.check, alert.subject, alert.facts, view.incident.severity, team)
        for alert in standing
    ]


def _read(desk: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    what, until, reason = (fields.get(name, "").strip() for name in (WHAT, UNTIL, REASON))
    wrong = {
        WHAT: _wrong_matchers(what),
        UNTIL: _wrong_time(desk, until),
        REASON: _wrong_reason(reason),
    }
    if told := {name: fault for name, fault in wrong.items() if fault}:
        return told
    typed = f"{what} {until} {reason}"
    now = desk.clock.now()
    _, after = read_matchers(typed)
    if read_span(after, now, desk.zone).until != read_span(until, now, desk.zone).until:
        return {REASON: "Begin with a word that could not be part of a time."}
    return replace(ask, incident_id=None, rest=typed, said=typed)


def _wrong_matchers(text: str) -> str:
    try:
        matchers, rest = read_matchers(text)
    except NotAMatcher as error:
        return str(error)
    if rest:
        return f'"{rest[:40]}" is no condition; write such as flow="Orders to NetSuite".'
    if not matchers or are_too_wide(matchers):
        return "That would silence everything; name a check, a system or a flow as well."
    return ""


def _wrong_time(desk: Desk, text: str) -> str:
    try:
        span = read_span(text, desk.clock.now(), desk.zone)
    except NotAMoment as error:
        return str(error).replace("`", "")
    return "Only a time stands here; the reason has a field of its own." if span.rest else ""


def _wrong_reason(text: str) -> str:
    if not any(sign.isalnum() for sign in text):
        return "A silence needs a reason, for those who wonder why it is quiet."
    try:
        leading, _ = read_matchers(text)
    except NotAMatcher:
        return LIKE_A_CONDITION
    return LIKE_A_CONDITION if leading else ""


DIALOG = Dialog(view=_view, read=_read)
