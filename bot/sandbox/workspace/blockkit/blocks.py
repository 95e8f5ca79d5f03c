"""The blocks themselves, and which of them may stand on which surface.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.sandbox.workspace.blockkit import elements, limits
from bot.sandbox.workspace.blockkit.charts import BLOCK_ID, DATA_TABLE, DATA_VISUALIZATION, TABLE
from bot.sandbox.workspace.blockkit.rich_text import RICH_TEXT
from bot.sandbox.workspace.blockkit.shapes import (
    Rule,
    anything,
    boolean,
    either,
    listing,
    one_of,
    record,
    string,
    tagged,
)
from bot.sandbox.workspace.blockkit.texts import SLACK_FILE, mrkdwn, plain, text


def _block(
    fields: Mapping[str, Rule], required: Sequence[str] = (), together: Rule | None = None
) -> Rule:
    return record({"type": anything, "block_id": BLOCK_ID} | dict(fields), required, together)


_SECTION = _block(
    {
        "text": text(limits.SECTION_TEXT_MAX_LENGTH),
        "fields": listing(
            text(limits.SECTION_FIELDS_ITEM_MAX_LENGTH), limits.SECTION_FIELDS_MAX_ITEMS, 1
        ),
        "accessory": tagged(elements.IN_SECTION),
        "expand": boolean,
    },
    together=either("text", "fields"),
)
_IMAGE = _block(
    {
        "image_url": string(limits.IMAGE_IMAGE_URL_MAX_LENGTH, 1),
        "slack_file": SLACK_FILE,
        "alt_text": string(limits.IMAGE_ALT_TEXT_MAX_LENGTH, 1),
        "title": plain(limits.IMAGE_TITLE_MAX_LENGTH),
    },
    required=("alt_text",),
    together=either("image_url", "slack_file", only_one=True),
)
_ACTIONS = _block(
    {"elements": listing(tagged(elements.IN_ACTIONS), limits.ACTIONS_ELEMENTS_MAX_ITEMS, 1)},
    required=("elements",),
)
_CONTEXT = _block(
    {
        "elements": listing(
            tagged({"image": elements.IMAGE, "mrkdwn": mrkdwn(), "plain_text": plain()}),
            limits.CONTEXT_ELEMENTS_MAX_ITEMS,
            1,
        )
    },
    required=("elements",),
)
_CONTEXT_ACTIONS = _block(
    {
        "elements": listing(
            tagged(elements.FEEDBACK_ELEMENTS), limits.CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS, 1
        )
    },
    required=("elements",),
)
_INPUT = _block(
    {
        "label": plain(limits.INPUT_LABEL_MAX_LENGTH),
        "hint": plain(limits.INPUT_HINT_MAX_LENGTH),
        "element": tagged(elements.IN_INPUT),
        "dispatch_action": boolean,
        "optional": boolean,
    },
    required=("label", "element"),
)
_CARD = _block(
    {
        "hero_image": elements.IMAGE,
        "icon": elements.IMAGE,
        "slack_icon": anything,
        "title": text(limits.CARD_TITLE_MAX_LENGTH),
        "subtitle": text(limits.CARD_SUBTITLE_MAX_LENGTH),
        "body": text(limits.CARD_BODY_MAX_LENGTH),
        "subtext": text(limits.CARD_SUBTEXT_MAX_LENGTH),
        "actions": listing(tagged({"button": elements.BUTTON}), limits.CARD_ACTIONS_MAX_ITEMS),
    },
    together=either("hero_image", "title", "actions", "body"),
)
_CAROUSEL = _block(
    {"elements": listing(tagged({"card": _CARD}), limits.CAROUSEL_ELEMENTS_MAX_ITEMS, 1)},
    required=("elements",),
)
_TASK = _block(
    {
        "task_id": string(255, 1),
        "title": string(3000, 1),
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": listing(anything, 100),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    required=("task_id", "title"),
)
_PLAN = _block(
    {
        "title": string(3000, 1),
        "tasks": listing(tagged({"task_card": _TASK}), limits.PLAN_TASKS_MAX_ITEMS),
    },
    required=("title",),
)
_VIDEO = _block(
    {
        "alt_text": string(limits.VIDEO_ALT_TEXT_MAX_LENGTH, 1),
        "video_url": string(3000, 1),
        "thumbnail_url": string(3000, 1),
        "title": plain(limits.VIDEO_TITLE_MAX_LENGTH),
        "title_url": string(3000),
        "description": plain(limits.VIDEO_DESCRIPTION_MAX_LENGTH),
        "provider_icon_url": string(3000),
        "provider_name": string(50),
        "author_name": string(limits.VIDEO_AUTHOR_NAME_MAX_LENGTH),
    },
    required=("alt_text", "video_url", "thumbnail_url", "title"),
)
_ALERT = _block(
    {
        "text": text(limits.ALERT_TEXT_MAX_LENGTH),
        "level": one_of("default", "info", "warning", "error", "success"),
    },
    required=("text",),
)

_ANYWHERE: dict[str, Rule] = {
    "section": _SECTION,
    "header": _block({"text": plain(limits.HEADER_TEXT_MAX_LENGTH)}, ("text",)),
    "divider": _block({}),
    "context": _CONTEXT,
    "actions": _ACTIONS,
    "image": _IMAGE,
    "input": _INPUT,
    "rich_text": RICH_TEXT,
    "video": _VIDEO,
    "card": _CARD,
}
_MESSAGE_AND_HOME: dict[str, Rule] = {
    "table": TABLE,
    "data_table": DATA_TABLE,
    "data_visualization": DATA_VISUALIZATION,
    "carousel": _CAROUSEL,
}
_MESSAGE_ONLY: dict[str, Rule] = {
    "markdown": _block({"text": string(limits.MARKDOWN_TEXT_MAX_LENGTH, 1)}, ("text",)),
    "context_actions": _CONTEXT_ACTIONS,
    "plan": _PLAN,
    "task_card": _TASK,
    "file": _block(
        {"external_id": string(255, 1), "source": one_of("remote")}, ("external_id", "source")
    ),
}


def _container(inner: Mapping[str, Rule]) -> Rule:
    return _block(
        {
            "title": plain(limits.CONTAINER_TITLE_MAX_LENGTH),
            "rich_text_title": RICH_TEXT,
            "subtitle": text(limits.CONTAINER_SUBTITLE_MAX_LENGTH),
            "child_blocks": listing(tagged(inner), limits.CONTAINER_CHILD_BLOCKS_MAX_ITEMS, 1),
            "width": one_of("narrow", "standard", "wide", "full"),
            "icon": elements.IMAGE,
            "is_collapsible": boolean,
            "default_collapsed": boolean,
            "has_header_divider": boolean,
        },
        required=("child_blocks",),
        together=either("title", "rich_text_title"),
    )


_SHARED = _ANYWHERE | _MESSAGE_AND_HOME
ON_SURFACE: dict[str, Rule] = {
    "message": tagged(_SHARED | _MESSAGE_ONLY | {"container": _container(_SHARED)}),
    "modal": tagged(_ANYWHERE | {"alert": _ALERT}),
    "home": tagged(_SHARED | {"container": _container(_SHARED)}),
}
"""The rule for one block, by the surface it stands on."""
