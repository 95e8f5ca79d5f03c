"""`/seam note 42 what was found`: keeps a line in the thread and in the timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.incidents.events import Note
from bot.permissions import Right
from bot.slack.changing import about, change
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import NOTE
from bot.slack.render.message import Message
from bot.slack.render.message import answer as say
from bot.slack.render.modals import TEXT, note_modal
from bot.slack.verbs import Ask, Dialog, Example, Verb
from bot.slack.words import is_number_like

KEPT = 3000
"""Characters of a note that are stored; messages show fewer."""
HOW = "What was found follows the number: `/seam note 42 the vendor confirms it`."


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.via != "modal" and is_number_like(ask.rest):
        return no_incident(ask.rest, HOW)
    if not ask.rest:
        return say(f"There is nothing to note. {HOW}")
    # what is noted is true of whatever state it is in, so an older message will do
    return change(desk, replace(ask, seen_version=None), Note(text=ask.rest[:KEPT]), "note")


def _view(desk: Desk, ask: Ask) -> View | Message:
    found = about(desk, replace(ask, seen_version=None), closed_too=True)
    return found if isinstance(found, Message) else note_modal(found)


def _read(_: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    text = fields.get(TEXT, "").strip()
    return replace(ask, rest=text, said=text) if text else {TEXT: "A note needs a word or two."}


VERB = Verb(
    name="note",
    place=17,
    answer=answer,
    aliases=("comment",),
    button=NOTE,
    changes=True,
    right=Right.NOTE,
    dialog=Dialog(view=_view, read=_read),
    examples=(
        Example(typed="note 42 the vendor confirms it", does="keep a line in #42's timeline"),
    ),
)
