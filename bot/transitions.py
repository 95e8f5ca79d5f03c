"""Every transition of an incident goes through here: the machine, its record and its messages.

A change, its timeline entry and the messages it causes are one transaction, so that none of them
can exist without the others.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot import handling
from bot.calming import leave_to_summary
from bot.incidents import watchpoint
from bot.incidents.ending import WATCH
from bot.incidents.escalation import at_once
from bot.incidents.events import Clear, Event, Join, Open, Reassess, Resolve, Settle, Vote
from bot.incidents.lifecycle import Change, Refusal, Why, advance, open_incident
from bot.incidents.losing import keep_most
from bot.incidents.model import Actor, Alert, Entry, Incident, Kind, Severity
from bot.incidents.routing import labels_of
from bot.incidents.severity import severity_of
from bot.incidents.watchpoint import Step, Watchpoint
from bot.quiet import ending_of, peace_of
from bot.rules import Rules
from bot.saying import intend, say
from bot.store import Database, Store, incidents, outbox
from bot.store import handling as handlings
from bot.store.outbox import Purpose, incident_topic
from checks.model import FORESEEN, Foreseen, Level, Verdict
from checks.policy import CheckPolicy

log = logging.getLogger(__name__)


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
        entries = incidents.timeline(db, incident_id)
        later = entries[len(entries) if seen_version is None else seen_version :]
        if incident.is_open and any(entry.changes_state for entry in later):
            return Refusal(incident=incident, why=Why.CHANGED_SINCE)
        if isinstance(event, Vote) and (cast := vote_of(entries, actor.who)):
            if cast == event.word:
                return Refusal(incident=incident, why=Why.VOTED)
            event = replace(event, again=True)
        outcome = advance(incident, event, actor, now, last_seq=len(entries))
        if isinstance(outcome, Change):
            if isinstance(event, Resolve):
                _keep_quiet(db, incident_id, now)
            _commit(db, outcome, destination, now)
    return outcome


def vote_of(entries: Sequence[Entry], who: str) -> str:
    """What a person called an incident, as they say by now; "" for nothing."""
    cast = (
        entry.reason
        for entry in reversed(entries)
        if entry.kind in (Kind.VOTED, Kind.REVOTED) and entry.actor.who == who
    )
    return next(cast, "")


def escalate(
    store: Store,
    incident_id: int,
    reason: str,
    actor: Actor,
    rules: Rules,
    now: datetime,
    *,
    seen_version: int | None = None,
) -> Change | Refusal | None:
    """The next step of its policy at once, because a person asks for it; None: no such incident.

    Refused when it has escalated or changed since the person saw it (GoAlert's rule), when it is
    held back by a silence or by maintenance, and when no step is left.
    """
    with store.writing() as db:
        incident = incidents.find_incident(db, incident_id)
        if incident is None:
            return None
        entries = incidents.timeline(db, incident_id)
        if why := _may_not_escalate(
            db, incident, entries[seen_version or len(entries) :], rules, now
        ):
            return Refusal(incident=incident, why=why)
        known = handlings.find_handling(db, incident_id)
        next_step = at_once(known.escalation, now) if known else None
        if known is None or next_step is None:
            return Refusal(incident=incident, why=Why.NO_STEP_LEFT)
        due = replace(known, escalation=next_step)
        handling.go_on(db, due, rules, now, by=actor, reason=reason)
        after = incidents.timeline(db, incident_id)[-1]
        changed = incidents.find_incident(db, incident_id)
    return Change(incident=changed or incident, entry=after)


def _may_not_escalate(
    db: Database, incident: Incident, later: Sequence[Entry], rules: Rules, now: datetime
) -> Why | None:
    if not incident.is_open:
        return Why.RESOLVED
    if any(entry.kind is Kind.ESCALATED for entry in later):
        return Why.ESCALATED_SINCE
    if any(entry.changes_state for entry in later):
        return Why.CHANGED_SINCE
    known = handlings.find_handling(db, incident.id)
    return Why.HELD if known is not None and handling.is_muted(db, known, rules, now) else None


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
            policy=_policy(db, verdict, alert, rules),
            now=now,
            at_once=verdict.foreseen is Foreseen.LIKELY,
            undecided=_is_undecided(verdict, alert),
            peace=peace_of(db, before, verdict, now),
        )
        steps[verdict.key] = step
        _carry_out(db, step, before, verdict, alert, rules, now)
        if step in (Step.OPEN, Step.STILL_STANDING):
            after = watchpoint.loud(after)
        if after != before:
            changed.append(after)
            points[verdict.key] = after
        if before.quiet_incident is not None and after.quiet_incident is None:
            ending = ending_of(db, before, step, points.values(), now)
            _end_quiet(db, before.quiet_incident, ending, rules.destination, now)
    incidents.save_watchpoints(db, changed)
    return steps


def _end_quiet(
    db: Database, resolved_id: int, ending: Settle | None, destination: str, now: datetime
) -> None:
    """What became of a fault that stood when a person resolved its incident: said in its thread,
    and its message no longer says that the fault stands."""
    if ending is not None:
        settle(db, resolved_id, ending, WATCH, destination, now)
    topic = incident_topic(resolved_id)
    for place in outbox.told_places(db, topic, Purpose.ROOT):
        intend(db, topic, place, Purpose.EDIT, now)


def _policy(db: Database, verdict: Verdict, alert: Alert | None, rules: Rules) -> CheckPolicy:
    """The check's; what flaps stays open until it was well for longer."""
    policy = rules.policies[verdict.check]
    if alert is None or verdict.level.is_trouble or not _flaps(db, alert, rules):
        return policy
    longer = max(policy.stay_clear, rules.flapping.within)
    return policy.model_copy(update={"stay_clear": longer})


def _flaps(db: Database, alert: Alert, rules: Rules) -> bool:
    """Whether it had opened so often by the time that it did so last."""
    since = alert.opened_at - rules.flapping.within
    return incidents.times_before(db, alert.key, since) >= rules.flapping.times


def _is_undecided(verdict: Verdict, alert: Alert | None) -> bool:
    """Whether a forecast between its thresholds keeps an alert open: only one that it opened."""
    opened_by_it = alert is None or alert.signal == FORESEEN
    return verdict.foreseen is Foreseen.UNDECIDED and opened_by_it


def pass_time(
    db: Database, incident: Incident, event: Event, actor: Actor, destination: str, now: datetime
) -> None:
    """What a timer does to an incident. Inside a write transaction."""
    outcome = advance(incident, event, actor, now)
    if isinstance(outcome, Change):
        _commit(db, outcome, destination, now)


def settle(
    db: Database, incident_id: int, settled: Settle, actor: Actor, destination: str, now: datetime
) -> None:
    """Say in an incident's thread how what it told of turned out, even when it is resolved.

    Inside a write transaction.
    """
    incident = incidents.find_incident(db, incident_id)
    if incident is not None:
        last = len(incidents.timeline(db, incident_id))
        outcome = advance(incident, settled, actor, now, last_seq=last)
        if isinstance(outcome, Change):
            _commit(db, outcome, destination, now)


def resume(store: Store, pause: timedelta, rules: Rules, now: datetime) -> None:
    """After a start: forget the half-counted rounds of before a pause longer than `pause`, and take
    up the handling of incidents from before there was any."""
    with store.writing() as db:
        handling.adopt(db, rules, now)
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
    severity = severity_of(verdict, now)
    if _join(db, verdict, severity, rules, now):
        return
    event = Open(
        severity=severity,
        previous_id=previous_id,
        standing=standing,
        reason=verdict.sentence,
    )
    incident_id = incidents.next_incident_id(db)
    change = open_incident(incident_id, event, _check(verdict), now)
    incidents.record(db, change)
    alert = incidents.open_alert(db, incident_id, verdict, now)
    log.info("incident %d opened: %s (%s)", incident_id, verdict.key, verdict.signal)
    handling.take_up(db, change, alert, rules, now)


def _join(db: Database, verdict: Verdict, severity: Severity, rules: Rules, now: datetime) -> bool:
    """Let an open incident of the same group speak for it, where a route groups such alerts."""
    labels = labels_of(verdict.check, verdict.subject, verdict.facts, severity)
    group_key = rules.routes.route(labels).group_key
    incident_id = handlings.open_in_group(db, group_key) if group_key else None
    incident = incidents.find_incident(db, incident_id) if incident_id else None
    if incident is None:
        return False
    happens = verdict.level is Level.BREACH and _is_ahead(_standing(db, incident.id))
    incidents.open_alert(db, incident.id, verdict, now)
    events: list[Event] = [Join(reason=verdict.sentence)]
    if happens or severity > incident.severity:
        graver = max(severity, incident.severity)
        events.append(Reassess(severity=graver, turned=verdict.sentence, came_true=happens))
    for event in events:
        outcome = advance(incident, event, _check(verdict), now)
        if isinstance(outcome, Change):
            incident = outcome.incident
            _commit(db, outcome, rules.destination, now)
    _refresh(db, incident.id, rules.destination, now)
    log.info("incident %d speaks for %s too", incident.id, verdict.key)
    return True


def _see_again(db: Database, alert: Alert, verdict: Verdict, rules: Rules, now: datetime) -> None:
    incidents.see_alert(db, alert, keep_most(alert, verdict), now)
    incident = incidents.find_incident(db, alert.incident_id)
    if incident is None:
        return
    turned = verdict.sentence if verdict.signal != alert.signal else ""
    severity = severity_of(verdict, now)
    if severity < incident.severity and _others(db, alert):
        severity = incident.severity  # the others may be as grave as it stands
    happens = alert.level is Level.EARLY and verdict.level is Level.BREACH
    came_true = happens and _is_ahead(_others(db, alert))
    event = Reassess(severity=severity, turned=turned, came_true=came_true)
    outcome = advance(incident, event, _check(verdict), now)
    if isinstance(outcome, Change):
        _commit(db, outcome, rules.destination, now)
    elif verdict.sentence != alert.sentence:
        _refresh(db, incident.id, rules.destination, now)


def _standing(db: Database, incident_id: int) -> list[Alert]:
    """The alerts that an incident speaks for now, as they were seen last."""
    alerts = incidents.alerts_of(db, [incident_id])[incident_id]
    return [each for each in alerts if each.cleared_at is None]


def _others(db: Database, alert: Alert) -> list[Alert]:
    return [each for each in _standing(db, alert.incident_id) if each.id != alert.id]


def _is_ahead(standing: Sequence[Alert]) -> bool:
    """Whether nothing has happened yet: what happens now is news to whoever took or put it off."""
    return all(each.level is Level.EARLY for each in standing)


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


def _commit(db: Database, change: Change, destination: str, now: datetime) -> None:
    """Record the change, what it means for who is told next, and the messages that it causes."""
    incidents.record(db, change)
    known = leave_to_summary(db, change, handling.follow(db, change, now), now)
    if known is None:
        say(db, change, destination, now)
        return
    if known.announced_at is not None:
        say(db, change, known.home, now)
    if known.storm_id is not None:
        outbox.refresh_soon(db, f"storm/{known.storm_id}", known.home, now)


def _refresh(db: Database, incident_id: int, destination: str, now: datetime) -> None:
    """Its message is to be edited soon, where it was announced; or the summary that tells it."""
    known = handlings.find_handling(db, incident_id)
    topic, home = incident_topic(incident_id), known.home if known else destination
    if known is not None and known.storm_id is not None:
        outbox.refresh_soon(db, f"storm/{known.storm_id}", home, now)
    elif known is None or known.announced_at is not None:
        outbox.refresh_soon(db, topic, home, now)


def _check(verdict: Verdict) -> Actor:
    return Actor(who=verdict.check, via="check")
