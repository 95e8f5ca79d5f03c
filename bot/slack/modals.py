"""Modals on the wire: what they carry from their opening to their submission, what was put in.

https://docs.slack.dev/surfaces/modals
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.render.inputs import FIELD
from bot.slack.render.message import Message
from bot.slack.render.modals import View

__all__ = ["Carried", "Fields", "View", "as_modal", "carried_by", "fields_of", "told_modal"]

Json = dict[str, Any]
Fields = Mapping[str, str]
"""What was put in, by the block_id of its field; "" where nothing was. Moments are in seconds
since 1970."""
MOST_BLOCKS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a modal is about, and where it was opened: in a channel, perhaps in a thread, or in
    neither. It travels as `private_metadata`, which Slack keeps from its readers."""

    incident_id: int | None = None
    version: int | None = None
    channel: str = ""
    thread: str = ""

    def as_text(self) -> str:
        return json.dumps([self.incident_id, self.version, self.channel, self.thread])


def carried_by(view: Json) -> Carried:
    """What a submitted modal carried. Raises ValueError for what is not ours."""
    told: list[Any] = json.loads(view.get("private_metadata") or "[]")
    incident_id, version, channel, thread = told
    return Carried(incident_id=incident_id, version=version, channel=channel, thread=thread)


def as_modal(view: View, verb: str, carried: Carried) -> Json:
    """As views.open takes it; the submission is handed to the verb of this name."""
    return {
        "type": "modal",
        "callback_id": verb,
        "private_metadata": carried.as_text(),
        "title": _plain(view.title),
        "submit": _plain(view.submit),
        "close": _plain("Cancel"),
        "blocks": list(view.blocks),
    }


def told_modal(said: Message) -> Json:
    """A private answer as a modal, where there is no channel to give it in."""
    below = [block for attachment in said.attachments for block in attachment["blocks"]]
    return {
        "type": "modal",
        "title": _plain("Seamwatch"),
        "close": _plain("Close"),
        "blocks": [*said.blocks, *below][:MOST_BLOCKS],
    }


def fields_of(view: Json) -> dict[str, str]:
    """What was put into each field of a submitted modal."""
    values: Mapping[str, Mapping[str, Json]] = view.get("state", {}).get("values", {})
    return {name: _held(fields.get(FIELD, {})) for name, fields in values.items()}


def _held(field: Json) -> str:
    match field:
        case {"selected_option": {"value": str(value)}}:
            return value
        case {"selected_user": str(value)} | {"value": str(value)}:
            return value
        case {"selected_date_time": int(value)}:
            return str(value)
    return ""


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
