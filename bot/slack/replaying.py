"""Which failed runs are meant by an incident's number or a run's id, with what is known of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from bot import inventory
from bot.acting.preview import Case, draft_of
from bot.acting.proposal import PAYLOADS_KEPT, Deed, Proposal, Stage
from bot.incidents.model import Alert, Incident
from bot.inventory import Inventory
from bot.slack.acting import KEPT, propose
from bot.slack.desk import Desk
from bot.slack.render.acts import by_menu
from bot.slack.render.answers import no_such
from bot.slack.render.changed import concern_of
from bot.slack.render.flow import not_read
from bot.slack.render.message import Message, answer
from bot.slack.render.text import code
from bot.slack.verbs import Ask, spoken
from bot.slack.words import first_word
from bot.store import Database, acts, failures, incidents
from bot.store.past import has_cleared_since
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import Flow, Run, RunStatus

AT_MOST = 20
"""Runs of one proposal: what a person can look through before approving it."""
RUN_NUMBERS = 100_000
"""A number from here on is meant for a run: incidents are counted from 1, one at a time."""
LATE = timedelta(hours=1)
"""So much earlier is looked, so that "too late" can be told from "none"."""
CREDENTIALS = "token_expiry"
"""The check whose incidents are about a credential."""
FAILED = (RunStatus.FAILURE, RunStatus.PARTIAL_SUCCESS)
FORGOTTEN = (
    "Patchworks keeps payloads for 72 hours, and {what} older, so there is nothing left to replay. "
    "Start the flow anew if it fetches its own records, or send the records again from the source."
)


def propose_for_runs(desk: Desk, ask: Ask, deed: Deed) -> Message:
    """`replay 42` for the failed runs of #42, `replay 81000001` for one run; then why."""
    known = inventory.find_inventory(desk.store.db)
    if known is None:
        return not_read()
    db = desk.store.db
    first = first_word(ask.said)
    run = acts.find_run(db, first) if first and not first.startswith("#") else None
    if run is not None:
        reason = ask.said[len(first) :].strip()
        return _of_run(desk, ask, deed, run, known, reason)
    if ask.incident_id is None:
        return _none_named(ask, deed, first)
    incident = incidents.find_incident(db, ask.incident_id)
    if incident is None:
        return no_such(ask.incident_id) if ask.incident_id < RUN_NUMBERS else _no_such_run(ask)
    return _of_incident(desk, ask, deed, incident, known)


def _none_named(ask: Ask, deed: Deed, named: str) -> Message:
    """Neither an incident nor a run was named."""
    command = f"{spoken(ask.via)} {deed}"
    why = f"{code(named, 60)} is neither an incident nor a run that I know, so nothing was done."
    how = (
        f"For an incident say {code(f'{command} 42 why')}; for one run give its number, as it "
        "stands in Patchworks, in place of 42."
    )
    return answer(why if named else "Which incident, or which run?", how)


def _no_such_run(ask: Ask) -> Message:
    return answer(
        f"I know of no run {ask.incident_id}. A run is known once a round has read it; its number "
        "stands in Patchworks beside it, and incidents name the runs they are about. Nothing was "
        "done."
    )


def _of_run(desk: Desk, ask: Ask, deed: Deed, run: Run, known: Inventory, reason: str) -> Message:
    if deed is Deed.STOP and run.finished_at is not None:
        return answer(f"Run {run.id} has ended, so there is nothing to stop.")
    if deed is not Deed.STOP and run.status not in FAILED:
        return answer(
            f"Run {run.id} has not failed ({run.status.value.replace('_', ' ')}), so there is "
            "nothing to repeat. Nothing was done."
        )
    case = _case(desk.store.db, run, known)
    if deed is Deed.REPLAY and case.is_forgotten(desk.clock.now()):
        return answer(FORGOTTEN.format(what="this one is"))
    return propose(desk, ask, draft_of(deed, [case], reason=reason[:KEPT]))


def _of_incident(desk: Desk, ask: Ask, deed: Deed, incident: Incident, known: Inventory) -> Message:
    db, now = desk.store.db, desk.clock.now()
    alerts = incidents.alerts_of(db, [incident.id])[incident.id]
    if deed is Deed.STOP:
        runs = _in_the_way(db, alerts)
    else:
        runs = _failed(db, alerts, incident, known, now)
    if not runs:
        what = "running run that is in the way" if deed is Deed.STOP else "failed run"
        none = f"I know of no {what} in #{incident.id}."
        if not desk.acts.offers(deed):
            return by_menu(deed, ["a run"], desk.links, f"{none} ")
        one = code(f"{spoken(ask.via)} {deed} RUN")
        return answer(f"{none} For a single run: {one}.")
    cases = [_case(db, run, known) for run in most_urgent_first(runs, known)]
    fresh = [each for each in cases if deed is not Deed.REPLAY or not each.is_forgotten(now)]
    if not fresh:
        return answer(FORGOTTEN.format(what="those of these runs are"))
    draft = draft_of(
        deed,
        fresh[:AT_MOST],
        reason=ask.rest[:KEPT],
        incident_id=incident.id,
        left_out=len(fresh) - len(fresh[:AT_MOST]),
    )
    return propose(desk, ask, draft)


