"""Answers for a name that fits several things, or none: which there are, ready to be typed."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.render.message import Message, answer
from bot.slack.render.text import code, count, foreign

OFFERED = 10
NAMED = 30
ASKED_BACK = 5
"""Flows that are offered where an act named none whole."""


def several(noun: str, asked: str, choices: Sequence[tuple[str, str]], command: str) -> Message:
    """Offers what fits: each with what to type after the command, and what that is."""
    lines = [
        f"• {code(f'{command} {typed}', 120)}: {foreign(shown, 120)}"
        for typed, shown in choices[:OFFERED]
    ]
    more = [f"and {len(choices) - OFFERED:,} more"] if len(choices) > OFFERED else []
    said = f"{code(asked, 60)} fits {count(len(choices), noun)}. Which one?"
    return answer("\n".join([said, *lines, *more]))


def which(said: str, choices: Sequence[tuple[str, str]], command: str, because: str) -> Message:
    """Asks back before anything is done to a flow: each that may be meant with what to type.
    `because` tells what is the matter with what was said, as the end of a sentence."""
    lines = [
        f"• {code(f'{command} {typed} why', 160)}"
        + ("" if shown in typed else f": {foreign(shown, 120)}")
        for typed, shown in choices[:ASKED_BACK]
    ]
    more = len(choices) - len(lines)
    if more > 0:
        lines.append(f"{count(more, 'more flow')} may be meant.")
    asked = f"Which flow? {code(said, 80)} {because}, so nothing was done. Write one of:"
    return answer("\n".join([asked, *lines]))


def none_named(noun: str, asked: str, near: Sequence[str], names: Sequence[str]) -> Message:
    """Says so, with the nearest names, or else with those there are."""
    said = f"No {noun} is called {code(asked, 60)}."
    if near:
        return answer(f"{said} Did you mean {_or([code(name, 80) for name in near])}?")
    if not names:
        return answer(f"{said} None is known yet.")
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    shown = ", ".join(foreign(name, 60) for name in names[:NAMED])
    return answer(f"{said} I know: {shown}{more}.")


def _or(names: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
