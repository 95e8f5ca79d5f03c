"""`/seam runbook` and the Runbook button: the way out, with this incident's facts filled in."""

from __future__ import annotations

from collections.abc import Sequence

from bot import inventory
from bot.foresight.advice import find_advice
from bot.foresight.foreseen import limit_of
from bot.incidents.model import Alert
from bot.slack.desk import Desk
from bot.slack.letters import page_of, view_of
from bot.slack.only import only_open
from bot.slack.render.advice import advice_lines
from bot.slack.render.answers import no_such
from bot.slack.render.buttons import RUNBOOK
from bot.slack.render.incident import IncidentView
from bot.slack.render.message import Message
from bot.slack.render.message import answer as say
from bot.slack.render.runbook import runbook_answer, runbook_topics
from bot.slack.render.text import when
from bot.slack.render.warning import is_warning
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
        return _of_incident(desk, view_of(desk, incident_id))
    except LookupError:
        return no_such(incident_id)


def _of_incident(desk: Desk, view: IncidentView) -> Message:
    number = view.incident.id
    alert = view.alert
    page = page_of(desk.book, alert) if alert else None
    if alert is None or page is None:
        return say(f"There is no runbook for what #{number} is about.")
    run_id = alert.facts.get("blocking_run_id") or alert.facts.get("run_id")
    about = About(
        incident=number,
        incident_state=view.incident.state.value,
        run_url=desk.links.run(str(run_id)) if run_id else None,
        dashboard_url=desk.links.dashboard_url,
        read_at=alert.last_seen_at,
    )
    small = [f"Filled in with what was seen {when(alert.last_seen_at)}."]
    filled = desk.book.render(page, alert.facts, about)
    return runbook_answer(filled, f" (#{number})", small, _helps(desk, alert))


def _helps(desk: Desk, alert: Alert) -> Sequence[str]:
    """What would keep a foreseen limit from being reached; nothing for any other alert."""
    if not is_warning(alert):
        return ()
    limit = limit_of(alert.subject, alert.key, inventory.find_limits(desk.store.db))
    return advice_lines(find_advice(desk.store.db, limit.id), limit) if limit else ()


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
