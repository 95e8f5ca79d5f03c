"""Builds the few Block Kit blocks we use, out of mrkdwn that is already safe.

Every mrkdwn text is `verbatim`, so that Slack makes no links or mentions out of foreign words.
What holds text alone is written out: slack_sdk's models cost a fifth of a command, and the tests
put every block through them anyway.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ConfirmObject,
    MarkdownTextObject,
    Option,
    PlainTextObject,
    StaticSelectElement,
)

from bot.slack.render.text import clip

Block = dict[str, Any]

# https://docs.slack.dev/reference/block-kit , in characters or items
HEADER_LENGTH = 150
SECTION_LENGTH = 3000
FIELD_LENGTH = 2000
FIELDS = 10
CONTEXT_LENGTH = 3000
CONTEXT_ELEMENTS = 10
BUTTON_LENGTH = 75
BLOCKS = 50
ROWS, COLUMNS = 100, 20
CELL_LENGTH = 200  # ours, so that a table stays readable


def header(text: str) -> Block:
    """A headline; plain text, never empty."""
    shown = clip(text, HEADER_LENGTH) or "—"
    return {"type": "header", "text": {"type": "plain_text", "text": shown, "emoji": True}}


Element = ButtonElement | StaticSelectElement


def section(mrkdwn: str, accessory: Element | None = None) -> Block:
    block: Block = {"type": "section", "text": _mrkdwn(mrkdwn, SECTION_LENGTH)}
    return block | {"accessory": accessory.to_dict()} if accessory else block


def fields(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Label over value in two columns; pairs without a value are left out."""
    shown = [f"*{label}*\n{value}" for label, value in pairs if value][:FIELDS]
    if not shown:
        return []
    return [{"type": "section", "fields": [_mrkdwn(text, FIELD_LENGTH) for text in shown]}]


def context(lines: Iterable[str]) -> list[Block]:
    """Small print; empty lines are left out, and so is a block without lines."""
    texts = [_mrkdwn(line, CONTEXT_LENGTH) for line in lines if line][:CONTEXT_ELEMENTS]
    return [{"type": "context", "elements": texts}] if texts else []


def table(rows: Iterable[Sequence[str]]) -> Block:
    """A table of plain text, the first row its heads; what is long in a cell is wrapped.

    At most 100 rows of 20 cells, one table a message:
    https://docs.slack.dev/reference/block-kit/blocks/table-block
    """
    shown = [[_cell(text) for text in row[:COLUMNS]] for row in rows][:ROWS]
    wrapped = [{"is_wrapped": True} for _ in shown[0]]
    return {"type": "table", "rows": shown, "column_settings": wrapped}


def _cell(text: str) -> Block:
    return {"type": "raw_text", "text": clip(text, CELL_LENGTH) or "—"}


def divider() -> Block:
    return {"type": "divider"}


def actions(buttons: Iterable[Element]) -> list[Block]:
    """At most 25 of them: https://docs.slack.dev/reference/block-kit/blocks/actions-block"""
    row = list(buttons)
    return [ActionsBlock(elements=row).to_dict()] if row else []


def button(
    label: str,
    action_id: str,
    value: str,
    *,
    primary: bool = False,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    return ButtonElement(
        text=PlainTextObject(text=clip(label, BUTTON_LENGTH), emoji=True),
        action_id=action_id,
        value=value,
        style="primary" if primary else None,
        confirm=confirm,
    )


def menu(label: str, action_id: str, choices: Iterable[tuple[str, str]]) -> StaticSelectElement:
    """A menu of label and value; an overflow would take five of them only."""
    return StaticSelectElement(
        placeholder=PlainTextObject(text=clip(label, BUTTON_LENGTH), emoji=True),
        action_id=action_id,
        options=[Option(label=told, value=value) for told, value in choices],
    )


def confirmation(title: str, mrkdwn: str, yes: str, no: str) -> ConfirmObject:
    """Asks before something that is not easily undone."""
    return ConfirmObject(
        title=PlainTextObject(text=title),
        text=MarkdownTextObject(text=clip(mrkdwn, 300), verbatim=True),
        confirm=PlainTextObject(text=yes),
        deny=PlainTextObject(text=no),
    )


def _mrkdwn(text: str, most: int) -> Block:
    return {"type": "mrkdwn", "text": clip(text, most) or "—", "verbatim": True}
