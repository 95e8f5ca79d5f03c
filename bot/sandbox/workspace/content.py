"""What an app may put into a message: text, blocks, attachments, metadata, checked as Slack does.

https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace.blockkit import validate
from bot.sandbox.workspace.interactive import with_ids
from bot.sandbox.workspace.messages import Json
from bot.sandbox.workspace.refusal import Refusal, explained

TEXT_KEPT = 40_000
"""Characters of text that are kept; the rest is cut off."""
MARKDOWN_TEXT_MOST = 12_000
METADATA_MOST_BYTES = 8_000
"""Slack does not publish where metadata_too_large begins; this is on the safe side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The checked content. None means that the app did not send the field."""

    text: str | None = None
    blocks: Sequence[Json] | None = None
    attachments: Sequence[Json] | None = None
    metadata: Json | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.blocks or self.attachments)


def read(params: Mapping[str, Any]) -> Content:
    """Check and take the content out of a call. Raises Refusal with Slack's code and pointers."""
    return Content(
        text=_text(params),
        blocks=_blocks(structure(params, "blocks", "invalid_blocks_format")),
        attachments=_attachments(structure(params, "attachments", "invalid_attachments")),
        metadata=_metadata(structure(params, "metadata", "invalid_metadata_format")),
    )


def structure(params: Mapping[str, Any], name: str, error: str) -> Any:
    """A parameter that is JSON, or a string holding JSON. Raises Refusal(error) if unreadable."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError as unreadable:
        raise Refusal(error) from unreadable


def _text(params: Mapping[str, Any]) -> str | None:
    markdown = params.get("markdown_text")
    if markdown is None:
        text = params.get("text")
        return None if text is None else str(text)[:TEXT_KEPT]
    if params.get("text") or params.get("blocks"):
        raise Refusal("markdown_text_conflict")
    if len(str(markdown)) > MARKDOWN_TEXT_MOST:
        raise Refusal("msg_too_long")
    return str(markdown)


def _blocks(blocks: Any) -> list[Json] | None:
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    problems = validate.message_problems(blocks)
    if problems:
        raise explained("invalid_blocks", problems)
    if validate.table_count(blocks) > 1:
        raise explained("invalid_attachments", ["only_one_table_allowed"])
    return with_ids(blocks)


def _attachments(attachments: Any) -> list[Json] | None:
    if attachments is None:
        return None
    problems = validate.attachment_problems(attachments)
    if any(problem.reason.startswith("no more than 100") for problem in problems):
        raise Refusal("too_many_attachments")
    if problems:
        raise explained("invalid_attachments", problems)
    return [
        {**attachment, "id": number}
        | ({"blocks": with_ids(attachment["blocks"])} if attachment.get("blocks") else {})
        for number, attachment in enumerate(attachments, start=1)
    ]


def _metadata(metadata: Any) -> Json | None:
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise Refusal("invalid_metadata_format")
    if metadata and not (
        isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
        and set(metadata) <= {"event_type", "event_payload"}
    ):
        raise Refusal("invalid_metadata_schema")
    if len(json.dumps(metadata, ensure_ascii=False).encode()) > METADATA_MOST_BYTES:
        raise Refusal("metadata_too_large")
    return metadata
