"""The queue as last read: how many wait, since when, who runs, and how old all this is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.facts import QueueFacts
from bot.slack.render.blocks import context, fields, section
from bot.slack.render.links import QUEUE_MENU, Links
from bot.slack.render.message import Message, answer, message
from bot.slack.render.text import ago, count, escape, foreign, lasted, link, size, stopped, when
from checks.model import Level
from checks.runs import Run

NAMED = 5
NAME = 80
SENTENCE = 500
LEVELS = {Level.OK: "🟢", Level.EARLY: "🟣", Level.BREACH: "🔴", Level.UNKNOWN: "⚪"}


def queue_answer(facts: QueueFacts | None, links: Links) -> Message:
    """Never shows what could not be read as if it were fine."""
    if facts is None:
        return answer("⚪ The queue has not been read yet; the first round is still to come.")
    if facts.read_at is None:
        return answer(f"⚪ The queue has never been readable. {_reason(facts)}")
    said = [f"{LEVELS[facts.level]} {_sentence(facts)}"]
    if facts.blind:
        unseen = f"⚪ *The queue cannot be seen.* {_reason(facts)} What follows is older."
        said = [unseen, f"When last seen: {_sentence(facts)}"]
    read = f"Read {when(facts.read_at)} ({ago(facts.read_at)})"
    first = [section(text) for text in said]
    lists = [section(text) for text in _lists(facts, facts.read_at, links)]
    small = context([read, _where(links)])
    return message(" ".join([*said, read]), [*first, *fields(_fields(facts)), *lists, *small])


def _sentence(facts: QueueFacts) -> str:
    said = foreign(facts.sentence, SENTENCE)
    if facts.level is Level.UNKNOWN and not facts.blind:
        return f"It could not be judged. {said}".strip()
    return said or f"{count(facts.waiting_total, 'run')} waiting."


def _fields(facts: QueueFacts) -> list[tuple[str, str]]:
    allowed = "an unknown number" if facts.allowance is None else str(facts.allowance)
    return [
        ("Waiting", count(facts.waiting_total, "run")),
        ("Usual for this hour", foreign(facts.usual, 200) or "not known yet"),
        ("Oldest", _oldest(facts)),
        ("Running", f"{len(facts.running)} of {allowed} allowed at once"),
        ("Drained by", when(facts.drains_at) if facts.drains_at else ""),
        ("Full by", when(facts.fills_at) if facts.fills_at else ""),
    ]


def _oldest(facts: QueueFacts) -> str:
    if not facts.waiting or facts.read_at is None:
        return "nothing waits" if facts.waiting_total == 0 else "not known"
    job = min(facts.waiting, key=lambda each: each.queued_at)
    return f"{lasted(job.queued_at, facts.read_at)} · {foreign(job.flow_name, NAME)}"


def _lists(facts: QueueFacts, at: datetime, links: Links) -> Iterator[str]:
    waiting = sorted(facts.waiting, key=lambda job: job.queued_at)
    if waiting:
        lines = [
            f"• {foreign(job.flow_name, NAME)}, for {lasted(job.queued_at, at)}"
            for job in waiting[:NAMED]
        ]
        yield "\n".join(["*Waiting longest*", *lines, *_more(facts.waiting_total)])
    running = sorted(facts.running, key=lambda run: run.started_at)
    if running:
        lines = [f"• {_run(run, at, links)}" for run in running[:NAMED]]
        yield "\n".join(["*Running longest*", *lines, *_more(len(running))])


def _run(run: Run, at: datetime, links: Links) -> str:
    url = links.run(run.id)
    label = f"run {run.id}"
    named = link(url, label) if size(url) <= 400 else foreign(label, NAME)
    return f"{foreign(run.flow_name, NAME)}, {named}, for {lasted(run.started_at, at)}"


def _more(total: int) -> list[str]:
    return [f"and {total - NAMED:,} more"] if total > NAMED else []


def _reason(facts: QueueFacts) -> str:
    since = (
        f" It has been out of sight since {when(facts.blind_since)}." if facts.blind_since else ""
    )
    return f"{stopped(foreign(facts.blind, SENTENCE))}{since}"


def _where(links: Links) -> str:
    return f"In {link(links.dashboard_url, 'Patchworks')}: {escape(QUEUE_MENU)}"
