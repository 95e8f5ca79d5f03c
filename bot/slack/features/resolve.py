"""`/seam resolve 42 what helped` and the Resolve button: it is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.incidents.events import Resolve
from bot.permissions import Right
from bot.slack.changing import about, change
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.render.answers import no_incident
from bot.slack.render.buttons import RESOLVE
from bot.slack.render.message import Message
from bot.slack.render.modals import SUMMARY, resolve_modal
from bot.slack.verbs import Ask, Dialog, Example, Verb
from bot.slack.words import first_word, is_number_like

KEPT = 3000
"""Characters of the summary that are stored; messages show fewer."""


NUMBER_FIRST = "What helped follows the number: `/seam resolve 42 stopped the hanging run`."


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.via == "modal":  # which incident is meant is known there
        return change(desk, ask, Resolve(summary=ask.rest[:KEPT]), "resolve")
    if is_number_like(ask.rest):
        return no_incident(ask.rest, NUMBER_FIRST)
    first = first_word(ask.rest)
    if ask.incident_id is None and (is_number_like(first) or first.startswith("#")):
        return no_incident(first, NUMBER_FIRST)
    return change(desk, ask, Resolve(summary=ask.rest[:KEPT]), "resolve")


def _view(desk: Desk, ask: Ask) -> View | Message:
    found = about(desk, ask)
    return found if isinstance(found, Message) else resolve_modal(found)


def _read(_: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    summary = fields.get(SUMMARY, "").strip()
    return replace(ask, rest=summary, said=summary)


VERB = Verb(
    name="resolve",
    place=7,
    answer=answer,
    aliases=("close",),
    button=RESOLVE,
    changes=True,
    dialog=Dialog(view=_view, read=_read),
    right=Right.RESOLVE,
    examples=(
        Example(
            typed="resolve 42 stopped the hanging run", does="say that #42 is over, and what helped"
        ),
    ),
)
