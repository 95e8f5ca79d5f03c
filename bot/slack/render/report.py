"""The post-incident report in Slack: the line that shows its file, and the private answers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime

from bot.incidents.model import Entry
from bot.slack.render.blocks import context, section
from bot.slack.render.entries import say_entry
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import when

_MARK = re.compile(r"<(@|!date\^|!subteam\^|)([^<>|]*)(?:\|([^<>]*))?>")


def report_line(incident_id: int, entry: Entry) -> Message:
    """What stands above the file in the thread."""
    line = f"📄 {say_entry(entry)} · {when(entry.at)}"
    return message(f"#{incident_id}: {line}", [section(line)])


def report_without_file(incident_id: int, entry: Entry) -> Message:
    """The line where Slack does not take the file, and how to come by it."""
    said = report_line(incident_id, entry)
    rest = (
        "Slack does not take the file, so it is not shown here. Whoever runs Seamwatch can write "
        f"it with `seamwatch report {incident_id} --out report.md`; the log says why."
    )
    blocks = (*said.blocks, *context([rest]))
    return Message(text=f"{said.text}. {rest}", blocks=blocks)


def on_its_way(incident_id: int, *, is_open: bool) -> Message:
    said = f"The report on #{incident_id} is being written; it comes as a file into its thread."
    more = "It is still open, so the report ends with now. Ask again once it is over."
    return answer(said, small=[more] if is_open else [])


def already_on_its_way(incident_id: int) -> Message:
    return answer(f"A report on #{incident_id} is on its way into its thread already.")


def no_thread(incident_id: int) -> Message:
    """Of an incident that was held back from the start nothing stands in Slack."""
    return answer(
        f"Nothing was said of #{incident_id} in any channel, so it has no thread for a report. "
        f"Whoever runs Seamwatch can write it with `seamwatch report {incident_id}`."
    )


def unmarked(said: str, name_of: Callable[[str], str], clock: Callable[[datetime], str]) -> str:
    """What a message of ours says, without Slack's marks: people by name, times by `clock`.

    Foreign text in it was escaped, so that every mark is one of ours.
    """

    def word(mark: re.Match[str]) -> str:
        kind, target, label = mark.groups()
        if kind == "@":
            return name_of(target)
        if kind == "!date^":
            return clock(datetime.fromtimestamp(int(target.partition("^")[0]), UTC))
        return label or ("a user group" if kind else target)

    return html.unescape(_MARK.sub(word, said))
