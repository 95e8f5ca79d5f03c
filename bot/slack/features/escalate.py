"""`/seam escalate 42 why` and the Escalate button: the next step of its policy, now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.permissions import Right
from bot.slack.changing import about, actor_of, meant
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.render.answers import no_incident, outcome
from bot.slack.render.buttons import ESCALATE
from bot.slack.render.message import Message
from bot.slack.render.message import answer as say
from bot.slack.render.modals import REASON, escalate_modal
from bot.slack.verbs import Ask, Dialog, Example, Verb
from bot.slack.words import is_number_like
from bot.transitions import escalate

KEPT = 500
"""Characters of the reason that are stored."""
HOW = "Say why after the number, for whoever is called: `/seam escalate 42 no idea what this is`."


def answer(desk: Desk, ask: Ask) -> Message:
    if ask.via != "modal" and is_number_like(ask.rest):
        return no_incident(ask.rest, HOW)
    if not any(sign.isalnum() for sign in ask.rest):
        return say(f"Why should it escalate? {HOW} Nothing was done.")
    incident_id = meant(desk, ask, "escalate")
    if isinstance(incident_id, Message):
        return incident_id
    done = escalate(
        desk.store,
        incident_id,
        ask.rest[:KEPT],
        actor_of(ask),
        desk.rules,
        desk.clock.now(),
        seen_version=ask.seen_version,
    )
    return outcome(incident_id, done, ask.user_id)


def _view(desk: Desk, ask: Ask) -> View | Message:
    found = about(desk, ask)
    return found if isinstance(found, Message) else escalate_modal(found)


def _read(_: Desk, ask: Ask, fields: Fields) -> Ask | Mapping[str, str]:
    reason = fields.get(REASON, "").strip()
    if not any(sign.isalnum() for sign in reason):
        return {REASON: "Say why, for whoever is called."}
    return replace(ask, rest=reason, said=reason)


VERB = Verb(
    name="escalate",
    place=15,
    answer=answer,
    aliases=("page",),
    button=ESCALATE,
    changes=True,
    right=Right.ESCALATE,
    dialog=Dialog(view=_view, read=_read),
    examples=(
        Example(
            typed="escalate 42 no idea what this is",
            does="call the next ones of #42's policy now",
        ),
    ),
)
