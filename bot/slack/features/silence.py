"""`/seam silence system=netsuite 2h why`: hold announcements back; without words, what is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.incidents.matchers import Matcher, NotAMatcher, are_too_wide, read_matchers
from bot.incidents.silences import Silence, matchers_of
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.moments import NotAMoment, Span, read_span
from bot.slack.render.answers import no_such
from bot.slack.render.buttons import SILENCE
from bot.slack.render.message import Message
from bot.slack.render.silences import (
    HOW_TO_SILENCE,
    holds_already,
    refused,
    silence_list,
    silenced,
)
from bot.slack.silencing import DIALOG, concerned, labels_named
from bot.slack.unknown_names import unknown_names
from bot.slack.verbs import Ask, Example, Verb
from bot.store import silences

LONGEST = timedelta(days=30)
LATELY = timedelta(days=30)


def answer(desk: Desk, ask: Ask) -> Message:
    if not ask.said:
        return _list(desk)
    try:
        matchers, rest = read_matchers(ask.rest)
        span = read_span(rest, desk.clock.now(), desk.zone)
        more, reason = read_matchers(span.rest)
    except NotAMatcher as error:
        return refused(f"{error} Nothing was silenced.")
    except NotAMoment as error:
        return refused(f"{error} Nothing was silenced.", HOW_TO_SILENCE)
    matchers += more
    if not matchers and ask.incident_id is not None:
        named = labels_named(desk, ask.incident_id)
        if named is None:
            return no_such(ask.incident_id)
        matchers = matchers_of(named)
    if fault := _fault(matchers, span, reason, ask):
        return refused(f"{fault} Nothing was silenced.", HOW_TO_SILENCE)
    return _begin(desk, ask, matchers, span, reason)


def _fault(matchers: Sequence[Matcher], span: Span, reason: str, ask: Ask) -> str:
    """What is missing or too much; "" when nothing is."""
    if not matchers and ask.incident_id is not None:
        return f"#{ask.incident_id} is about several things at once; name a system, flow or check."
    if not matchers:
        return "That does not say what to silence."
    if are_too_wide(matchers):
        return "That would silence everything; name a check, a system or a flow as well."
    if span.until - span.since > LONGEST:
        return f"That is longer than {LONGEST.days} days, and forgotten by then."
    if not any(sign.isalnum() for sign in reason):
        return "A silence needs a reason, for those who wonder why it is quiet."
    return ""


def _begin(desk: Desk, ask: Ask, matchers: tuple[Matcher, ...], span: Span, reason: str) -> Message:
    if standing := _standing(desk, matchers, span):
        return holds_already(standing, desk.clock.now())
    with desk.store.writing() as db:
        number = silences.add(
            db,
            "silence",
            matchers=matchers,
            by=ask.user_id,
            reason=reason,
            since=span.since,
            until=span.until,
        )
    begun = Silence(
        id=number,
        matchers=matchers,
        by=ask.user_id,
        reason=reason,
        since=span.since,
        until=span.until,
    )
    doubts = unknown_names(desk, matchers)
    return silenced(begun, concerned(desk, matchers), desk.clock.now(), doubts)


def _standing(desk: Desk, matchers: Sequence[Matcher], span: Span) -> Silence | None:
    """A silence that holds the same back for all of that time."""
    wanted = {str(each).casefold() for each in matchers}
    for each in desk.mutes.silences(desk.store.db, desk.clock.now()):
        same = {str(matcher).casefold() for matcher in each.matchers} == wanted
        if same and each.since <= span.since and span.until <= each.until:
            return each
    return None


def _list(desk: Desk) -> Message:
    db, now = desk.store.db, desk.clock.now()
    found = desk.mutes.silences(db, now)
    hidden = silences.hidden_by(db, [each.label for each in found], now - LATELY)
    return silence_list(found, hidden, now)


VERB = Verb(
    name="silence",
    place=20,
    answer=answer,
    aliases=("mute",),
    changes=True,
    right=Right.SILENCE,
    lists=True,
    button=SILENCE,
    dialog=DIALOG,
    examples=(
        Example(
            typed='silence flow="Orders to NetSuite" 2h they upgrade',
            does="say nothing of it for 2 hours; also check=, system=, team=, severity=",
        ),
        Example(
            typed="silence 42 2h known to the vendor",
            does="say nothing of what #42 is about; for 30 days at most",
        ),
        Example(typed="silence", does="what is silenced, by whom, why, and what it has held back"),
    ),
)
