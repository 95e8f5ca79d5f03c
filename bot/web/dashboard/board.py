"""What the page shows, as plain words: sections of rows, each with a mark. Nothing is escaped here;
the template escapes everything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from zoneinfo import ZoneInfo

from bot.reconcile_settings import ReconcileSettings
from bot.web.dashboard.bands import Drawing
from checks.model import Level

WEEK = timedelta(days=6)


class Mark(Enum):
    """How grave it is; the value is the word that stands beside the colour."""

    BAD = "trouble"
    EARLY = "ahead"
    UNKNOWN = "not known"
    WELL = "well"
    PLAIN = ""


LEVELS: Mapping[Level, Mark] = {
    Level.BREACH: Mark.BAD,
    Level.EARLY: Mark.EARLY,
    Level.UNKNOWN: Mark.UNKNOWN,
    Level.OK: Mark.WELL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`cells` go under the heads of the section after the name."""

    mark: Mark
    name: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`shown` rows stand there at once, the rest behind a click. `note` is said below the title,
    `empty` where there is no row."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...] = ()
    shown: int = 12
    note: str = ""
    empty: str = ""
    drawings: tuple[Drawing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number that is looked for first."""

    label: str
    value: str
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """The whole page, as of `made`, by the clocks of `zone`."""

    estate: str
    made: str
    zone: str
    title: str
    first: str
    mark: Mark
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the page needs besides the database. `titles` are those of the checks and `people` the
    names of Slack users, by name and by user id; `pairs` are compared with each other."""

    estate: str
    zone: ZoneInfo
    titles: Mapping[str, str] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)
    pairs: tuple[ReconcileSettings, ...] = ()

    def moment(self, at: datetime | None, now: datetime) -> str:
        """ "14:05" of today, "Fri 14:05" within a week, else "20 Nov 14:05"; with its year where
        that is another."""
        if at is None:
            return ""
        local, today = at.astimezone(self.zone), now.astimezone(self.zone)
        if local.date() == today.date():
            return f"{local:%H:%M}"
        if abs(local.date() - today.date()) <= WEEK:
            return f"{local:%a %H:%M}"
        return f"{local.day} {local:%b %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"

    def who(self, user: str | None) -> str:
        return self.people.get(user, user) if user else ""
