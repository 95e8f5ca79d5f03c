"""The one message of a storm: how many incidents, of what, and the gravest; edited in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.incidents.model import Alert, Incident
from bot.slack.render.blocks import context, header, section
from bot.slack.render.lists import row
from bot.slack.render.message import Message, message
from bot.slack.render.text import count, foreign, lasted, when

SHOWN, SHOWN_AFTERWARDS = 8, 20
KINDS = 6
RED, AMBER, GREEN = "#a30200", "#daa038", "#2eb886"


@dataclass(frozen=True, slots=True, kw_only=True)
class StormView:
    """`incidents` are those told here instead of one by one; `limit` is from how many on."""

    since: datetime
    until: datetime | None
    now: datetime
    incidents: tuple[Incident, ...]
    alerts: Mapping[int, Sequence[Alert]]
    limit: int


def storm_message(view: StormView) -> Message:
    standing = [each for each in view.incidents if each.is_open]
    standing.sort(key=lambda incident: (-incident.severity, incident.id))
    first = _sentence(view, len(standing))
    title, colour = _headline(view, len(standing))
    shown = SHOWN if view.until is None else SHOWN_AFTERWARDS
    rows = [section(row(each, view.alerts.get(each.id, ()))) for each in standing[:shown]]
    more = len(standing) - shown
    small = [
        f"{count(more, 'more incident')} as well; `/seam incidents` lists them."
        if more > 0
        else "",
        f"`/seam show {standing[0].id}` shows one, `/seam ack {standing[0].id}` takes it in hand."
        if view.until is not None and standing
        else "",
        f"From {view.limit} unattended incidents on, further ones are told here. Each is recorded.",
    ]
    return message(
        f"{title}. {first}",
        [header(title), section(f"{first}\n{_kinds(view, standing)}".strip()), *rows],
        colour=colour,
        below=context(small),
    )


def _headline(view: StormView, standing: int) -> tuple[str, str]:
    """The title, and its colour."""
    if view.until is None:
        return "🌩️ Storm", RED
    return ("🟠 The storm is over", AMBER) if standing else ("🟢 The storm is over", GREEN)


def _sentence(view: StormView, standing: int) -> str:
    opened = count(len(view.incidents), "incident")
    ends = view.until or view.now
    over = len(view.incidents) - standing
    what = f"{opened} opened within {lasted(view.since, ends)}, since {when(view.since)}"
    return f"{what}: {standing} still open, {over} resolved."


def _kinds(view: StormView, standing: Sequence[Incident]) -> str:
    """What is open, by check: "312 failing flow, 8 rate limit"."""
    checks = Counter(
        alerts[0].check.replace("_", " ")
        for each in standing
        if (alerts := view.alerts.get(each.id))
    )
    return ", ".join(
        f"{number} {foreign(check, 40)}" for check, number in checks.most_common(KINDS)
    )
