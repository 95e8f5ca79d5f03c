"""A message as Slack takes it: a fallback text that says everything essential, and its blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot.digest.facts import Trend
from bot.foresight.chart import Chart
from bot.slack.render.blocks import BLOCKS, Block, context, section
from bot.slack.render.text import clip, size

Picture = Chart | Trend
TEXT_LENGTH = 4000
"""chat.update refuses longer texts: https://docs.slack.dev/reference/methods/chat.update"""
FALLBACK_LENGTH = 900
TOTAL_LENGTH = 10_000
"""All texts together; `msg_blocks_too_long` was seen from about 13,000 characters, undocumented:
https://github.com/slackapi/bolt-js/issues/2509"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`text` is what notifications and screen readers get; `blocks` what the channel shows.

    Everything in it is already escaped and clipped. `picture` is what is drawn where the workspace
    wants pictures: after a private answer, and within the message of a channel.
    """

    text: str
    blocks: tuple[Block, ...]
    attachments: tuple[Block, ...] = ()
    picture: Picture | None = None

    def as_arguments(self) -> dict[str, Any]:
        """For chat.postMessage and chat.update: all three always, because an update with text
        alone would take the old blocks away."""
        return {
            "text": self.text,
            "blocks": list(self.blocks),
            "attachments": list(self.attachments),
        }


def message(
    text: str, blocks: Iterable[Block], *, colour: str | None = None, below: Iterable[Block] = ()
) -> Message:
    """`below` stands under the blocks, beside a bar of `colour`."""
    under = list(below)
    bar = {"color": colour} if colour else {}
    return Message(
        text=clip(text, FALLBACK_LENGTH),
        blocks=tuple(blocks),
        attachments=({**bar, "blocks": under},) if under else (),
    )


def answer(*paragraphs: str, small: Iterable[str] = ()) -> Message:
    """A short private answer: one section a paragraph, and small print."""
    shown = [section(paragraph) for paragraph in paragraphs if paragraph]
    return message(" ".join(paragraphs), [*shown, *context(small)])


def plain_version(message: Message) -> Message:
    """The same in text alone, for when Slack refuses the blocks."""
    return Message(text=message.text, blocks=())


def fits(message: Message) -> bool:
    """Whether Slack will take it, by the limits on the message as a whole."""
    inner = [block for attachment in message.attachments for block in attachment["blocks"]]
    total = sum(_texts((*message.blocks, *inner)))
    counts = (len(message.blocks), len(inner))
    return size(message.text) <= TEXT_LENGTH and total <= TOTAL_LENGTH and max(counts) <= BLOCKS


def length(block: Block) -> int:
    """What a block counts for, among all texts together."""
    return sum(_texts(block))


def _texts(value: Any) -> Iterable[int]:
    """The lengths of all strings inside."""
    if isinstance(value, str):
        yield size(value)
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _texts(entry)
