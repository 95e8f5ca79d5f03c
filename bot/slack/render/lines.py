"""Many short lines, in groups with titles, over as many sections as they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

from bot.slack.render.blocks import Block, section
from bot.slack.render.text import size

T = TypeVar("T")

ROOM = 7000
SECTION = 2900
MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Lines under a title ("" for none); `hidden` is how many more there are than these.

    `apart` makes each line a block of its own.
    """

    title: str
    lines: Sequence[str]
    hidden: int = 0
    apart: bool = False

    @classmethod
    def of(
        cls,
        title: str,
        items: Sequence[T],
        say: Callable[[T], str],
        *,
        most: int = MOST,
        apart: bool = False,
    ) -> Self:
        """The first `most` of the items, each said in a line."""
        lines = [say(item) for item in items[:most]]
        return cls(title=title, lines=lines, hidden=len(items) - len(lines), apart=apart)


def in_sections(groups: Iterable[Group], room: int = ROOM) -> Iterator[Block]:
    """Each group as sections; a group without lines is left out.

    What finds no room is counted, and the title always stands, so that nothing is hidden.
    """
    for group in groups:
        kept = _fitting(group.lines, room)
        room -= sum(map(size, kept))
        left = len(group.lines) - len(kept) + group.hidden
        more = [f"and {left:,} more"] if left else []
        title = [group.title] if group.title and group.lines else []
        shown = [*title, *kept, *more]
        yield from map(section, shown if group.apart else _packed(shown))


def _fitting(lines: Sequence[str], room: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        room -= size(line)
        if room < 0:
            break
        kept.append(line)
    return kept


def _packed(lines: Iterable[str]) -> Iterator[str]:
    """The lines joined into texts that each fit one section."""
    text = ""
    for line in lines:
        if text and size(text) + size(line) >= SECTION:
            yield text
            text = ""
        text = f"{text}\n{line}" if text else line
    if text:
        yield text
