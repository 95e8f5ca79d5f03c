"""Notices about the bot itself, and the mark of a message that may stand twice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.slack.render.blocks import context, section
from bot.slack.render.message import Message, message
from bot.slack.render.text import count, foreign, lasted, when

REPEAT = "This may be a repeat: Slack did not say whether the first one arrived."
_CHANNEL = re.compile(r"slack/([CGD][A-Z0-9]{2,30})\b")


def notice(topic: str, body: str, waiting: int) -> Message:
    """Says that a destination cannot be delivered to, why, and how many messages wait.

    `topic` begins with the destination, such as `slack/C0123`.
    """
    found = _CHANNEL.match(topic)
    where = f"<#{found[1]}>" if found else foreign(topic, 120)
    reason = foreign(body, 600)
    said = f"⚠️ Seamwatch cannot post to {where}: {reason}."
    waits = "waits" if waiting == 1 else "wait"
    rest = f"{count(waiting, 'message')} {waits} until that is mended; none is lost."
    return message(f"{said} {rest}", [section(said), *context([rest])])


def absence(topic: str, body: str) -> Message:
    """Says from when to when nobody looked. `topic` ends with the beginning, `body` is the end."""
    since = datetime.fromisoformat(topic.partition("/")[2])
    until = datetime.fromisoformat(body)
    span = f"from {when(since)} to {when(until)} ({lasted(since, until)})"
    said = f"👁️ Seamwatch was not looking {span}."
    rest = (
        "What stood through that time is told now. What came and went is not; Patchworks keeps the "
        "log of its runs for seven days."
    )
    return message(f"{said} {rest}", [section(said), *context([rest])])


def told_again(what: str) -> Message:
    """What is left of an older message about "#7" where a newer one stands; no buttons."""
    said = f"🔁 {what} is told anew below."
    return message(said, [section(said)])


def possible_repeat(said: Message) -> Message:
    """The same message, marked as one that may stand twice."""
    return replace(said, blocks=(*said.blocks, *context([REPEAT])), text=f"{said.text} ({REPEAT})")
