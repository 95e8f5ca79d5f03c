"""`/seam check 42 step 3` and the Done buttons of a runbook: who did which step, and when."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from bot.incidents.events import Check
from bot.incidents.lifecycle import Change
from bot.permissions import Right
from bot.slack.changing import do, meant
from bot.slack.checklist import Checklist, checklist_of, show
from bot.slack.desk import Desk
from bot.slack.letters import view_of
from bot.slack.render.answers import no_step, no_such, outcome, step_done
from bot.slack.render.buttons import CHECK
from bot.slack.render.message import Message
from bot.slack.render.runbook import foreign_words
from bot.slack.verbs import Ask, Example, Verb
from runbooks.mrkdwn import Part

KEPT = 300
"""Characters of a step that are stored, for timelines and reports."""
_STEP = re.compile(
    r"(?:step\s+)?#?(k[0-9a-f]{1,8}|[0-9]{1,3})(\s+(?:undo|undone|not done))?", re.IGNORECASE
)


def answer(desk: Desk, ask: Ask) -> Message:
    """A press is answered with the page as it stands then."""
    incident_id = meant(desk, ask, "check")
    if isinstance(incident_id, Message):
        return incident_id
    try:
        known = checklist_of(desk, view_of(desk, incident_id))
    except LookupError:
        return no_such(incident_id)
    typed = _STEP.fullmatch(ask.rest.strip())
    found = known.find(typed[1].lower()) if known and typed else None
    if known is None or typed is None or found is None:
        return no_step(ask.rest)
    return _tick(desk, ask, known, found, done=typed[2] is None)


def _tick(
    desk: Desk, ask: Ask, known: Checklist, found: tuple[int, Part], *, done: bool
) -> Message:
    """Nothing is written twice: a step that is done stays whose it was."""
    place, step = found
    number, incident_id = step.step or 0, known.view.incident.id
    if done != (number in known.done):
        said = html.unescape(foreign_words(step.text))[:KEPT]
        event = Check(page=known.page.name, step=number, text=said, done=done)
        # it is done or not whatever state the incident is in, so an older message will do
        told = do(desk, replace(ask, seen_version=None), incident_id, event)
        if not isinstance(told, Change):
            return outcome(incident_id, told, ask.user_id)
    if ask.via != "button":
        return step_done(place, incident_id, done)
    after = checklist_of(desk, view_of(desk, incident_id))
    return show(desk, after or known)


VERB = Verb(
    name="check",
    place=33,
    answer=answer,
    aliases=("done", "tick"),
    button=CHECK,
    changes=True,
    right=Right.NOTE,
    replaces=True,
    examples=(Example(typed="check 42 step 3", does="tick off the third step of #42's runbook"),),
)
