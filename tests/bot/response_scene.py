"""Incident response without Slack: the real store, transitions and timers under a clock we move."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.incidents.announcing import Held
from bot.incidents.escalation import Address, Policy, Step, Target, read_target
from bot.incidents.events import Event
from bot.incidents.lifecycle import Change, Refusal, replay
from bot.incidents.model import Actor, Entry, Incident, Kind, Severity
from bot.incidents.routing import Labels, Routing
from bot.rules import Rules
from bot.store import Database, Store, handling, incidents
from bot.store.handling import Handling
from bot.timers import Timers
from bot.transitions import act, escalate, judge
from checks.model import Level, Subject, Verdict
from checks.policy import CheckPolicy, NofM
from tests.databases import new_store

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday
HERE = "slack/C1"
PRIYA, ALEX = Actor(who="UPRIYA", via="button"), Actor(who="UALEX", via="command")
AT_ONCE = CheckPolicy(
    opens_after=NofM(needed=1, of=1), stay_clear=timedelta(0), reopen_after=60 * MINUTE
)


def step(*tell: str, after: int = 0, **more: Any) -> Step:
    """Told `after` so many minutes."""
    return Step(after=after * MINUTE, tell=tuple(map(read_target, tell)), **more)


def policy(*steps: Step, name: str = "night", **more: Any) -> Policy:
    return Policy(name=name, steps=steps, fallback=(read_target("channel:#ops"),), **more)


NIGHT = policy(step("person:Priya"), step("person:Alex", "pager:pd", after=10), repeats=0)

PLACES = {
    "person:Priya": Address(kind="slack", id="UPRIYA", name="Priya"),
    "person:Alex": Address(kind="slack", id="UALEX", name="Alex"),
    "group:S9": Address(kind="group", id="S9", name="group S9"),
    "pager:pd": Address(kind="pager", id="pager/pd", name="pd"),
    "channel:#ops": Address(kind="channel", id="slack/COPS", name="#ops"),
    "channel:#home": Address(kind="channel", id=HERE, name="#home"),
}


def verdict(subject: str = "main", level: Level = Level.BREACH, **changes: object) -> Verdict:
    """About one queue of many; anything may be set otherwise."""
    told: dict[str, object] = {
        "check": "stalled_queue",
        "condition": "queue",
        "subject": Subject(kind="queue", id=subject, name=f"queue {subject}"),
        "level": level,
        "signal": "stall",
        "sentence": "Nothing has started for 2 min.",
    }
    return Verdict(**(told | changes))  # type: ignore[arg-type]


def rules(chosen: Policy | None = NIGHT, **changes: Any) -> Rules:
    """One policy for everything, and everybody of it can be reached."""
    policies = {chosen.name: chosen} if chosen else {}
    routing = Routing(
        home=HERE, policy=chosen.name if chosen else None, policies=policies, teams={}
    )
    told = {
        "policies": {"stalled_queue": AT_ONCE},
        "destination": HERE,
        "routing": routing,
        "reach": reaching(PLACES),
    }
    return Rules(**(told | changes))


def reaching(places: Mapping[str, Address]) -> Callable[..., Sequence[Address]]:
    def reach(db: Database, target: Target, severity: Severity, now: datetime) -> list[Address]:
        found = places.get(str(target))
        return [found] if found else []

    return reach


@dataclass
class Scene:
    """`muted` silences the subjects named in it, until the time beside them if there is one."""

    path: Path
    rules: Rules = field(default_factory=rules)
    at: datetime = NOON
    muted: dict[str, datetime | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = replace(self.rules, mute=self._mute)
        self.store = new_store(self.path)

    def now(self) -> datetime:
        return self.at

    def close(self) -> None:
        self.store.close()

    def restarted(self, folder: Path) -> Scene:
        """The same, read from a copy of the file: what a kill at this moment leaves."""
        copy = folder / "after.db"
        for suffix in ("", "-wal"):
            source = Path(f"{self.path}{suffix}")
            if source.exists():
                shutil.copy(source, f"{copy}{suffix}")
        again = Scene.__new__(Scene)
        again.path, again.rules, again.at, again.muted = copy, self.rules, self.at, self.muted
        again.store = Store(copy)
        return again

    def see(self, *verdicts: Verdict) -> None:
        with self.store.writing() as db:
            judge(db, verdicts, self.rules, self.at)

    def see_all(self, count: int, **changes: object) -> None:
        self.see(*(verdict(f"q{number}", **changes) for number in range(count)))  # type: ignore[arg-type]

    def tick(self, later: timedelta = timedelta(0)) -> None:
        self.at += later
        Timers(self.store, self, self.rules, lambda: None).run_due()  # type: ignore[arg-type]

    def pass_by(self, whole: timedelta, every: timedelta = MINUTE) -> None:
        """With a tick every so often."""
        end = self.at + whole
        while self.at < end:
            self.tick(min(every, end - self.at))

    def do(
        self, event: Event, by: Actor = PRIYA, incident_id: int = 1, seen: int | None = None
    ) -> Change | Refusal | None:
        return act(self.store, incident_id, event, by, self.at, destination=HERE, seen_version=seen)

    def escalate(
        self, by: Actor = ALEX, incident_id: int = 1, seen: int | None = None
    ) -> Change | Refusal | None:
        return escalate(
            self.store, incident_id, "it burns", by, self.rules, self.at, seen_version=seen
        )

    def incident(self, incident_id: int = 1) -> Incident:
        found = incidents.find_incident(self.store.db, incident_id)
        assert found is not None
        return found

    def handling(self, incident_id: int = 1) -> Handling:
        found = handling.find_handling(self.store.db, incident_id)
        assert found is not None
        return found

    def timeline(self, incident_id: int = 1) -> list[Entry]:
        return incidents.timeline(self.store.db, incident_id)

    def kinds(self, incident_id: int = 1) -> list[Kind]:
        return [entry.kind for entry in self.timeline(incident_id)]

    def told(self, incident_id: int = 1) -> list[str]:
        """What each step of the policy said of whom it told."""
        return [
            str(entry.data["told"])
            for entry in self.timeline(incident_id)
            if entry.kind is Kind.ESCALATED
        ]

    def messages(self, topic: str = "incident/1") -> list[str]:
        sql = "SELECT purpose, destination FROM outbox WHERE topic = ? ORDER BY number"
        return [f"{row[0]} {row[1]}" for row in self.store.db.execute(sql, [topic])]

    def send_all(self) -> None:
        sent = "UPDATE outbox SET state = 'sent', ts = number WHERE state = 'pending'"
        self.store.db.execute(sent)

    def check_replays(self) -> None:
        for row in self.store.db.query("SELECT id FROM incidents"):
            assert replay(row["id"], self.timeline(row["id"])) == self.incident(row["id"])

    def _mute(self, db: Database, labels: Labels, now: datetime) -> Held | None:
        if labels["id"] not in self.muted:
            return None
        return Held(reason="silence 7 (works)", until=self.muted[labels["id"]])
