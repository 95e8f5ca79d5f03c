"""Small phrases of a digest, in plain text: shares, times, spans of time. Pure.

Nothing here is escaped: Slack and the page each do that in their own way. Foreign words are put on
one line, and what looks like a secret in them is struck out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from bot.digest.measures import Times, Went
from bot.digest.period import DAY, Form, Period
from bot.slack.render.text import count, foreign_plain
from checks.durations import say_duration

NAME, SENTENCE = 60, 500
FORMS = {Form.DAILY: "Digest", Form.WEEKLY: "Weekly digest", Form.MONTHLY: "Monthly digest"}
BEFORE = {
    Form.DAILY: "a week before",
    Form.WEEKLY: "the week before",
    Form.MONTHLY: "the month before",
}
LONG_WORD = 25
SEEN_ENOUGH = 0.98
LATE = timedelta(minutes=30)
"""A digest that is sent so much after it was due says so."""


class Mark(Enum):
    """How grave a line is: its sign in Slack, and its word on the page; never colour alone."""

    BAD = ("🔴", "trouble")
    HELD = ("🟠", "in hand")
    LEFT = ("🟡", "not gone")
    EARLY = ("🟣", "ahead")
    ASLEEP = ("⚪", "put off")
    UNKNOWN = ("❔", "not known")
    WELL = ("🟢", "well")
    PLAIN = ("•", "")

    @property
    def sign(self) -> str:
        return self.value[0]

    @property
    def word(self) -> str:
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing, in plain text. `how` says what the Slack user `who` has to do with it, with their
    name for {}: "{} has it"."""

    text: str
    mark: Mark = Mark.PLAIN
    who: str = ""
    how: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Lines under a title. A message shows no more than `most` of them and counts the others.
    `calls` says that a day on which it has lines is not a quiet one, `itemised` that each line is
    one of the things that the title names."""

    title: str
    lines: tuple[Line, ...]
    most: int = 5
    calls: bool = True
    itemised: bool = True

    @property
    def counted(self) -> bool:
        """Whether the number of its lines means something beside the title."""
        return self.calls and self.itemised


def name(text: str) -> str:
    return foreign_plain(text, NAME)


def clipped(text: str, most: int = SENTENCE) -> str:
    """Cut between two words, where it is too long."""
    return whole_words(foreign_plain(text, most))


def whole_words(text: str) -> str:
    """What was cut within a word, without that word; a very long one is left cut."""
    head, gap, rest = text.rpartition(" ")
    cut = text.endswith("…") and gap and len(rest) <= LONG_WORD
    return f"{head.rstrip(' ,:')} …" if cut else text


def share(value: float) -> str:
    """99.8 %; never "100 %" while one is missing, nor "0 %" while one is there."""
    if value in (0.0, 1.0):
        return f"{value:.0%}".replace("%", " %")
    return f"{min(99.9, max(0.1, round(value * 100, 1))):.1f} %"


def lengths(told: Times) -> str:
    """ "half within 3 min, 9 in 10 within 12 min"; "most within 3 min" where both are one."""
    half, most = _length(told.median), _length(told.p90)
    if told.of == 1:
        return half
    return f"most within {most}" if half == most else f"half within {half}, 9 in 10 within {most}"


def of_incidents(told: Times | None) -> str:
    return f"{lengths(told)} ({count(told.of, 'incident')})" if told else "no incident"


def acknowledged(told: Times | None, opened: int, unheld: int) -> str:
    """How long it took until somebody had them, and how many of those `opened` nobody had in hand,
    which no time to acknowledge shows."""
    if told is None and not unheld:
        return of_incidents(None)
    none = f"nobody acknowledged {_so_many(opened, unheld)}" if unheld else ""
    return "; ".join(filter(None, [of_incidents(told) if told else "", none]))


def _so_many(opened: int, unheld: int) -> str:
    if unheld < opened:
        return f"{unheld:,} of {opened:,} opened"
    return "the one that was opened" if opened == 1 else f"any of the {opened:,} opened"


def runs(went: Went, before: Went | None, period: Period) -> str:
    """ "1,204 runs, 99.8 % well (a week before 99.9 %)" """
    if not went.runs:
        return "no run has ended"
    well = f"{share(went.share)} well" if went.share is not None else "not known how they ended"
    compared = (
        f" ({BEFORE[period.form]} {share(before.share)})"
        if before is not None and before.share is not None
        else ""
    )
    unsure = f", {count(went.unsure, 'run')} with an unknown end" if went.unsure else ""
    return f"{count(went.runs, 'run')}, {well}{compared}{unsure}"


def took(went: Went, before: Went | None, period: Period) -> str:
    """ "half within 1 min, 9 in 10 within 3 min (a week before most within 58 s)"; or ""."""
    if went.took is None:
        return ""
    then = before.took if before is not None else None
    compared = f" ({BEFORE[period.form]} {lengths(then)})" if then else ""
    return f"{lengths(went.took)}{compared}"


def moment(period: Period, at: datetime) -> str:
    """By the digest's clocks: "Sat 21 Nov 08:30"."""
    local = period.local(at)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def day(period: Period, at: datetime) -> str:
    local = period.local(at)
    year = f" {local.year}" if local.year != period.date.year else ""
    return f"{local:%a} {local.day} {local:%b}{year}"


def title(period: Period, estate: str) -> str:
    told = f"{period.date:%A} {period.date.day} {period.date:%B %Y}"
    return f"{FORMS[period.form]} of {told} · {name(estate)}"


def covers(period: Period, made_at: datetime, late: timedelta = timedelta(0)) -> str:
    """From when to when, by which clocks, where these were changed in between, and whether it comes
    `late`."""
    until, so_far = moment(period, period.until), ""
    if made_at < period.until:
        until, so_far = (
            moment(period, made_at),
            f"; made before it was over (it ends {until})",
        )
    to = "to now," if period.up_to_now else "to"
    behind = f"; sent {say_duration(late)} late" if late >= LATE else ""
    span = f"{moment(period, period.since)} {to} {until} ({period.zone.key})"
    return f"{span}{clocks(period)}{so_far}{behind}"


def as_of(period: Period, made_at: datetime) -> str:
    """ "At Sat 21 Nov 08:30: " before a sentence about how it stood at its end, where that is a
    while ago; ""."""
    return f"At {moment(period, period.until)}: " if made_at - period.until >= LATE else ""


def clocks(period: Period) -> str:
    """ "; 25 h, as the clocks went back in it"; "" where they were not changed."""
    change = period.clock_change
    if not change:
        return ""
    way = "back" if change > timedelta(0) else "forward"
    whole = (
        f"{period.length / timedelta(hours=1):g} h"
        if period.length < 2 * DAY
        else say_duration(period.length)
    )
    return f"; {whole}, as the clocks went {way} in it"


def seen(observed: float) -> str:
    """What is to be said where not all of the time is known; "" where it is."""
    if observed >= SEEN_ENOUGH:
        return ""
    return f"runs are known for {share(observed)} of the time"


def _length(value: timedelta) -> str:
    return say_duration(value) if value else "1 s"
