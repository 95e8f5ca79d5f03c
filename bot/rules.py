"""What turns verdicts into incidents, and incidents into messages to people: by the settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.incidents.announcing import Held, Noise
from bot.incidents.escalation import Address, Target
from bot.incidents.holding import Patience
from bot.incidents.model import Severity
from bot.incidents.routing import Labels, Routing
from bot.store import Database
from checks.policy import CheckPolicy


class Reach(Protocol):
    """Who can be reached now through a target, for something so grave."""

    def __call__(
        self, db: Database, target: Target, severity: Severity, now: datetime
    ) -> Sequence[Address]: ...


def nobody(db: Database, target: Target, severity: Severity, now: datetime) -> Sequence[Address]:  # noqa: ARG001 (a Reach)
    return ()


def nothing_muted(db: Database, labels: Labels, now: datetime) -> Held | None:  # noqa: ARG001 (see Rules.mute)
    return None


def not_known(db: Database, now: datetime) -> frozenset[str] | None:  # noqa: ARG001 (see Rules.in_force)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flapping:
    """What opened `times` times `within` so long stays open until it was well for that long."""

    times: int = 4
    within: timedelta = timedelta(hours=1)


QUIETLY, PATIENTLY, FLAPPING = Noise(), Patience(), Flapping()
"""As it is where the settings say nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`policies` are those of the checks, `destination` is where incidents are announced (such as
    `slack/C0123`) that no route sends elsewhere. `mute` says what silences these labels now, and
    `in_force` names whatever silences anything now (None: not known)."""

    policies: Mapping[str, CheckPolicy]
    destination: str
    routing: Routing | None = None
    noise: Noise = QUIETLY
    patience: Patience = PATIENTLY
    flapping: Flapping = FLAPPING
    mute: Callable[[Database, Labels, datetime], Held | None] = nothing_muted
    in_force: Callable[[Database, datetime], frozenset[str] | None] = not_known
    reach: Reach = nobody

    @property
    def routes(self) -> Routing:
        return self.routing or Routing(home=self.destination, policies={}, teams={})

    def work_begins(self, team: str, now: datetime) -> datetime:
        """`now` while the team works, or when it does not say when it does."""
        hours = self.routes.hours_of(team)
        return hours.begin(now) if hours else now
