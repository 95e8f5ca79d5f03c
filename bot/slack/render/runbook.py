"""A runbook page as a private answer, and the list of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.incidents.model import Entry, Incident
from bot.slack.render.blocks import BLOCKS, Block, button, context, header, section
from bot.slack.render.buttons import CHECK, apart, value_of
from bot.slack.render.message import TOTAL_LENGTH, Message, answer, length, message
from bot.slack.render.text import clip, code, foreign_plain, mention, size, when
from runbooks.book import Rendered
from runbooks.mrkdwn import Part

ROOM = TOTAL_LENGTH - 2000
SECTION = 2900
STEP, STRUCK = 900, 300
BESIDE = 1200
"""Characters of a checklist besides its steps."""
_LINK = re.compile(r"<[^<>|]*\|([^<>]*)>")
_MARKS = re.compile(r"[*`]")
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


def checklist_answer(
    page: Rendered,
    incident: Incident,
    done: Mapping[int, Entry],
    small: Sequence[str] = (),
    helps: Sequence[str] = (),
    over: str = "",
) -> Message:
    """The page of an incident, step by step: what is `done` is struck out, with who did it; the
    rest has a button each. Steps are numbered through, so that they can be named. `over` says
    first that it is about the past."""
    said = f"Runbook: {foreign_plain(page.title, 100)} (#{incident.id})"
    first = [section(over)] if over else []
    first += [section("\n".join([HELPS, *helps]))] if helps else []
    room = BLOCKS - 4 - len(first)
    shown = list(_while_fits(_step_by_step(page, incident, done), room))
    ticked = sum(step.step in done for step in page.steps)
    told = f"{ticked} of {len(page.steps)} steps done." if ticked else ""
    return message(said, [header(said), *first, *shown, *context([told, *small])])


def _step_by_step(page: Rendered, incident: Incident, done: Mapping[int, Entry]) -> Iterator[Block]:
    place = 0
    for chapter in page.chapters:
        heading = f"*{clip(chapter.heading, 200)}*"
        for part in chapter.parts:
            if part.step is None:
                yield section(clip(f"{heading}\n{part.text}".strip(), SECTION))
                heading = ""
                continue
            if heading:
                yield section(heading)
                heading = ""
            place += 1
            yield _step(place, part, incident, done.get(part.step))


def _step(place: int, step: Part, incident: Incident, entry: Entry | None) -> Block:
    key = step.key
    if entry is None:
        tick = button("Done", apart(CHECK, key), value_of(incident, key))
        return section(f"{place}. {clip(step.text, STEP)}", tick)
    undo = button("Undo", apart(CHECK, key), value_of(incident, f"{key} undo"))
    by = f"{mention(entry.actor.who)} {when(entry.at)}"
    return section(f"✅ ~{place}. {clip(foreign_words(step.text), STRUCK)}~\n{by}", undo)


def foreign_words(mrkdwn: str) -> str:
    """Our own mrkdwn without its marks, still escaped, for where marks may not be nested."""
    return _MARKS.sub("", _LINK.sub(r"\1", mrkdwn)).replace("~", "\u223c")


def _while_fits(blocks: Iterator[Block], most: int) -> Iterator[Block]:
    """As many as a message takes, by their number and by their length."""
    room = TOTAL_LENGTH - BESIDE
    for _, block in zip(range(most), blocks, strict=False):
        room -= length(block)
        if room < 0:
            return
        yield block


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
