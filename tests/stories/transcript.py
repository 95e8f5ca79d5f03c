"""What stands in a workspace for everybody to read, beside what a story expects to stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.sandbox.pagers.board import Alert

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A message of the bot in a channel: phrases in it, its edits so far (None: any number) and the
    lines of its thread, each by a phrase."""

    says: tuple[str, ...]
    edits: int | None
    lines: tuple[str, ...]
    channel: str = "integrations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A message of the bot as it stands. `lines` are the words of its thread's messages."""

    channel: str
    ts: str
    words: str
    edits: int
    lines: tuple[str, ...]

    def __str__(self) -> str:
        thread = "".join(f"\n    | {line}" for line in self.lines)
        return f"{self.channel}, {self.edits} edits: {self.words}{thread}"


def root(
    *says: str, edits: int | None = 0, lines: Sequence[str] = (), channel: str = "integrations"
) -> Root:
    return Root(says=says, edits=edits, lines=tuple(lines), channel=channel)


def differences(expected: Sequence[Root], seen: Sequence[Seen]) -> list[str]:
    """What is missing, too much or otherwise than expected; messages compare in their order.

    A direct message stands in the channel "dm:" and the person's name.
    """
    found = []
    if len(expected) != len(seen):
        found.append(f"expected {len(expected)} messages, {len(seen)} stand")
    for want, have in zip(expected, seen, strict=False):
        if want.channel != have.channel:
            found.append(f"expected a message in #{want.channel}, it stands in #{have.channel}")
        found += [f"nobody says {phrase!r}" for phrase in want.says if phrase not in have.words]
        if want.edits not in (None, have.edits):
            found.append(f"expected {want.edits} edits, there were {have.edits}")
        if len(want.lines) != len(have.lines):
            found.append(f"expected {len(want.lines)} lines, the thread has {len(have.lines)}")
        pairs = zip(want.lines, have.lines, strict=False)
        found += [f"no line says {phrase!r}" for phrase, line in pairs if phrase not in line]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One alert of a paging service: a phrase of its title, how it stands there, and what the
    service was told, act after act (not what somebody pressed there)."""

    says: str
    state: str
    told: tuple[str, ...]
    service: str = "pagerduty"


def page(says: str, *told: str, state: str | None = None, service: str = "pagerduty") -> Page:
    """One that was told `told`; it stands as the last of it left it, unless `state` is given."""
    return Page(says=says, told=told, state=state or ACTS[told[-1]], service=service)


ACTS = {"trigger": "triggered", "acknowledge": "acknowledged", "resolve": "resolved"}


def page_differences(expected: Sequence[Page], alerts: Sequence[Alert]) -> list[str]:
    """The same for the alerts of the paging services, in their order."""
    seen = [
        Page(
            says=alert.title,
            state=alert.state,
            told=tuple(each["act"] for each in alert.told),
            service=alert.service,
        )
        for alert in alerts
    ]
    if len(expected) != len(seen):
        return [f"expected {len(expected)} pages, there are {seen}"]
    return [
        f"expected {want}, there is {have}"
        for want, have in zip(expected, seen, strict=True)
        if want.says not in have.says or replace(want, says="") != replace(have, says="")
    ]


def words_of(message: Json) -> str:
    """Everything that a message shows, text after text, in the order in which it is shown."""
    inside = [message.get("blocks") or [], message.get("attachments") or []]
    return "\n".join(texts(inside)) or str(message.get("text", ""))


def texts(value: Any) -> Iterator[str]:
    """Every text object inside."""
    if isinstance(value, dict):
        if value.get("type") in ("mrkdwn", "plain_text"):
            yield value["text"]
        for entry in value.values():
            yield from texts(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from texts(entry)
