"""What whoever comes on call is told: what is open, what is silent, what ends in their shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents.handovers import Handover
from bot.incidents.model import Alert, Incident
from bot.incidents.silences import Silence
from bot.inventory import Register

UNTOLD_END = timedelta(days=7)
"""How far expiries are told when the end of the shift is not to be foreseen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An incident whose fault stands, with what its alerts say, and how long ago it opened."""

    incident: Incident
    sentence: str
    age: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """A credential, or a dated event of a vendor, that ends at `at` (UTC)."""

    system: str
    what: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """A hand-over with everything that is told then. `users` gives the Slack user ids known, by the
    person's name. `left` are not open: a person resolved them, and their fault is still there."""

    handover: Handover
    users: Mapping[str, str]
    incidents: tuple[Open, ...] = ()
    left: tuple[Open, ...] = ()
    silences: tuple[Silence, ...] = ()
    expiries: tuple[Expiry, ...] = ()


def brief(
    handover: Handover,
    users: Mapping[str, str],
    incidents: Sequence[Incident],
    alerts: Mapping[int, Sequence[Alert]],
    silences: Sequence[Silence],
    register: Register | None,
    left: Sequence[Incident] = (),
) -> Briefing:
    """`incidents` are the open ones, `left` those resolved whose fault is still there, `alerts`
    theirs by incident id, `silences` those standing."""
    at = handover.at
    return Briefing(
        handover=handover,
        users=users,
        incidents=tuple(_open(each, alerts.get(each.id, ()), at) for each in incidents),
        left=tuple(_open(each, alerts.get(each.id, ()), at) for each in left),
        silences=tuple(each for each in silences if each.since <= at < each.until),
        expiries=_expiries(register, at, handover.until or at + UNTOLD_END),
    )


def _open(incident: Incident, alerts: Sequence[Alert], at: datetime) -> Open:
    standing = [alert for alert in alerts if alert.cleared_at is None] or list(alerts)
    sentence = standing[0].sentence if standing else ""
    return Open(
        incident=incident, sentence=sentence, age=max(timedelta(0), at - incident.opened_at)
    )


def _expiries(register: Register | None, since: datetime, until: datetime) -> tuple[Expiry, ...]:
    """What ends by itself in that time and does not renew itself, the soonest first."""
    held = [judged.held for judged in register.credentials] if register else []
    found = [
        Expiry(system=each.system, what=each.what, at=each.ends_at)
        for each in held
        if each.ends_at and since <= each.ends_at < until and not each.renews_itself
    ]
    return tuple(sorted(found, key=lambda each: (each.at, each.system, each.what)))
