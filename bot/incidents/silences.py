"""Silences and maintenance: whether what an alert says is held back, by what, until when. Pure.

Both hold the announcement and the escalation, never the incident itself: it is opened, recorded and
resolved as ever, and what is resolved is always told. What still stands afterwards is announced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from bot.incidents.matchers import LONGEST, Matcher, Op, match_all
from bot.incidents.windows import Span, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What matches is held back from `since` until `until` (UTC). One of the settings has a `name`
    and no number (0); `by` is a Slack user id, or "" for the settings."""

    id: int
    matchers: tuple[Matcher, ...]
    by: str
    reason: str
    since: datetime
    until: datetime
    name: str = ""

    @property
    def label(self) -> str:
        return f"silence {self.name or self.id}"

    def holds(self, labels: Mapping[str, str], at: datetime) -> bool:
        return self.since <= at < self.until and match_all(self.matchers, labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Planned work: what matches is held back while the window is on; without matchers that is
    everything. One that a person began has a number and `by`, one of the settings a `name`."""

    window: Window
    reason: str
    matchers: tuple[Matcher, ...] = ()
    name: str = ""
    id: int = 0
    by: str = ""

    @property
    def label(self) -> str:
        return f"maintenance {self.name or self.id}"

    def holds_until(self, labels: Mapping[str, str], at: datetime) -> datetime | None:
        """The end of the window that holds it back; None when nothing does."""
        if not match_all(self.matchers, labels):
            return None
        span = _under_way(self.window, at)
        return span[1] if span else None


# Asked for every incident of a storm at the same moment.
@lru_cache(maxsize=256)
def _under_way(window: Window, at: datetime) -> Span | None:
    return window.under_way(at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Something is held back: `by` reads "silence 7" or "maintenance Sunday backup", `who` is the
    person who began it, "" for the settings."""

    by: str
    until: datetime
    reason: str
    who: str = ""

    def __str__(self) -> str:
        """As it stands in the timeline: what has been hidden is counted by how this begins."""
        return f"{self.by}: {self.reason}"


def muted(
    labels: Mapping[str, str],
    silences: Iterable[Silence],
    windows: Iterable[Maintenance],
    now: datetime,
) -> Mute | None:
    """What holds an alert with these labels back the longest; None when it may speak."""
    mutes = [
        Mute(by=silence.label, until=silence.until, reason=silence.reason, who=silence.by)
        for silence in silences
        if silence.holds(labels, now)
    ]
    mutes += [
        Mute(by=window.label, until=until, reason=window.reason, who=window.by)
        for window in windows
        if (until := window.holds_until(labels, now)) is not None
    ]
    return max(mutes, key=lambda mute: mute.until, default=None)


def matchers_of(labels: Sequence[Mapping[str, str]]) -> tuple[Matcher, ...]:
    """What names exactly these: their subject, and their check when it is one. Empty when they are
    about different subjects, because whatever names all of them would name others too."""
    if not labels:
        return ()
    shared = {
        label: labels[0][label]
        for label in ("check", "kind", "subject", "id")
        if 0 < len(labels[0].get(label, "")) <= LONGEST
        and all(each.get(label) == labels[0][label] for each in labels)
    }
    if "id" not in shared:
        return ()
    return tuple(Matcher(label=label, op=Op.IS, value=value) for label, value in shared.items())
