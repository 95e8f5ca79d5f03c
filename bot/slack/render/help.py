"""What the bot can be asked, with an example for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.slack.render.blocks import SECTION_LENGTH, context, section
from bot.slack.render.message import Message, message
from bot.slack.render.text import code, size

if TYPE_CHECKING:  # the verbs answer with messages, so they import this package
    from bot.slack.verbs import Verb

IN_THREADS = (
    "In the thread of an incident, where Slack takes no commands, mention me: `@Seamwatch ack` "
    "means that incident."
)
WHO = "Only you see the answers. Full members of this workspace can use this."


def help_answer(verbs: Sequence[Verb], command: str, first: str = "") -> Message:
    """Every verb with its examples, or one of them; `first` says why this is shown."""
    lines = [_line(verb, command) for verb in verbs]
    said = first or f"Ask me with {code(command)} and one of these:"
    return message(
        f"{said} {', '.join(verb.name for verb in verbs)}.",
        [section(said), *map(section, _sections(lines)), *context([IN_THREADS, WHO])],
    )


def unknown_verb(word: str, near: str | None, verbs: Sequence[Verb], command: str) -> Message:
    """For a word that is no verb: the nearest one, and the help."""
    meant = f" Did you mean {code(f'{command} {near}')}?" if near else ""
    return help_answer(verbs, command, f"I do not know {code(word, 60)}.{meant}")


def _sections(lines: Sequence[str]) -> Iterator[str]:
    """The lines in as few sections as take them whole."""
    held = ""
    for line in lines:
        if held and size(held) + 1 + size(line) > SECTION_LENGTH:
            yield held
            held = ""
        held = f"{held}\n{line}" if held else line
    yield held


def _line(verb: Verb, command: str) -> str:
    shown = [f"{code(f'{command} {each.typed}')}: {each.does}" for each in verb.examples]
    also = f" (also {', '.join(verb.aliases)})" if verb.aliases else ""
    return "\n".join(shown) + also
