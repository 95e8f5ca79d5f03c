"""The fields of modals. A field's block_id names it, for what was put in and for what is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import (
    DateTimePickerElement,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticSelectElement,
    UserSelectElement,
)
from slack_sdk.models.blocks.block_elements import InputInteractiveElement

from bot.slack.render.blocks import Block
from bot.slack.render.text import clip, foreign_plain

FIELD = "field"
"""The action_id of the one element in each input block."""
LABEL_LENGTH = 150  # Slack takes 2,000, phones do not
OPTION_LENGTH = 75
LONG = 3000


def words(
    name: str,
    label: str,
    *,
    hint: str = "",
    initial: str = "",
    long: bool = False,
    optional: bool = False,
    most: int = LONG,
) -> Block:
    """Words to be typed; `long` in several lines."""
    element = PlainTextInputElement(
        action_id=FIELD,
        multiline=long,
        initial_value=clip(initial, most) or None,
        max_length=most,
    )
    return _input(name, label, element, hint=hint, optional=optional)


def person(name: str, label: str, *, hint: str = "") -> Block:
    """A member of the workspace."""
    return _input(name, label, UserSelectElement(action_id=FIELD), hint=hint)


def moment(name: str, label: str, initial: int | None = None) -> Block:
    """A moment in the reader's own time zone; `initial` in seconds since 1970."""
    element = DateTimePickerElement(action_id=FIELD, initial_date_time=initial)
    return _input(name, label, element)


def choice(name: str, label: str, offered: Iterable[tuple[str, str]]) -> Block:
    """One of these, each a label and its value; the first is chosen until another is."""
    options = [
        Option(label=foreign_plain(told, OPTION_LENGTH) or "—", value=value)
        for told, value in list(offered)[:100]
    ]
    element = StaticSelectElement(action_id=FIELD, options=options, initial_option=options[0])
    return _input(name, label, element)


def _input(
    name: str,
    label: str,
    element: InputInteractiveElement,
    *,
    hint: str = "",
    optional: bool = False,
) -> Block:
    return InputBlock(
        block_id=name,
        label=PlainTextObject(text=clip(label, LABEL_LENGTH)),
        hint=PlainTextObject(text=hint) if hint else None,
        element=element,
        optional=optional,
    ).to_dict()
