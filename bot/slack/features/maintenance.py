"""`/seam maintenance`: what is planned; `start 1h flow="..." why` and `end 7` change it."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.incidents.matchers import NotAMatcher, read_matchers
from bot.incidents.silences import Maintenance
from bot.incidents.windows import Once
from bot.permissions import Right
from bot.slack.desk import Desk
from bot.slack.moments import NotAMoment, read_span
from bot.slack.render.message import Message
from bot.slack.render.silences import (
    HOW_TO_MAINTAIN,
    began,
    ended,
    in_settings,
    maintenance_list,
    none_such,
    refused,
)
from bot.slack.silencing import concerned
from bot.slack.unknown_names import unknown_names
from bot.slack.verbs import Ask, Example, Verb
from bot.store import silences

LONGEST = timedelta(hours=24)
"""As in GoAlert: https://github.com/target/goalert (maintenance mode of a service)."""
LATELY = timedelta(days=30)
_NUMBER = re.compile(r"#?([0-9]{1,15})")


def answer(desk: Desk, ask: Ask) -> Message:
    word, _, rest = ask.said.strip().partition(" ")
    match word.lower():
        case "" | "list":
            return _list(desk)
        case "start" | "begin":
            return _start(desk, ask, rest)
        case "end" | "stop":
            return _end(desk, ask, rest.strip())
        case _:
            return refused(f"{word} is not known here; nothing was done.", HOW_TO_MAINTAIN)


def _start(desk: Desk, ask: Ask, text: str) -> Message:
    now = desk.clock.now()
    try:
        before, rest = read_matchers(text)
        span = read_span(rest, now, desk.zone)
        after, reason = read_matchers(span.rest)
    except (NotAMatcher, NotAMoment) as error:
        return refused(f"{error} Nothing was begun.", HOW_TO_MAINTAIN)
    if span.until - span.since > LONGEST:
        return refused("Maintenance lasts 24 h at most; longer ones belong into the settings.")
    if not any(sign.isalnum() for sign in reason):
        return refused("Maintenance needs a reason. Nothing was begun.", HOW_TO_MAINTAIN)
    matchers = before + after
    with desk.store.writing() as db:
        number = silences.add(
            db,
            "maintenance",
            matchers=matchers,
            by=ask.user_id,
            reason=reason,
            since=span.since,
            until=span.until,
        )
    window = Once(since=span.since, until=span.until)
    begun = Maintenance(id=number, window=window, matchers=matchers, by=ask.user_id, reason=reason)
    return began(begun, now, concerned(desk, matchers), unknown_names(desk, matchers))


def _end(desk: Desk, ask: Ask, said: str) -> Message:
    """Without a number the only one that a person began is meant."""
    db, now = desk.store.db, desk.clock.now()
    found = _NUMBER.fullmatch(said)
    if found is None and said:
        named = {each.name.casefold() for each in desk.mutes.windows(db, now) if each.name}
        label = f"maintenance {said}"
        return in_settings(label) if said.casefold() in named else none_such(label, "maintenance")
    standing = silences.standing_maintenance(db, now)
    if found is None and len(standing) != 1:
        which = "Which one? Name its number." if standing else "None that a person began is on."
        return refused(f"{which} Nothing was ended; `/seam maintenance` lists them.")
    number = int(found[1]) if found else standing[0].id
    with desk.store.writing() as db:
        done = silences.end(db, "maintenance", number, ask.user_id, now)
    label = f"maintenance {number}"
    return ended(label) if done else none_such(label, "maintenance")


def _list(desk: Desk) -> Message:
    db, now = desk.store.db, desk.clock.now()
    found = desk.mutes.windows(db, now)
    hidden = silences.hidden_by(db, [each.label for each in found], now - LATELY)
    return maintenance_list(found, hidden, now)


VERB = Verb(
    name="maintenance",
    place=22,
    answer=answer,
    changes=True,
    right=Right.MAINTAIN,
    lists=True,
    examples=(
        Example(typed="maintenance", does="what is planned, and what it has held back"),
        Example(
            typed='maintenance start 1h flow="Orders to NetSuite" new mapping',
            does="record what happens there, and announce nothing of it; at most 24 hours",
        ),
        Example(
            typed="maintenance end", does="end it before its time; name it when several are on"
        ),
    ),
)
