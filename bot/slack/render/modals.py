"""The modals by which people say more than a button can: pure, facts in, a View out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.model import Severity
from bot.slack.render.blocks import Block, context, section
from bot.slack.render.buttons import STILL_FOUND, while_it_stands
from bot.slack.render.incident import IncidentView, sentence, subject_of
from bot.slack.render.inputs import choice, moment, person, words
from bot.slack.render.text import clip, escape

REASON, SUMMARY, UNTIL, WHO, TEXT, WHAT, ROTA, SINCE = (
    "reason",
    "summary",
    "until",
    "who",
    "text",
    "what",
    "rota",
    "since",
)
"""The fields' block_ids; the same idea has the same name in each modal."""
SHORT = 500
NEXT_READER = "Whoever has it next reads here what helped."


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A modal: `title` and `submit` are plain words of at most 24 characters."""

    title: str
    submit: str
    blocks: tuple[Block, ...]


def escalate_modal(about: IncidentView) -> View:
    return _modal(
        "Escalate",
        about,
        *context([about.plan]),
        words(
            REASON, "Why now?", hint="It is told to everybody who is called.", long=True, most=SHORT
        ),
    )


def resolve_modal(about: IncidentView) -> View:
    """The summary is worth most where the incident was grave; nobody is made to write one."""
    warned = []
    if about.still_stands:
        found = STILL_FOUND[0].upper() + STILL_FOUND[1:]
        said = f"⚠️ {found}. If you resolve it now, {while_it_stands(about.reopen_after)}."
        warned = [section(said)]
    wanted = "recommended" if about.incident.worst > Severity.LOW else "if you like"
    label = f"What helped? ({wanted})"
    field = words(SUMMARY, label, hint=NEXT_READER, long=True, optional=True)
    return _modal("Resolve", about, *warned, field)


def snooze_modal(about: IncidentView, zone: str) -> View:
    return _modal(
        "Snooze",
        about,
        words(
            UNTIL,
            "For how long, or until when?",
            hint=f"Such as 90m, 18:00, Friday 9:00, morning; by the clocks of {zone}.",
            most=80,
        ),
        words(REASON, "Why? (if you like)", optional=True, most=SHORT),
    )


def assign_modal(about: IncidentView) -> View:
    hint = "They are told, and it is theirs once they take it. Until then it escalates as before."
    return _modal("Assign", about, person(WHO, "Who should take it?", hint=hint))


def note_modal(about: IncidentView) -> View:
    hint = "It stands in the thread and in the timeline."
    return _modal("Add a note", about, words(TEXT, "Note", hint=hint, long=True), submit="Add")


def silence_modal(about: IncidentView, matchers: str) -> View:
    """`matchers` are those that its incident's alerts have in common, as they would be typed."""
    return _modal(
        "Silence",
        about,
        words(
            WHAT,
            "What should be silent?",
            hint="All of these together; fewer conditions silence more.",
            initial=matchers,
            most=1000,
        ),
        words(UNTIL, "For how long, or until when?", initial="2h", most=80),
        words(REASON, "Why?", hint="For those who wonder why it is quiet.", most=SHORT),
    )


def override_modal(rotas: Sequence[str], now: datetime) -> View:
    """Somebody is on call instead of whoever the rota says."""
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return View(
        title="Stand in",
        submit="Put on call",
        blocks=(
            section("Somebody is on call instead of whoever the rota says."),
            choice(ROTA, "Rota", [(name, name) for name in rotas]),
            person(WHO, "Who is on call instead?"),
            moment(SINCE, "From", int(hour.timestamp())),
            moment(UNTIL, "Until", int((hour + timedelta(hours=8)).timestamp())),
            words(REASON, "Why? (if you like)", optional=True, most=SHORT),
        ),
    )


def _modal(title: str, about: IncidentView, *blocks: Block, submit: str = "") -> View:
    """It says first which incident is meant."""
    said = f"*#{about.incident.id} {escape(subject_of(about))}*\n{clip(sentence(about), 400)}"
    return View(title=title, submit=submit or title, blocks=(section(said), *blocks))
