"""A runbook page as a private answer, and the list of pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.slack.render.blocks import BLOCKS, Block, context, header, section
from bot.slack.render.message import TOTAL_LENGTH, Message, answer, message
from bot.slack.render.text import clip, code, foreign_plain, size
from runbooks.book import Rendered

ROOM = TOTAL_LENGTH - 2000
SECTION = 2900
HELPS = "*What would help* (each was tried on the forecast)"


def runbook_answer(
    page: Rendered, about: str, small: Sequence[str] = (), helps: Sequence[str] = ()
) -> Message:
    """The page, section by section. `about` says what it was filled in for; `helps` are sentences
    on what would help just now, which come first."""
    said = f"Runbook: {foreign_plain(page.title, 100)}{about}"
    first = [section("\n".join([HELPS, *helps]))] if helps else []
    shown = list(_fitting(page))
    return message(said, [header(said), *first, *shown, *context(small)])


def runbook_topics(topics: Sequence[str], asked: str = "", near: str | None = None) -> Message:
    """Which pages there are, after a topic that is none or without any."""
    unknown = f"There is no runbook {code(asked, 60)}. " if asked else ""
    meant = f"Did you mean {code(f'/seam runbook {near}')}? " if near else ""
    names = ", ".join(code(topic, 60) for topic in topics[:30])
    return answer(f"{unknown}{meant}There are runbooks on: {names or 'nothing yet'}.")


def _fitting(page: Rendered) -> Iterator[Block]:
    """Sections, until a message is full."""
    room = ROOM
    for part in page.sections[: BLOCKS - 4]:
        text = clip(f"*{clip(part.heading, 200)}*\n{part.body}", min(SECTION, room))
        room -= size(text)
        yield section(text)
        if room < 200:
            return
