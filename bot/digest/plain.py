"""A digest as lines of plain text: for the terminal, and for a mail beside the page."""

from __future__ import annotations

from collections.abc import Iterator

from bot.digest import phrases
from bot.digest.facts import Digest
from bot.digest.headline import asides, headline, is_calm
from bot.digest.phrases import Line, Mark
from bot.digest.wording import figures, parts_of


def lines_of(digest: Digest) -> Iterator[str]:
    """One line on a calm day, but for its title and what is not judged yet."""
    yield phrases.title(digest.period, digest.estate)
    yield phrases.covers(digest.period, digest.made_at, digest.late)
    yield ""
    yield headline(digest).text
    if is_calm(digest):
        yield from asides(digest)
        return
    yield ""
    yield from (f"{label}: {value}" for label, value in figures(digest))
    for part in parts_of(digest):
        yield ""
        yield part.title
        yield from (f"  {sentence(line, digest)}" for line in part.lines)


def sentence(line: Line, digest: Digest) -> str:
    """With its mark as a word, and whoever it is about by name."""
    said = line.text
    if line.who:
        name = phrases.name(digest.people.get(line.who, line.who))
        said = f"{said} · {line.how.format(name)}"
    return said if line.mark is Mark.PLAIN else f"{line.mark.word}: {said}"
