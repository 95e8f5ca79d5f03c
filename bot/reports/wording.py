"""How a report puts things: foreign text, people by name, times by the clocks of the estate."""

from __future__ import annotations

from datetime import datetime

from bot.incidents.ending import was_compared
from bot.incidents.model import Entry, Incident
from bot.reports.facts import Facts
from bot.reports.markdown import literal
from bot.slack.render.text import foreign_plain, lasted, stopped

NAME, SENTENCE = 120, 1000


def plain(text: str, most: int = NAME) -> str:
    """Foreign text: one line, secrets struck out, clipped, without any meaning in Markdown."""
    return literal(foreign_plain(text, most))


def called(facts: Facts, who: str) -> str:
    """A person by Slack user id, not escaped; the id itself for whom nobody knows."""
    return foreign_plain(facts.people.get(who, who), NAME)


def person(facts: Facts, who: str) -> str:
    """The same as Markdown."""
    return literal(called(facts, who))


def actor_of(facts: Facts, entry: Entry) -> str:
    """Who did it: a person, a check, or a rule of ours."""
    who = entry.actor.who
    if entry.actor.is_person:
        return person(facts, who)
    if entry.actor.via == "check":
        return f"the check {plain(facts.titles.get(who, who.replace('_', ' ')))}"
    return "Seamwatch" if who == "Seamwatch" else f"Seamwatch ({plain(who)})"


def clock(facts: Facts, at: datetime) -> str:
    """A moment by the clocks of the estate, the name of the time included, so that the hour that
    comes twice in autumn is told apart."""
    return literal(time_of(facts, at))


def time_of(facts: Facts, at: datetime) -> str:
    """The same as plain text."""
    return f"{at.astimezone(facts.zone):%-d %b %Y %H:%M:%S %Z}"


def say_end(facts: Facts, incident: Incident) -> str:
    """How an incident ended, after how long, and what was said of it."""
    by, until = incident.resolved_by, incident.resolved_at
    if by is None or until is None:
        return f"It is still open ({incident.state.value})."
    alone = "A later comparison closed it" if was_compared(incident) else "It cleared by itself"
    how = f"{person(facts, by.who)} resolved it" if by.is_person else alone
    said = stopped(plain(incident.resolution, SENTENCE))
    return f"{how} after {lasted(incident.opened_at, until)}. {said}".rstrip()


def say_fate(facts: Facts) -> str:
    """What became of the fault after a person resolved its incident while it stood; ""."""
    fate = facts.fate
    if fate.next_id is not None:
        return f"It did not go away: #{fate.next_id} goes on with it."
    if fate.still_there_at is not None:
        return f"It was still there when last looked at, {clock(facts, fate.still_there_at)}."
    return f"It was gone {clock(facts, fate.gone_at)}." if fate.gone_at else ""
