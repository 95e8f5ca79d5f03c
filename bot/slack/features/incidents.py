"""`/seam incidents`: what is open, page by page or some of it; what was resolved lately."""

from __future__ import annotations

from datetime import timedelta

from bot.slack.desk import Desk
from bot.slack.narrowing import HOW, NotUnderstood, narrowed, read_wanted
from bot.slack.render.buttons import LIST
from bot.slack.render.lists import LISTED, Portion, incident_list, none_of
from bot.slack.render.message import Message
from bot.slack.render.silences import refused
from bot.slack.unknown_names import unknown_names
from bot.slack.verbs import Ask, Example, Verb
from bot.store import incidents

LATELY = timedelta(hours=24)


def answer(desk: Desk, ask: Ask) -> Message:
    db, now = desk.store.db, desk.clock.now()
    try:
        wanted = read_wanted(desk, ask.said)
    except NotUnderstood as error:
        return refused(str(error), HOW)
    standing = incidents.open_incidents(db)
    found = narrowed(desk, standing, wanted)
    if not found and wanted.typed:
        return none_of(wanted.typed, len(standing), unknown_names(desk, wanted.matchers))
    part = Portion.of(len(found), wanted.page, open_in_all=len(standing), typed=wanted.typed)
    shown = found[part.first : part.first + LISTED]
    whole = part.page == 1 and not wanted.typed
    lately = incidents.lately_resolved(db, now - LATELY, LISTED) if whole else []
    listed = [incident.id for incident in (*shown, *lately)]
    still = incidents.still_there(db, [incident.id for incident in lately])
    return incident_list(shown, lately, incidents.alerts_of(db, listed), now, still, part)


VERB = Verb(
    name="incidents",
    place=3,
    answer=answer,
    aliases=("list", "open"),
    button=LIST,
    replaces=True,
    examples=(
        Example(typed="incidents", does="what is open, and what was resolved lately"),
        Example(
            typed="incidents critical", does="only these; or system=, check=, storm; `2` is a page"
        ),
    ),
)
