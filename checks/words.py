"""How verdicts speak: foreign names on one line, counts with their noun."""

from __future__ import annotations

import unicodedata

CLIP = 80


def plain(text: str, at_most: int = CLIP) -> str:
    """Foreign text on one line: control and format characters become spaces, the rest is clipped.

    Markup in it is left as it is; whoever renders the sentence escapes it.
    """
    visible = text
    if not text.isprintable():
        visible = "".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text)
    line = " ".join(visible.split())
    return line if len(line) <= at_most else line[: at_most - 1].rstrip() + "…"


def flow_name(flow_id: str, name: str) -> str:
    """A flow's name for people; its id when it has none."""
    return plain(name) or f"flow {plain(flow_id)}"


def say_count(amount: int, noun: str) -> str:
    """1, "run" -> "1 run"; 14, "run" -> "14 runs"."""
    return f"{amount} {noun}" if amount == 1 else f"{amount} {noun}s"


def say_waiting(amount: int) -> str:
    return f"{say_count(amount, 'run')} {'waits' if amount == 1 else 'wait'}"


def say_number(value: float) -> str:
    """At most one decimal, none when it says nothing: 2.0 -> "2", 2.46 -> "2.5"."""
    return f"{value:.1f}".removesuffix(".0")
