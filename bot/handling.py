"""Announcing incidents, holding them back, and telling the next one: inside a write transaction.

What is decided is in `bot.incidents` (announcing, escalation); here it is carried out on what is
stored, each step with its entry in the timeline and its messages.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from bot.circumstances import circumstances_of, labels_named, mute_of
from bot.incidents.announcing import Held, held_back
from bot.incidents.escalation import LOW, Around, Escalation, Told, begin, stop, take_step
from bot.incidents.events import Escalate, Event, Hold, Release
from bot.incidents.lifecycle import Change, advance
from bot.incidents.model import Actor, Alert, Incident, Kind, Severity, State
from bot.incidents.routing import labels_of
from bot.leaving_out import begins_anew, left_out
from bot.rules import Rules
from bot.saying import intend, say, tell
from bot.store import Database, handling, incidents, outbox
from bot.store.handling import Handling
from bot.store.outbox import Purpose, incident_topic
from checks.model import FORESEEN

log = logging.getLogger(__name__)

OPENING = 1
"""The first entry of every incident. Its line in the thread is a picture of what is foreseen."""
AGAIN_AFTER = timedelta(minutes=1)
"""When a step that is held back without a known end is looked at again."""
NOT_ANNOUNCED = "not announced yet"
IN_HAND, SNOOZED, RESOLVED = "somebody has it in hand", "snoozed", "resolved"
_AT_REST = {State.ACKNOWLEDGED: IN_HAND, State.SNOOZED: SNOOZED, State.RESOLVED: RESOLVED}
TIMER = "timer"


def take_up(db: Database, change: Change, alert: Alert, rules: Rules, now: datetime) -> None:
    """A new incident: where it belongs, and its first word, unless it is held back."""
    incident = change.incident
    labels = labels_of(alert.check, alert.subject, alert.facts, incident.severity)
    routed = rules.routes.route(labels)
    new = Handling(
        incident_id=incident.id,
        home=routed.home,
        team=routed.team,
        group_key=routed.group_key,
        escalation=Escalation(policy=routed.policy, stopped=NOT_ANNOUNCED),
    )
    handling.save_handling(db, new)
    announce_or_hold(db, new, incident, [alert], rules, now)


def adopt(db: Database, rules: Rules, now: datetime) -> None:
    """Open incidents that an older Seamwatch announced go on by today's rules."""
    for incident in incidents.open_incidents(db):
        if handling.find_handling(db, incident.id) is None:
            alerts = incidents.alerts_of(db, [incident.id])[incident.id]
            labels = labels_named(alerts[0], incident, "") if alerts else {}
            routed = rules.routes.route(labels)
            escalation = stop(Escalation(policy=routed.policy), IN_HAND)
            if incident.state is State.TRIGGERED:
                escalation = begin(routed.policy, incident.severity, now)
            adopted = Handling(
                incident_id=incident.id,
                home=rules.destination,
                team=routed.team,
                announced_at=incident.opened_at,
                escalation=escalation,
            )
            handling.save_handling(db, adopted)


def announce_or_hold(
    db: Database,
    held: Handling,
    incident: Incident,
    alerts: Sequence[Alert],
    rules: Rules,
    now: datetime,
) -> None:
    """Say it now, or write down why not; again at every tick until it was said."""
    why = why_held(db, held, incident, alerts, rules, now)
    if why is None:
        _announce(db, held, incident, alerts, rules, now)
    elif why.reason != held.held or (why.by_storm and _is_over(db, held)):
        _hold(db, held, incident, why, now)


def why_held(
    db: Database,
    held: Handling,
    incident: Incident,
    alerts: Sequence[Alert],
    rules: Rules,
    now: datetime,
) -> Held | None:
    """Why an incident of which nothing was said is not announced now; None when it may be."""
    circumstances = circumstances_of(db, held, incident, alerts, rules, now)
    return held_back(circumstances, rules.noise, partial(rules.work_begins, held.team), now)


def announce_in_summary(
    db: Database, held: Handling, incident: Incident, rules: Rules, now: datetime
) -> None:
    """The summary of its storm stays its message in the channel; from now on people are called."""
    record(db, incident, Release(reason=held.held), rule_of(held), now)
    _begin(db, replace(held, announced_at=now, held="", held_until=None), incident, rules, now)


def _is_over(db: Database, held: Handling) -> bool:
    """Whether the storm in whose summary it stands has ended: a new one has a summary anew."""
    return held.storm_id is not None and handling.storm_ended_at(db, held.storm_id) is not None


def follow(db: Database, change: Change, now: datetime) -> Handling | None:
    """What a change means for who is told next; the handling after it, None: it has none."""
    before = handling.find_handling(db, change.incident.id)
    if before is None or before.announced_at is None:
        return before
    escalation = _escalation_after(before.escalation, change, now)
    if escalation == before.escalation:
        return before
    after = replace(before, escalation=escalation, held="", held_until=None)
    handling.save_handling(db, after)
    return after


