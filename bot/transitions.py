"""Every transition of an incident goes through here: the machine, its record and its messages.

A change, its timeline entry and the messages it causes are one transaction, so that none of them
can exist without the others.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.incidents import watchpoint
from bot.incidents.lifecycle import (
    Change,
    Clear,
    Event,
    Open,
    Reassess,
    Refusal,
    Resolve,
    Why,
    advance,
    open_incident,
)
from bot.incidents.lifecycle import settle as settled
from bot.incidents.model import Actor, Alert, Entry, Kind
from bot.incidents.severity import severity_of
from bot.incidents.watchpoint import Step, Watchpoint
from bot.store import Database, Store, incidents, outbox
from bot.store.outbox import Purpose
from checks.model import FORESEEN, Foreseen, Verdict
from checks.policy import CheckPolicy

log = logging.getLogger(__name__)

OPENING = 1
"""The first entry of every incident. Its line in the thread is a picture of what is foreseen."""
REFRESH_SECONDS = 45.0
"""How long a change of mere numbers waits for the next one (Grafana OnCall's debounce)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What turns verdicts into transitions: the policy of each check, and where incidents are
    announced (a destination such as `slack/C0123`)."""

    policies: Mapping[str, CheckPolicy]
    destination: str


def speaks(entry: Entry) -> tuple[Purpose, ...]:
    """Which messages an entry causes."""
    match entry.kind:
        case Kind.OPENED:
            return (Purpose.ROOT,)
        case Kind.SECONDED:
            return ()
        case Kind.EASED:
            return (Purpose.EDIT,)
        case Kind.SETTLED:
            return (Purpose.LINE,)
        case _:
            return (Purpose.EDIT, Purpose.LINE)


def act(
    store: Store,
    incident_id: int,
    event: Event,
    actor: Actor,
    now: datetime,
    *,
    destination: str,
    seen_version: int | None = None,
) -> Change | Refusal | None:
    """What a person does to an incident; None when there is no such incident.

    `seen_version` is the version the person was looking at: when the incident's state has changed
    since, nothing is done.
    """
    with store.writing() as db:
        incident = incidents.find_incident(db, incident_id)
        if incident is None:
            return None
        if seen_version is not None and incident.is_open:
            later = incidents.timeline(db, incident_id)[seen_version:]
            if any(entry.changes_state for entry in later):
                return Refusal(incident=incident, why=Why.CHANGED_SINCE)
        outcome = advance(incident, event, actor, now)
        if isinstance(outcome, Change):
            if isinstance(event, Resolve):
                _keep_quiet(db, incident_id, now)
            _commit(db, outcome, destination, now)
    return outcome


def judge(
    db: Database, verdicts: Sequence[Verdict], rules: Rules, now: datetime
) -> dict[str, Step]:
    """Let one round's verdicts open, change and close incidents; returns the step of each key.

    Runs inside a write transaction.
    """
    points = incidents.watchpoints(db)
    alerts = incidents.open_alerts(db)
    steps: dict[str, Step] = {}
    changed: list[Watchpoint] = []
    for verdict in verdicts:
        before = points.get(verdict.key, Watchpoint(key=verdict.key))
        alert = alerts.get(verdict.key)
        after, step = watchpoint.observe(
            before,
            verdict.level,
            alert_is_open=alert is not None,
            policy=rules.policies[verdict.check],
            now=now,
            at_once=verdict.foreseen is Foreseen.LIKELY,
            undecided=_is_undecided(verdict, alert),
        )
        steps[verdict.key] = step
        _carry_out(db, step, before, verdict, alert, rules, now)
        if step in (Step.OPEN, Step.STILL_STANDING):
            after = watchpoint.loud(after)
        if after != before:
            changed.append(after)
    incidents.save_watchpoints(db, changed)
    return steps


def _is_undecided(verdict: Verdict, alert: Alert | None) -> bool:
    """Whether a forecast between its thresholds keeps an alert open: only one that it opened."""
    opened_by_it = alert is None or alert.signal == FORESEEN
    return verdict.foreseen is Foreseen.UNDECIDED and opened_by_it


def settle(
    db: Database, incident_id: int, said: str, actor: Actor, destination: str, now: datetime
) -> None:
    """Say in an incident's thread how its warning turned out, even when it is resolved.

    Inside a write transaction.
    """
    incident = incidents.find_incident(db, incident_id)
    if incident is not None:
        seq = len(incidents.timeline(db, incident_id)) + 1
        _commit(db, settled(incident, said, actor, now, seq=seq), destination, now)


def resume(store: Store, pause: timedelta, now: datetime) -> None:
    """After a start: forget the half-counted rounds of before a pause longer than `pause`."""
    with store.writing() as db:
        before = incidents.watchpoints(db).values()
        after = [watchpoint.resumed(point, pause, now) for point in before]
        incidents.save_watchpoints(db, after)


def _carry_out(
    db: Database,
    step: Step,
    point: Watchpoint,
    verdict: Verdict,
    alert: Alert | None,
    rules: Rules,
    now: datetime,
) -> None:
    match step:
        case Step.OPEN:
            _open(db, verdict, incidents.last_incident_of(db, verdict.key), False, rules, now)
        case Step.STILL_STANDING:
            _open(db, verdict, point.quiet_incident, True, rules, now)
        case Step.SEEN_AGAIN if alert is not None:
            _see_again(db, alert, verdict, rules, now)
        case Step.CLEARED if alert is not None:
            _clear(db, alert, verdict, rules, now)
        case _:
            return


def _open(
    db: Database,
    verdict: Verdict,
    previous_id: int | None,
    standing: bool,
    rules: Rules,
    now: datetime,
) -> None:
    event = Open(
        severity=severity_of(verdict, now),
        previous_id=previous_id,
        standing=standing,
        reason=verdict.sentence,
    )
    incident_id = incidents.next_incident_id(db)
    change = open_incident(incident_id, event, _check(verdict), now)
    also = (Purpose.LINE,) if verdict.signal == FORESEEN else ()
    _commit(db, change, rules.destination, now, also)
    incidents.open_alert(db, incident_id, verdict, now)
    log.info("incident %d opened: %s (%s)", incident_id, verdict.key, verdict.signal)


def _see_again(db: Database, alert: Alert, verdict: Verdict, rules: Rules, now: datetime) -> None:
    incidents.see_alert(db, alert, verdict, now)
    incident = incidents.find_incident(db, alert.incident_id)
    if incident is None:
        return
    turned = verdict.sentence if verdict.signal != alert.signal else ""
    event = Reassess(severity=severity_of(verdict, now), turned=turned)
    outcome = advance(incident, event, _check(verdict), now)
    if isinstance(outcome, Change):
        _commit(db, outcome, rules.destination, now)
    elif verdict.sentence != alert.sentence:
        due = time.time() + REFRESH_SECONDS
        outbox.refresh(db, incident.id, rules.destination, now, due)


def _clear(db: Database, alert: Alert, verdict: Verdict, rules: Rules, now: datetime) -> None:
    incidents.clear_alert(db, alert.id, now)
    incident = incidents.find_incident(db, alert.incident_id)
    others = incidents.alerts_of(db, [alert.incident_id])[alert.incident_id]
    if incident is None or any(other.cleared_at is None for other in others):
        return
    outcome = advance(incident, Clear(reason=verdict.sentence), _check(verdict), now)
    if isinstance(outcome, Change):
        _commit(db, outcome, rules.destination, now)
        log.info("incident %d cleared: %s", incident.id, verdict.key)


def _keep_quiet(db: Database, incident_id: int, now: datetime) -> None:
    """A person resolves: close the alerts, and be quiet until each condition has been ok."""
    points = incidents.watchpoints(db)
    alerts = incidents.alerts_of(db, [incident_id])[incident_id]
    keys = [alert.key for alert in alerts if alert.cleared_at is None]
    quiet = [
        watchpoint.quieted(points.get(key, Watchpoint(key=key)), incident_id, now) for key in keys
    ]
    for alert in alerts:
        if alert.cleared_at is None:
            incidents.clear_alert(db, alert.id, now)
    incidents.save_watchpoints(db, quiet)


def _commit(
    db: Database,
    change: Change,
    destination: str,
    now: datetime,
    also: tuple[Purpose, ...] = (),
) -> None:
    """Record the change and the messages that it causes, and `also` these."""
    incidents.record(db, change)
    for purpose in (*speaks(change.entry), *also):
        outbox.enqueue(
            db,
            incident_id=change.incident.id,
            destination=destination,
            purpose=purpose,
            created_at=now,
            due=time.time(),
            step=change.entry.seq if purpose is Purpose.LINE else None,
        )


def _check(verdict: Verdict) -> Actor:
    return Actor(who=verdict.check, via="check")
