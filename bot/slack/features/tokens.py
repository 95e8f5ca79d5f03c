"""`/seam tokens`: every credential, and when it ends."""

from __future__ import annotations

from bot import inventory
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render.choice import none_named
from bot.slack.render.message import Message
from bot.slack.render.tokens import chosen_tokens, tokens_answer
from bot.slack.verbs import Ask, Example, Verb


def answer(desk: Desk, ask: Ask) -> Message:
    register, now = inventory.find_register(desk.store.db), desk.clock.now()
    if register is None or not register.credentials or not ask.said:
        return tokens_answer(register, now)
    found = find_named(
        ask.said,
        register.credentials,
        lambda judged: (judged.held.system, judged.held.system_kind, judged.held.what),
    )
    if not found:
        names = sorted({judged.held.system for judged in register.credentials})
        return none_named("system", ask.said, nearest_names(ask.said, names), names)
    return chosen_tokens(ask.said, found, register.at, now)


VERB = Verb(
    name="tokens",
    place=10,
    answer=answer,
    aliases=("expiry", "credentials"),
    examples=(
        Example(typed="tokens", does="which credentials end when, and whose they are"),
        Example(typed="tokens netsuite-live", does="those of one system, with all that is known"),
    ),
)