def go_on(
    db: Database,
    due: Handling,
    rules: Rules,
    now: datetime,
    *,
    by: Actor | None = None,
    reason: str = "",
) -> int:
    """Take the step that is due, by its time or `by` a person; how many were told."""
    incident = incidents.find_incident(db, due.incident_id)
    if incident is None or not incident.is_open:
        return 0
    alerts = incidents.alerts_of(db, [incident.id])[incident.id]
    mute = mute_of(db, due, incident, alerts, rules, now)
    if mute is not None and by is None:
        _postpone(db, due, incident, mute, now)
        return 0
    if by is None and _waits_its_turn(due, now):
        release(db, due, incident, now)
        return 0
    around = Around(
        severity=incident.severity,
        seen_within=lambda within: incidents.seen_since(db, incident.id, now - within),
        reach=lambda target: rules.reach(db, target, incident.severity, now),
        work_begins=partial(rules.work_begins, due.team),
        asked=by is not None,
        passed=left_out(db, incident, by, now),
    )
    overdue = replace(due.escalation, next_at=now) if due.held else due.escalation
    after, told = take_step(overdue, around, now)
    if due.announced_at is None:
        due = _first_word(db, due, incident, alerts, now)
    if due.held:
        record(db, incident, Release(reason=due.held), rule_of(due), now)
    handling.save_handling(db, replace(due, escalation=after, held="", held_until=None))
    for each in told:
        _tell_step(db, due, each, by or rule_of(due), reason, now)
    return sum(len(each.addresses) for each in told)


def hold_what_waits(db: Database, rules: Rules, now: datetime) -> None:
    """A silence or maintenance that has begun over an open incident is said of it now, and not only
    when its next step is due: its message would promise that step all the while."""
    waiting = handling.waiting_steps(db, now)
    alerts = incidents.alerts_of(db, [each.incident_id for each in waiting])
    for each in waiting:
        incident = incidents.find_incident(db, each.incident_id)
        if incident is None or each.announced_at is None:
            continue
        mute = mute_of(db, each, incident, alerts[incident.id], rules, now)
        if mute is not None:
            _postpone(db, each, incident, mute, now)


def is_muted(db: Database, known: Handling, rules: Rules, now: datetime) -> bool:
    """Whether a silence or maintenance holds an incident back now."""
    incident = incidents.find_incident(db, known.incident_id)
    if incident is None:
        return False
    alerts = incidents.alerts_of(db, [incident.id])[incident.id]
    return mute_of(db, known, incident, alerts, rules, now) is not None


def record(
    db: Database, incident: Incident, event: Event, actor: Actor, now: datetime
) -> Change | None:
    """A change of ours that is written down, and said where its incident was announced."""
    outcome = advance(incident, event, actor, now)
    if not isinstance(outcome, Change):
        return None
    incidents.record(db, outcome)
    known = handling.find_handling(db, incident.id)
    if known is not None and known.announced_at is not None:
        say(db, outcome, known.home, now)
    if known is not None and known.storm_id is not None:
        outbox.refresh_soon(db, f"storm/{known.storm_id}", known.home, now)
    return outcome


def _announce(
    db: Database,
    held: Handling,
    incident: Incident,
    alerts: Sequence[Alert],
    rules: Rules,
    now: datetime,
) -> None:
    _begin(db, _first_word(db, held, incident, alerts, now), incident, rules, now)


def _begin(
    db: Database, announced: Handling, incident: Incident, rules: Rules, now: datetime
) -> None:
    """The policy of what was announced now."""
    escalation = begin(announced.escalation.policy, incident.severity, now)
    if why := _AT_REST.get(incident.state):
        escalation = stop(announced.escalation, why)
    said = replace(announced, escalation=escalation)
    handling.save_handling(db, said)
    if escalation.next_at is not None and escalation.next_at <= now:
        go_on(db, said, rules, now)


def _first_word(
    db: Database, held: Handling, incident: Incident, alerts: Sequence[Alert], now: datetime
) -> Handling:
    """Its message; the handling after it is yet to be saved."""
    topic = incident_topic(incident.id)
    if held.held:
        record(db, incident, Release(reason=held.held), rule_of(held), now)
    intend(db, topic, held.home, Purpose.ROOT, now)
    if any(alert.signal == FORESEEN for alert in alerts):
        intend(db, topic, held.home, Purpose.LINE, now, step=OPENING)
    return replace(held, announced_at=now, held="", held_until=None, storm_id=None)


def _hold(db: Database, held: Handling, incident: Incident, why: Held, now: datetime) -> None:
    storm_id = _storm(db, held.home, now) if why.by_storm else held.storm_id
    hold = Hold(reason=why.reason, until=why.until, who=why.who)
    record(db, incident, hold, rule_of(held), now)
    waiting = replace(held, held=why.reason, held_until=why.until, storm_id=storm_id)
    handling.save_handling(db, waiting)