def most_urgent_first(runs: Iterable[Run], known: Inventory) -> list[Run]:
    """Those of time-sensitive flows first; of equals the one whose payload is forgotten first."""
    return sorted(
        runs, key=lambda run: (run.flow_id not in known.time_sensitive, run.started_at, run.id)
    )


def _failed(
    db: Database, alerts: Sequence[Alert], incident: Incident, known: Inventory, now: datetime
) -> list[Run]:
    """The failed runs of the flows that it is about, and of those that its credential stopped."""
    own = concern_of(alerts, known).flows
    runs = [
        run
        for flow in known.flows
        if flow.id in own
        for run in failed_runs(db, flow, incident, now)
    ]
    rejected = concern_of([each for each in alerts if each.check == CREDENTIALS], known).instances
    if not rejected:
        return runs
    earliest, until = now - PAYLOADS_KEPT - LATE, incident.resolved_at or now
    stopped = failures.flows_failed_by(db, Cause.CREDENTIAL, rejected, earliest, until)
    return runs + [
        run
        for flow in known.flows
        if flow.id not in own and _is_stopped(flow, rejected, stopped)
        for run in failed_runs(db, flow, incident, now)
        if _may_be_by(failures.failure_of(db, run.id), rejected)
    ]


def _is_stopped(
    flow: Flow, rejected: Collection[str], stopped: Collection[tuple[str, str]]
) -> bool:
    """Whether a run of it failed by the credential of such an instance; where the log did not name
    the instance, the flow has to call it."""
    if any((flow.id, each) in stopped for each in rejected):
        return True
    return (flow.id, "") in stopped and not set(rejected).isdisjoint(flow.instance_ids)


def _may_be_by(failure: Failure | None, rejected: Collection[str]) -> bool:
    """Whether a run of a stopped flow failed by the credential too; a log that was not read tells
    nothing else."""
    if failure is None:
        return True
    return failure.cause is Cause.CREDENTIAL and failure.instance_id in ("", *rejected)


def _in_the_way(db: Database, alerts: Sequence[Alert]) -> list[Run]:
    """The running run that an incident names as the one in the way."""
    named = {
        str(alert.facts["blocking_run_id"]) for alert in alerts if "blocking_run_id" in alert.facts
    }
    found = (acts.find_run(db, run_id) for run_id in sorted(named))
    return [run for run in found if run is not None and run.finished_at is None]


def failed_runs(db: Database, flow: Flow, incident: Incident, now: datetime) -> list[Run]:
    """A flow's failures from its last success before the incident until its end, oldest first;
    those that were repeated already are left out."""
    since = acts.last_good_before(db, flow.id, incident.opened_at)
    earliest = now - PAYLOADS_KEPT - LATE
    found = acts.failed_runs(
        db, flow.id, max(since, earliest) if since else earliest, incident.resolved_at or now
    )
    return [run for run in found if acts.earlier(db, run.id) is None]


def _case(db: Database, run: Run, known: Inventory) -> Case:
    flow = next((each for each in known.flows if each.id == run.flow_id), None)
    before = acts.earlier(db, run.id)
    failure = failures.failure_of(db, run.id)
    return Case(
        flow=flow or Flow(id=run.flow_id, name=run.flow_name, enabled=None, deployed=None),
        run=run,
        failure=failure,
        earlier=_say_earlier(run, before) if before else "",
        renewed=failure is not None and _is_renewed(db, failure),
    )


def _is_renewed(db: Database, failure: Failure) -> bool:
    """Whether the credential that it failed by has been accepted again after it."""
    by_credential = failure.cause is Cause.CREDENTIAL and bool(failure.instance_id)
    return by_credential and has_cleared_since(db, CREDENTIALS, failure.instance_id, failure.at)


def _say_earlier(run: Run, before: Proposal) -> str:
    how = "was" if before.stage is Stage.EXECUTED else "may have been"
    return f"Run {run.id} {how} repeated already, by proposal {before.id}."
