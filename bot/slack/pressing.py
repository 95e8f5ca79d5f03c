"""Turns a press on a button, or a choice in a menu, into the request that it stands for."""

from __future__ import annotations

from typing import Any

from bot.slack.places import Place
from bot.slack.render.buttons import JUDGING, MORE, READING, TAKING, act_of, read_value
from bot.slack.verbs import Ask, Verb, by_button, by_word

Json = dict[str, Any]
OFFERED = frozenset(word for _, word in (*TAKING, *READING, *JUDGING))


def pressed(action: Json, place: Place) -> tuple[Verb, Ask] | None:
    """The verb and the request; None for what is not ours, or is of another version of ours."""
    value = read_value(_value(action))
    act = act_of(str(action.get("action_id")))
    if value is None:
        return None
    word, rest = "", value.choice
    if act == MORE:
        word, rest = rest, ""
        verb = by_word().get(word) if word in OFFERED else None
    else:
        verb = by_button().get(act)
    if verb is None:
        return None
    ask = Ask(
        user_id=place.user_id,
        via="button",
        word=word or verb.name,
        incident_id=value.incident_id or None,
        seen_version=value.version or None,
        rest=rest,
        said=rest,
        channel=place.channel,
    )
    return verb, ask


def _value(action: Json) -> str:
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")
