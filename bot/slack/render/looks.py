"""How the state of an incident shows itself: a sign, a word and a colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.incidents.model import Alert, State
from checks.model import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a state shows itself: never by colour alone."""

    emoji: str
    word: str
    colour: str


# The colours of Grafana OnCall (https://github.com/grafana/oncall); violet is ours.
LOOKS = {
    State.TRIGGERED: Look(emoji="🔴", word="Triggered", colour="#a30200"),
    State.ACKNOWLEDGED: Look(emoji="🟠", word="Acknowledged", colour="#daa038"),
    State.SNOOZED: Look(emoji="⚪", word="Snoozed", colour="#868686"),
    State.RESOLVED: Look(emoji="🟢", word="Resolved", colour="#2eb886"),
}
EARLY = Look(emoji="🟣", word="Triggered early", colour="#6f42c1")
NOT_GONE = Look(emoji="🟡", word="Resolved, but still there", colour="#daa038")
"""A person resolved it, and the fault stands: green would say that it does not."""


def speaking(alerts: Sequence[Alert]) -> Alert | None:
    """The one that speaks for its incident: open before cleared, breach before early."""
    order = {Level.BREACH: 0, Level.EARLY: 1}
    return min(
        alerts,
        key=lambda alert: (alert.cleared_at is not None, order.get(alert.level, 2), alert.id),
        default=None,
    )


def look_of(state: State, alert: Alert | None, *, stands: bool = False) -> Look:
    """How a state shows itself for what its alert says; `stands`: a person resolved it, and the
    last look still found it."""
    early = alert is not None and alert.level is Level.EARLY
    if early and state is State.TRIGGERED:
        return EARLY
    return NOT_GONE if stands and state is State.RESOLVED else LOOKS[state]
