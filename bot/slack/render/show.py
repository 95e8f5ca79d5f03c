"""One incident with its timeline, as a private answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.incidents.model import Entry
from bot.slack.render.blocks import context, section
from bot.slack.render.entries import say_entry
from bot.slack.render.incident import IncidentView, incident_message
from bot.slack.render.message import Message
from bot.slack.render.text import count, size, when

ROOM = 2600


def incident_with_timeline(view: IncidentView) -> Message:
    """The incident's message as it stands, and under it every entry, or as many as fit."""
    shown = incident_message(view)
    lines, left_out = _fitting(view.entries)
    below = [section("*Timeline*\n" + "\n".join(lines))]
    if left_out:
        entries = "1 entry" if left_out == 1 else count(left_out, "entrie")
        below += context([f"{entries} between the first and these are not shown."])
    below += context([f"As stored {when(view.now)}."])
    return replace(shown, blocks=(*shown.blocks, *below))


def _fitting(entries: Sequence[Entry]) -> tuple[list[str], int]:
    """The first line and as many of the newest as there is room for; and how many are left out."""
    lines = [f"{when(entry.at)} · {say_entry(entry, brief=True)}" for entry in entries]
    first, later = lines[:1], lines[1:]
    room = ROOM - sum(map(size, first))
    kept: list[str] = []
    for line in reversed(later):
        room -= size(line) + 1
        if room < 0:
            break
        kept.append(line)
    return [*first, *reversed(kept)], len(later) - len(kept)
