"""Checks the blocks of a message, its attachments, and whole views.

The answer is the list of problems; empty means that Slack would take it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bot.sandbox.workspace.blockkit import limits
from bot.sandbox.workspace.blockkit.blocks import ON_SURFACE
from bot.sandbox.workspace.blockkit.shapes import (
    Problem,
    Rule,
    anything,
    boolean,
    items,
    listing,
    objects,
    one_of,
    record,
    string,
)
from bot.sandbox.workspace.blockkit.texts import plain

_URL = string(3000)
_LINE = string(3000)

ATTACHMENT = record(
    {
        "color": string(7, 1, r"good|warning|danger|#?[0-9A-Fa-f]{6}"),
        "blocks": listing(ON_SURFACE["message"], limits.MESSAGE_BLOCKS_MAX_ITEMS),
        "fallback": string(100_000),
        "text": string(100_000),
        "pretext": string(100_000),
        "title": _LINE,
        "title_link": _URL,
        "author_name": _LINE,
        "author_link": _URL,
        "author_icon": _URL,
        "author_id": _LINE,
        "image_url": _URL,
        "thumb_url": _URL,
        "footer": string(limits.ATTACHMENT_FOOTER_MAX_LENGTH),
        "footer_icon": _URL,
        "ts": anything,
        "fields": listing(anything, 100),
        "mrkdwn_in": listing(one_of("text", "pretext", "fields"), 3),
        "callback_id": string(255),
        "id": anything,
        "from_url": _URL,
        "attachment_type": anything,
        "actions": listing(anything, 5),
    }
)


def message_problems(blocks: Any) -> list[Problem]:
    """Everything wrong with the top-level blocks of a message."""
    at = "/blocks"
    rule = listing(ON_SURFACE["message"], limits.MESSAGE_BLOCKS_MAX_ITEMS)
    return [*rule(blocks, at), *_twins(blocks, at), *_message_totals(blocks, at)]


def attachment_problems(attachments: Any) -> list[Problem]:
    """Everything wrong with the attachments of a message, the blocks inside them included."""
    rule = listing(ATTACHMENT, limits.MESSAGE_ATTACHMENTS_MAX_ITEMS)
    found = [*rule(attachments, "/attachments")]
    for index, attachment in enumerate(items(attachments)):
        if isinstance(attachment, dict) and attachment.get("blocks"):
            at = f"/attachments/{index}/blocks"
            found += [*_twins(attachment["blocks"], at), *_message_totals(attachment["blocks"], at)]
    return found


def view_problems(view: Any) -> list[Problem]:
    """Everything wrong with a modal or a Home tab."""
    kind = view.get("type") if isinstance(view, dict) else None
    if not isinstance(kind, str) or kind not in _VIEWS:
        return [Problem("must be a valid enum value", "/view/type")]
    found = [*_VIEWS[kind](view, "/view"), *_twins(view.get("blocks"), "/view/blocks")]
    if kind == "modal" and _count(view.get("blocks"), "input") and not view.get("submit"):
        found.append(Problem("missing required field: submit", "/view"))
    return found


def too_large(view: Any) -> bool:
    """Whether the view exceeds 250 kB."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > limits.VIEW_MAX_BYTES


def table_count(blocks: Any) -> int:
    """How many table blocks there are; a message may hold one."""
    return _count(blocks, "table")


def _view(kind: str, **own: Rule) -> Rule:
    fields: dict[str, Rule] = {
        "type": anything,
        "blocks": listing(ON_SURFACE[kind], limits.VIEW_BLOCKS_MAX_ITEMS, 1),
        "private_metadata": string(limits.VIEW_PRIVATE_METADATA_MAX_LENGTH),
        "callback_id": string(limits.VIEW_CALLBACK_ID_MAX_LENGTH),
        "external_id": string(limits.VIEW_EXTERNAL_ID_MAX_LENGTH),
    }
    required = ("blocks", "title") if kind == "modal" else ("blocks",)
    return record(fields | own, required)


_VIEWS = {
    "modal": _view(
        "modal",
        title=plain(limits.VIEW_TITLE_MAX_LENGTH),
        submit=plain(limits.VIEW_SUBMIT_MAX_LENGTH),
        close=plain(limits.VIEW_CLOSE_MAX_LENGTH),
        clear_on_close=boolean,
        notify_on_close=boolean,
        submit_disabled=boolean,
    ),
    "home": _view("home", title=plain(limits.VIEW_TITLE_MAX_LENGTH)),
}


def _count(blocks: Any, kind: str) -> int:
    return sum(1 for block in objects(blocks) if block.get("type") == kind)


def _message_totals(blocks: Any, at: str) -> Iterator[Problem]:
    charts = _count(blocks, "data_visualization")
    if charts > limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS:
        most = limits.MESSAGE_DATA_VISUALIZATIONS_MAX_ITEMS
        yield Problem(f"no more than {most} data_visualization blocks allowed", at)
    prose = sum(
        len(str(block.get("text", "")))
        for block in objects(blocks)
        if block.get("type") == "markdown"
    )
    if prose > limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH:
        most = limits.MARKDOWN_TOTAL_TEXT_MAX_LENGTH
        yield Problem(f"markdown text must be less than {most + 1} characters in all", at)


def _twins(blocks: Any, at: str) -> Iterator[Problem]:
    """A block_id twice in a message, or an action_id twice in a block."""
    seen: set[str] = set()
    for index, block in enumerate(items(blocks)):
        if not isinstance(block, dict):
            continue
        block_id = block.get("block_id")
        if isinstance(block_id, str) and block_id in seen:
            yield Problem("block_id must be unique", f"{at}/{index}/block_id")
        seen.add(str(block_id))
        yield from _twin_actions(block, f"{at}/{index}")


def _twin_actions(block: dict[str, Any], at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, element in enumerate(items(block.get("elements"))):
        action_id = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(action_id, str) and action_id in seen:
            yield Problem("action_id must be unique", f"{at}/elements/{index}/action_id")
        seen.add(str(action_id))
