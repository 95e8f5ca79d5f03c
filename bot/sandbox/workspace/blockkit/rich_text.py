"""The rich_text block and the parts it is made of.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.sandbox.workspace.blockkit import limits
from bot.sandbox.workspace.blockkit.shapes import (
    Rule,
    anything,
    boolean,
    listing,
    one_of,
    record,
    string,
    tagged,
    whole,
)

_MANY = 10_000
_LONG = 100_000


def _part(fields: Mapping[str, Rule], *required: str) -> Rule:
    return record({"type": anything, "style": anything} | dict(fields), required)


_NAME = string(255, 1)
_PARTS = tagged(
    {
        "text": _part({"text": string(_LONG)}, "text"),
        "link": _part({"url": string(3000, 1), "text": string(_LONG), "unsafe": boolean}, "url"),
        "emoji": _part({"name": _NAME, "unicode": string(255), "skin_tone": anything}, "name"),
        "user": _part({"user_id": _NAME}, "user_id"),
        "usergroup": _part({"usergroup_id": _NAME}, "usergroup_id"),
        "channel": _part({"channel_id": _NAME}, "channel_id"),
        "team": _part({"team_id": _NAME}, "team_id"),
        "broadcast": _part({"range": one_of("here", "channel", "everyone")}, "range"),
        "color": _part({"value": _NAME}, "value"),
        "date": _part(
            {
                "timestamp": whole(0, 10**11),
                "format": string(1000, 1),
                "url": string(3000),
                "fallback": string(1000),
            },
            "timestamp",
            "format",
        ),
    }
)
_SECTION = record({"type": anything, "elements": listing(_PARTS, _MANY)}, ("elements",))


def _bordered(most: int, **fields: Rule) -> Rule:
    common = {"type": anything, "elements": listing(_PARTS, _MANY), "border": whole(0, most)}
    return record(common | fields, ("elements",))


_LIST = record(
    {
        "type": anything,
        "style": one_of("bullet", "ordered"),
        "elements": listing(tagged({"rich_text_section": _SECTION}), _MANY),
        "indent": whole(0, limits.RICH_TEXT_LIST_INDENT_MAX),
        "offset": whole(0, _MANY),
        "border": whole(0, limits.RICH_TEXT_LIST_BORDER_MAX),
    },
    required=("style", "elements"),
)

RICH_TEXT = record(
    {
        "type": anything,
        "block_id": string(limits.BLOCK_ID_MAX_LENGTH),
        "elements": listing(
            tagged(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": _LIST,
                    "rich_text_quote": _bordered(limits.RICH_TEXT_QUOTE_BORDER_MAX),
                    "rich_text_preformatted": _bordered(
                        limits.RICH_TEXT_PREFORMATTED_BORDER_MAX, language=string(50)
                    ),
                }
            ),
            _MANY,
        ),
    },
    required=("elements",),
)
