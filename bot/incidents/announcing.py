"""Whether an open incident is told to everybody now, or held back, why and until when. Pure.

What is held back is recorded all the same, and its end is always told when its beginning was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Held back for `reason`; looked at again at every tick, `until` is for people. `who` is the
    Slack user id of the person who wants it so, "" for nobody's."""

    reason: str
    until: datetime | None = None
    by_storm: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """`group_wait` is how long the first word of what is not grave waits for others of its kind
    (none by default: a warning is told at once); while `storm` incidents or more are open and in
    nobody's hand, further ones no graver are told in one summary; what is further than `days_away`
    waits for working hours.

    After a storm nothing of its summary is announced for `settling`, because what has one cause
    clears within a few rounds; more than `singly` that still stand then are told in one message.
    """

    group_wait: timedelta = timedelta(0)
    storm: int = 20
    days_away: timedelta = timedelta(hours=24)
    settling: timedelta = timedelta(minutes=3)
    singly: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """Of one incident that has not been announced: `mute` says what silences it, `expected_at`
    when what it warns of is expected, `unattended` how many others, at least as grave, are in
    nobody's hand though they were announced or are told in the summary, `storm_ended_at` when the
    storm was over in whose summary it stands."""

    severity: Severity
    opened_at: datetime
    expected_at: datetime | None
    mute: Held | None
    unattended: int
    storm_ended_at: datetime | None = None


IN_SUMMARY = "many are open at once, and one summary tells them all"


def held_back(
    about: Circumstances, noise: Noise, work_begins: Callable[[datetime], datetime], now: datetime
) -> Held | None:
    """Why an incident is not announced now; None when it is."""
    if about.mute is not None:
        return about.mute
    if about.severity is Severity.LOW and now - about.opened_at < noise.group_wait:
        return Held(
            reason="it waits for others of its kind", until=about.opened_at + noise.group_wait
        )
    far = about.expected_at is not None and about.expected_at - now > noise.days_away
    if about.severity is Severity.LOW and far and (opens := work_begins(now)) > now:
        return Held(reason="it is days away and waits for working hours", until=opens)
    if about.unattended >= noise.storm:
        return Held(reason=IN_SUMMARY, by_storm=True)
    if about.storm_ended_at is not None and now - about.storm_ended_at < noise.settling:
        return Held(reason=IN_SUMMARY, until=about.storm_ended_at + noise.settling)
    return None
