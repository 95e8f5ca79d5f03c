"""What the bot can be asked, with an example for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bot.slack.render.blocks import SECTION_LENGTH, context, section
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import code, size

if TYPE_CHECKING:  # the verbs answer with messages, so they import this package
    from bot.slack.verbs import Verb

TYPED = 120
IN_THREADS = (
    "In the thread of an incident, where Slack takes no commands, mention me: `@Seamwatch ack` "
    "means that incident."
)
WHO = "Only you see the answers. Full members of this workspace can use this."


HEADINGS: Sequence[tuple[str, Sequence[str]]] = (
    (
        "How things stand",
        ["queue", "status", "incidents", "show", "limits", "tokens", "flow", "home"],
    ),
    (
        "An incident in hand",
        ["ack", "unack", "take", "confirm", "resolve", "note", "runbook", "check", "report"],
    ),
    ("Others, and later", ["escalate", "assign", "snooze", "unsnooze", "vote"]),
    ("Keeping it quiet", ["silence", "unsilence", "maintenance"]),
    ("Whose it is, and who is on call", ["who", "oncall", "override", "cover", "swap", "link"]),
    ("What is coming", ["forecast", "whatif"]),
    (
        "Doing something on Patchworks",
        ["start", "replay", "retry", "stop", "disable", "priority", "acts", "approve", "refuse"],
    ),
    ("For managers, and whether everything arrived", ["digest", "reconcile"]),
    ("This list", ["help"]),
)
"""Every verb stands under one of them, in this order."""


def help_answer(verbs: Sequence[Verb], command: str) -> Message:
    """Every verb with its examples under headings, or those of one verb."""
    by_name = {verb.name: verb for verb in verbs}
    shown = []
    for heading, names in HEADINGS:
        lines = [_line(by_name[name], command) for name in names if name in by_name]
        first = [f"*{heading}*"] if len(verbs) > 1 and lines else []
        shown += [*_sections([*first, *lines])] if lines else []
    said = f"Ask me with {code(command)} and one of these:"
    return message(
        f"{said} {', '.join(verb.name for verb in verbs)}.",
        [section(said), *map(section, shown), *context([IN_THREADS, WHO])],
    )


def unknown_verb(
    word: str, near: str | None, verbs: Sequence[Verb], command: str, typed: str = ""
) -> Message:
    """For a word that is no verb: the nearest one with what else was `typed`, and how to say it;
    without one the names of all."""
    first = f"I do not know {code(word, 60)}."
    everything = f"{code(f'{command} help')} tells how to say each."
    meant = next((verb for verb in verbs if verb.name == near), None)
    if meant is None:
        return answer(f"{first} These I know:", _names(verbs), small=[everything])
    said = code(f"{command} {meant.name} {typed}".strip(), TYPED)
    return answer(f"{first} Did you mean {said}?", _line(meant, command), small=[everything])


def _names(verbs: Sequence[Verb]) -> str:
    known = {verb.name for verb in verbs}
    told = [(head, [name for name in names if name in known]) for head, names in HEADINGS]
    return "\n".join(f"*{head}:* {', '.join(names)}" for head, names in told if names)


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
