"""When a condition opens, stands, closes: N of M rounds in, a stay-clear time out, quiet between.

A watchpoint is what we remember of one dedup key from round to round. An unknown verdict leaves it
as it is, except that being blind does not count as being clear.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from checks.model import Level
from checks.policy import CheckPolicy


class Step(StrEnum):
    """What a round means for the alert of its key; the names are the reasons in the log."""

    FINE = "fine"
    BLIND = "blind"
    UNDECIDED = "undecided"  # well for now, by a forecast that neither opens nor closes
    PENDING = "pending"  # troubled, but not yet often enough
    QUIET = "quiet"  # troubled, but a person resolved it and it has not been ok since
    OPEN = "open"
    STILL_STANDING = "still_standing"  # resolved by a person some time ago; it never went away
    SEEN_AGAIN = "seen_again"
    CLEARING = "clearing"
    CLEARED = "cleared"


class Peace(StrEnum):
    """How trouble is kept quiet that a person has resolved while it stood."""

    FOR_A_WHILE = "for_a_while"  # as long as its policy says
    WHILE_FORESEEN = "while_foreseen"  # nothing has happened yet: until it is no longer expected
    BROKEN = "broken"  # it has happened since, or become graver than what was resolved


LONGEST_LOOK = timedelta(hours=1)
"""So long one look tells of what was between it and the last. After more, as when a clock jumps,
what was in trouble within the last few looks has to be ok for its stay-clear time from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchpoint:
    """`recent` holds one letter a round, newest last: t troubled, o ok.

    With nothing to remember it is as if it had never been, so that it need not be stored.
    """

    key: str
    recent: str = ""
    seen_at: datetime | None = None
    clear_since: datetime | None = None
    quiet_since: datetime | None = None
    quiet_incident: int | None = None


def observe(
    point: Watchpoint,
    level: Level,
    *,
    alert_is_open: bool,
    policy: CheckPolicy,
    now: datetime,
    at_once: bool = False,
    undecided: bool = False,
    peace: Peace = Peace.FOR_A_WHILE,
) -> tuple[Watchpoint, Step]:
    """The watchpoint after one more round, and what the round means.

    `at_once`: trouble opens in its first round, since a second look would tell nothing new.
    `undecided`: an OK that neither closes what is open nor ends the quiet after a person's resolve.
    `peace` is how that quiet is kept.
    """
    if level is Level.UNKNOWN:
        return replace(point, clear_since=None), Step.BLIND
    window = policy.opens_after.of
    recent = (point.recent + ("t" if level.is_trouble else "o"))[-window:]
    unseen = now - (point.seen_at or now)
    if unseen > LONGEST_LOOK and "t" in recent:
        point = replace(point, clear_since=None)
    point = replace(point, recent=recent, seen_at=now)
    if level.is_trouble:
        needed = 1 if at_once else policy.opens_after.needed
        if peace is Peace.BROKEN:
            point = loud(point)
        keeps = peace is Peace.WHILE_FORESEEN
        return _troubled(
            replace(point, clear_since=None), alert_is_open, needed, policy, now, keeps
        )
    if undecided and (alert_is_open or point.quiet_since is not None):
        return replace(point, clear_since=None), Step.UNDECIDED
    return _ok(point, alert_is_open, policy, now)


def resumed(point: Watchpoint, pause: timedelta, now: datetime) -> Watchpoint:
    """After a start: rounds from before a pause longer than `pause` do not count with today's."""
    if point.seen_at is None or now - point.seen_at <= pause:
        return point
    return replace(point, recent="", clear_since=None)


def quieted(point: Watchpoint, incident_id: int, now: datetime) -> Watchpoint:
    """A person resolved the incident while its condition may still stand."""
    return replace(point, recent="", clear_since=None, quiet_since=now, quiet_incident=incident_id)


def _troubled(
    point: Watchpoint,
    alert_is_open: bool,
    needed: int,
    policy: CheckPolicy,
    now: datetime,
    keeps_quiet: bool,
) -> tuple[Watchpoint, Step]:
    if alert_is_open:
        return point, Step.SEEN_AGAIN
    if point.quiet_since is not None:
        if keeps_quiet or now - point.quiet_since < policy.reopen_after:
            return point, Step.QUIET
        return point, Step.STILL_STANDING
    if point.recent.count("t") < needed:
        return point, Step.PENDING
    return point, Step.OPEN


def _ok(
    point: Watchpoint, alert_is_open: bool, policy: CheckPolicy, now: datetime
) -> tuple[Watchpoint, Step]:
    if not alert_is_open and point.quiet_since is None:
        return point if "t" in point.recent else Watchpoint(key=point.key), Step.FINE
    since = point.clear_since or now
    if now - since < policy.stay_clear:
        return replace(point, clear_since=since), Step.CLEARING
    return loud(replace(point, recent="")), Step.CLEARED if alert_is_open else Step.FINE


def loud(point: Watchpoint) -> Watchpoint:
    """No longer quiet: its next troubled rounds may open an incident again."""
    return replace(point, clear_since=None, quiet_since=None, quiet_incident=None)
