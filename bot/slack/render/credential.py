"""One credential in words: when it ends, who looks after it, whose it is, how that is known."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot.inventory import JudgedCredential
from bot.slack.render.queue import LEVELS
from bot.slack.render.text import day, foreign, link, size, when
from checks.credentials import Held, Holder, KnownBy
from checks.declare import Source
from checks.durations import say_duration
from checks.model import Level

NAME = 60
OWNER = 40
SENTENCE = 400
NOTE = 200
ADDRESS = 400
DAY = timedelta(days=1)
HOLDERS = {Holder.PLATFORM: "the platform's", Holder.OURS: "ours", Holder.NOBODY: ""}
KNOWN = {
    KnownBy.READ: "told by the system",
    KnownBy.DECLARED: "declared",
    KnownBy.COMPUTED: "worked out from its date of issue",
}


def name_of(held: Held) -> str:
    return f"{foreign(held.system, NAME)} {foreign(held.what, NAME)}"


def one_line(judged: JudgedCredential, now: datetime) -> str:
    """For the ladder: how it stands, when it ends, who looks after it, whose it is."""
    held = judged.held
    parts = (
        f"owner {foreign(held.owner, OWNER)}" if held.owner else "",
        KNOWN.get(held.known_by, ""),
        HOLDERS[held.holder],
        "whether it is accepted is not known" if judged.signal == "undecided" else "",
        f"concerns {foreign(held.whom, 120)}" if held.whom else "",
        _source(held.source) if held.holder is Holder.NOBODY else "",
    )
    name = f"*{foreign(held.system, NAME)}* {foreign(held.what, NAME)}"
    small = "".join(f" · {part}" for part in parts if part)
    return f"{_emoji(judged)} {name}: {_end(judged, now)}{small}"


def in_full(judged: JudgedCredential, now: datetime) -> Iterator[str]:
    """All that is known, in short lines."""
    held = judged.held
    yield one_line(judged, now)
    life = timedelta(days=held.lasts_days) if held.lasts_days else None
    yield from filter(
        None,
        (
            foreign(judged.sentence, SENTENCE),
            f"Refused with: {foreign(held.why, NOTE)}" if held.why else "",
            f"It lasts {say_duration(life)} in all" if life else "",
            "Only a person can renew it" if held.needs_person else "",
            "Nobody is named as its owner" if not held.owner and _is_held(held) else "",
            foreign(held.note, NOTE),
            _source(held.source) if held.holder is not Holder.NOBODY else "",
        ),
    )


def left(ends_at: datetime, now: datetime) -> str:
    """ "ends in 12 d, 3 Dec"; hours and a time of day when it is near."""
    gap = ends_at - now
    if gap <= -DAY:
        return f"ended {-gap // DAY} d ago, {day(ends_at)}"
    if gap <= timedelta(0):
        return f"ended {say_duration(-gap)} ago, {when(ends_at)}"
    if gap < 2 * DAY:
        return f"ends in {say_duration(gap)}, {when(ends_at)}"
    return f"ends in {round(gap / DAY)} d, {day(ends_at)}"


def _end(judged: JudgedCredential, now: datetime) -> str:
    held = judged.held
    if held.refused_since is not None:
        return f"not accepted since {when(held.refused_since)}"
    if judged.signal == "rejected" and judged.level.is_trouble:
        return "not accepted now"
    if held.holder is Holder.NOBODY and held.ends_at is not None:
        return _in_force(held.ends_at, now)
    if held.renews_itself and not judged.level.is_trouble:
        until = f"; this one until {when(held.ends_at)}" if held.ends_at else ""
        return f"renews itself{until}"
    if held.ends_at is not None:
        return left(held.ends_at, now)
    return held.known_by.value if held.known_by is KnownBy.ENDLESS else "expiry not known"


def _in_force(at: datetime, now: datetime) -> str:
    return (
        f"in force since {day(at)}" if at <= now else f"in {round((at - now) / DAY)} d, {day(at)}"
    )


def _emoji(judged: JudgedCredential) -> str:
    """Nobody vouches for what has no known end, however well it works now."""
    held = judged.held
    if held.refused_since is not None:
        return LEVELS[Level.BREACH]
    known = held.ends_at is not None or held.renews_itself or held.known_by is KnownBy.ENDLESS
    return LEVELS[judged.level] if known or judged.level.is_trouble else LEVELS[Level.UNKNOWN]


def _is_held(held: Held) -> bool:
    return held.holder is not Holder.NOBODY


def _source(source: Source | None) -> str:
    """A link; nothing for a fact that stands on no page."""
    if source is None or not source.url or size(source.url) > ADDRESS:
        return ""
    return link(source.url, "source")