def _storm(db: Database, home: str, now: datetime) -> int:
    """The storm that is on, or a new one, whose summary is then intended."""
    found = handling.open_storm(db, home)
    if found is not None:
        outbox.refresh_soon(db, f"storm/{found}", home, now)
        return found
    storm_id = handling.begin_storm(db, home, now)
    intend(db, f"storm/{storm_id}", home, Purpose.ROOT, now)
    log.warning("storm %d: what opens from now on is told in one summary", storm_id)
    return storm_id


def _postpone(db: Database, due: Handling, incident: Incident, mute: Held, now: datetime) -> None:
    """Not now. What mutes it may be ended before its time, so that it is looked at all the same. A
    step that is not due yet keeps its time."""
    at = due.escalation.next_at
    is_due = at is None or at <= now
    if due.held == mute.reason and not is_due:
        return
    if due.held != mute.reason:
        hold = Hold(reason=mute.reason, until=mute.until, who=mute.who)
        record(db, incident, hold, rule_of(due), now)
    if is_due or _was_put_off(due):
        at = max(mute.until or now, now + AGAIN_AFTER)
    held = replace(due, escalation=replace(due.escalation, next_at=at))
    handling.save_handling(db, replace(held, held=mute.reason, held_until=mute.until))


def _was_put_off(due: Handling) -> bool:
    """Whether the time of the next step is the end of what holds it back, and no more its own."""
    return bool(due.held) and due.held_until in (None, due.escalation.next_at)


def _waits_its_turn(due: Handling, now: datetime) -> bool:
    """Whether what is held back no longer need be, before its own time has come."""
    at = due.escalation.next_at
    return bool(due.held) and at is not None and at > now and not _was_put_off(due)


def release(db: Database, due: Handling, incident: Incident, now: datetime) -> None:
    """Nothing holds it back any more; what comes next has its own time."""
    handling.save_handling(db, replace(due, held="", held_until=None))
    record(db, incident, Release(reason=due.held), rule_of(due), now)


def _tell_step(
    db: Database, due: Handling, told: Told, actor: Actor, reason: str, now: datetime
) -> None:
    """Write one step down, and send it to everybody it names."""
    incident = incidents.find_incident(db, due.incident_id)
    policy = due.escalation.policy
    if incident is None or policy is None:
        return
    groups = [f"S:{each.id}" for each in told.addresses if each.kind == "group"]
    users = [each.id for each in told.addresses if each.kind == "slack"]
    event = Escalate(
        position=told.position,
        told=f"{told.words} ({policy.why_told(told.position, asked=actor.is_person)})",
        mentions=" ".join([*groups, *users]),
        aloud=_tells_home_again(due, told, now),
        reason=reason,
    )
    topic = incident_topic(incident.id)
    paged = outbox.told_places(db, topic, Purpose.PAGE)
    change = record(db, incident, event, actor, now)
    if change is None:
        return
    tell(db, change, users, now)
    told_so = paged if change.entry.changes_state else []  # with the change of state itself
    for each in told.addresses:
        if each.kind == "channel" and each.id != due.home:
            intend(db, topic, each.id, Purpose.ROOT, now, step=change.entry.seq)
        elif each.kind == "pager" and each.id not in told_so:
            intend(db, topic, each.id, Purpose.PAGE, now, step=change.entry.seq)


def _tells_home_again(due: Handling, told: Told, now: datetime) -> bool:
    """Whether a step names the channel in which the incident's message stands for a while: the line
    in its thread is then said in the channel too, or nobody would notice it there."""
    named = any(each.kind == "channel" and each.id == due.home for each in told.addresses)
    return named and due.announced_at is not None and due.announced_at < now


def _escalation_after(escalation: Escalation, change: Change, now: datetime) -> Escalation:
    incident, entry = change.incident, change.entry
    if why := _AT_REST.get(incident.state):
        return stop(escalation, why)
    if begins_anew(entry):
        begun = begin(escalation.policy, incident.severity, now)
        return _after_an_answer(begun, now) if entry.kind is Kind.ASSIGNED else begun
    is_low = incident.severity is Severity.LOW and escalation.next_at is not None
    return stop(escalation, LOW) if is_low else escalation


def _after_an_answer(begun: Escalation, now: datetime) -> Escalation:
    """Who was asked to take it has some time to do so before the policy begins."""
    if begun.policy is None or begun.next_at is None:
        return begun
    return replace(begun, next_at=max(begun.next_at, now + begun.policy.again_after))


def rule_of(held: Handling) -> Actor:
    """A rule of ours as the one who acts: the policy, else the general ones."""
    policy = held.escalation.policy
    return Actor(who=policy.name if policy else "rules", via=TIMER)
