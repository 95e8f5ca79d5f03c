"""`/seam runbook` and the Runbook button: the way out, with this incident's facts filled in."""

from __future__ import annotations

from bot.slack.checklist import checklist_of, show
from bot.slack.desk import Desk
from bot.slack.letters import view_of
from bot.slack.only import only_open
from bot.slack.render.answers import no_such
from bot.slack.render.buttons import RUNBOOK
from bot.slack.render.message import Message
from bot.slack.render.message import answer as say
from bot.slack.render.runbook import runbook_answer, runbook_topics
from bot.slack.verbs import Ask, Example, Verb
from runbooks.book import About


def answer(desk: Desk, ask: Ask) -> Message:
    book = desk.book
    if ask.incident_id is None and ask.rest:
        page = book.find_topic(ask.rest)
        if page is None:
            return runbook_topics(book.topics(), ask.rest, book.nearest(ask.rest))
        about = About(dashboard_url=desk.links.dashboard_url)
        return runbook_answer(book.render(page, about=about), "")
    incident_id = only_open(desk) if ask.incident_id is None else ask.incident_id
    if incident_id is None:
        return runbook_topics(book.topics())
    try:
        known = checklist_of(desk, view_of(desk, incident_id))
    except LookupError:
        return no_such(incident_id)
    if known is None:
        return say(f"There is no runbook for what #{incident_id} is about.")
    return show(desk, known)


VERB = Verb(
    name="runbook",
    place=8,
    answer=answer,
    aliases=("rb",),
    button=RUNBOOK,
    examples=(
        Example(typed="runbook 42", does="the way out of #42, with its facts"),
        Example(typed="runbook stalled-queue", does="the page on a topic, without an incident"),
    ),
)
