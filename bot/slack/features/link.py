"""`/seam link`: tells an account which person of the settings it is, so that it can be paged."""

from __future__ import annotations

from bot.directory import CannotAsk
from bot.slack.desk import Desk
from bot.slack.render.linking import blind, is_linked, linked_now, not_in_settings, taken
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store.links import Link, save_link


def answer(desk: Desk, ask: Ask) -> Message:
    """Whoever types it is asked about, nobody else: the e-mail is the one that Slack tells."""
    directory = desk.directory
    if person := directory.name_of(ask.user_id):
        return is_linked(person)
    try:
        email = directory.email_of(ask.user_id)
    except CannotAsk:
        return blind(ask.user_id)
    person = directory.named_by(email) if email else None
    if email is None or person is None:
        return not_in_settings(ask.user_id, email, directory.unlinked())
    if other := directory.find(person):
        return taken(person, other)
    link = Link(user_id=ask.user_id, person=person, email=email, linked_at=desk.clock.now())
    with desk.store.writing() as db:
        save_link(db, link)
    directory.reread()
    return linked_now(person, email)


VERB = Verb(
    name="link",
    place=30,
    answer=answer,
    aliases=("whoami", "connect"),
    changes=True,
    slow=True,
    examples=(Example(typed="link", does="who you are in the settings, so that you can be paged"),),
)
