"""`/seam snooze 42 1h` and the Snooze menu: it comes back by itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta

from bot.incidents.events import Snooze
from bot.incidents.hours import Hours
from bot.incidents.lifecycle import Change
from bot.incidents.local_time import first_instant, wall_of
from bot.permissions import Right
from bot.slack.changing import about, do, meant
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.moments import HOW, NotAMoment, read_span
from bot.slack.render.answers import outcome, snoozed, until_when
from bot.slack.render.buttons import SNOOZE
from bot.slack.render.message import Message
from bot.slack.render.modals import REASON, UNTIL, snooze_modal
from bot.slack.verbs import Ask, Dialog, Example, Verb
from bot.store import handling, incidents
from checks.model import Level

LONGEST = timedelta(days=30)
KEPT = 500
"""Characters of the reason that are stored."""
WORKDAYS = frozenset(range(5))
HOW_LONG = f"{HOW} `morning` is when work begins next."
MORNING, EVENING = time(9), time(17, 30)
"""When work begins and ends where neither the team nor the estate says."""

_FLAGS = re.IGNORECASE | re.DOTALL
_MORNING = re.compile(
    r"(?:until +|till +)?(?:(?:the )?next )?(?:working )?morning\b[\s,:]*(.*)", _FLAGS
)
_TOMORROW = re.compile(r"(?:until +|till +)?tomorrow\b(?: +morning\b)?[\s,:]*(.*)", _FLAGS)


def answer(desk: Desk, ask: Ask) -> Message:
    incident_id = meant(desk, ask, "snooze")
    if isinstance(incident_id, Message):
        return incident_id
    try:
        until, reason = read_until(desk, incident_id, ask.rest)
    except NotAMoment as error:
        return until_when(str(error))
    done = do(desk, ask, incident_id, Snooze(until=until, reason=reason[:KEPT]))
    if isinstance(done, Change):
        return snoozed(done.incident, _expected_before(desk, incident_id, until))
    return outcome(incident_id, done, ask.user_id)


def _expected_before(desk: Desk, incident_id: int, until: datetime) -> datetime | None:
    """When the first of what it warns of is expected, where that is ahead and before `until`."""
    now = desk.clock.now()
    alerts = incidents.alerts_of(desk.store.db, [incident_id])[incident_id]
    standing = (each for each in alerts if each.cleared_at is None and each.level is Level.EARLY)
    moments = (each.expected_at for each in standing if each.expected_at)
    return min((at for at in moments if now < at < until), default=None)


def read_until(desk: Desk, incident_id: int | None, text: str) -> tuple[datetime, str]:
    """Until when, and why. "morning" is when work begins next by the hours of the incident's team,
    "tomorrow" when it would begin on that day. Raises NotAMoment."""
    now, hours = desk.clock.now(), _hours(desk, incident_id)
    if found := _MORNING.fullmatch(text.strip()):
        return hours.next_morning(now), found[1]
    try:
        span = read_span(text, now, desk.zone)
    except NotAMoment as error:
        span, fault = None, str(error)
    tomorrow = _TOMORROW.fullmatch(text.strip())
    if tomorrow and (span is None or wall_of(span.until, desk.zone).time() == time(0)):
        day = wall_of(now, hours.zone).date() + timedelta(days=1)
        return first_instant(datetime.combine(day, hours.since), hours.zone), tomorrow[1]
    if span is None:
        raise NotAMoment(HOW_LONG if fault == HOW else fault)
    if span.until - now > LONGEST:
        raise NotAMoment(f"That is longer than {LONGEST.days} days, and forgotten by then.")
    return span.until, span.rest


def _hours(desk: Desk, incident_id: int | None) -> Hours:
    """When the incident's team works, else everybody, else from Monday to Friday."""
    known = handling.find_handling(desk.store.db, incident_id) if incident_id else None
    told = desk.rules.routes.hours_of(known.team if known else "")
    return told or Hours(zone=desk.zone, since=MORNING, until=EVENING, days=WORKDAYS)


def _view(desk: Desk, ask: Ask) -> View | Message:
    found = about(desk, ask)
    return found if isinstance(found, Message) else snooze_modal(found, desk.zone.key)


def _read(desk: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    until, reason = fields.get(UNTIL, "").strip(), fields.get(REASON, "").strip()
    try:
        at, more = read_until(desk, ask.incident_id, until)
    except NotAMoment as error:
        return {UNTIL: str(error).replace("`", "")}
    if more:
        return {UNTIL: "Only a time stands here; the reason has a field of its own."}
    typed = f"until {wall_of(at, desk.zone):%Y-%m-%d %H:%M} {reason}".strip()
    return replace(ask, rest=typed, said=typed)


VERB = Verb(
    name="snooze",
    place=18,
    answer=answer,
    aliases=("pause",),
    button=SNOOZE,
    changes=True,
    right=Right.SNOOZE,
    dialog=Dialog(view=_view, read=_read),
    examples=(
        Example(
            typed="snooze 42 1h",
            does="put #42 off for an hour (30 days at most); it comes back by itself",
        ),
        Example(typed="snooze 42 until 09:00", does="put it off until then"),
        Example(typed="snooze 42 until morning", does="put it off until work begins next"),
    ),
)
