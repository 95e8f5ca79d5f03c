"""The parts that blocks and elements are composed of: texts, options, confirmations.

https://docs.slack.dev/reference/block-kit/composition-objects
"""

from __future__ import annotations

from bot.sandbox.workspace.blockkit import limits
from bot.sandbox.workspace.blockkit.shapes import (
    Rule,
    boolean,
    either,
    listing,
    one_of,
    record,
    string,
    tagged,
)


def plain(longest: int = limits.TEXT_MAX_LENGTH) -> Rule:
    """A plain_text object of 1 to `longest` characters."""
    return record(
        {
            "type": one_of("plain_text"),
            "text": string(longest, limits.TEXT_MIN_LENGTH),
            "emoji": boolean,
        },
        required=("type", "text"),
    )


def mrkdwn(longest: int = limits.TEXT_MAX_LENGTH) -> Rule:
    """A mrkdwn object of 1 to `longest` characters."""
    return record(
        {
            "type": one_of("mrkdwn"),
            "text": string(longest, limits.TEXT_MIN_LENGTH),
            "verbatim": boolean,
        },
        required=("type", "text"),
    )


def text(longest: int = limits.TEXT_MAX_LENGTH) -> Rule:
    """Either kind of text object."""
    return tagged({"plain_text": plain(longest), "mrkdwn": mrkdwn(longest)})


SLACK_FILE = record(
    {"id": string(255, pattern=r"F[A-Z0-9]{8,}"), "url": string(3000)},
    together=either("id", "url", only_one=True),
)

CONFIRM = record(
    {
        "title": plain(limits.CONFIRMATION_TITLE_MAX_LENGTH),
        "text": text(limits.CONFIRMATION_TEXT_MAX_LENGTH),
        "confirm": plain(limits.CONFIRMATION_CONFIRM_MAX_LENGTH),
        "deny": plain(limits.CONFIRMATION_DENY_MAX_LENGTH),
        "style": one_of("primary", "danger"),
    },
    required=("title", "text", "confirm", "deny"),
)


def option(*, formatted: bool = False, linked: bool = False) -> Rule:
    """A choice. `formatted` allows mrkdwn (checkboxes, radio buttons), `linked` a url."""
    label = text if formatted else plain
    fields = {
        "text": label(limits.OPTION_TEXT_MAX_LENGTH),
        "value": string(limits.OPTION_VALUE_MAX_LENGTH, 1),
        "description": label(limits.OPTION_DESCRIPTION_MAX_LENGTH),
    }
    if linked:
        fields["url"] = string(limits.OPTION_URL_MAX_LENGTH)
    return record(fields, required=("text", "value"))


OPTION_GROUP = record(
    {
        "label": plain(limits.OPTION_GROUP_LABEL_MAX_LENGTH),
        "options": listing(option(), limits.OPTION_GROUP_OPTIONS_MAX_ITEMS, 1),
    },
    required=("label", "options"),
)

DISPATCH = record(
    {"trigger_actions_on": listing(one_of("on_enter_pressed", "on_character_entered"), 2, 1)}
)
