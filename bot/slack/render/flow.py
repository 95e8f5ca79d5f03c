"""One flow: how its last runs went, why the newest failed, when it runs, what changed lately."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from bot.incidents.model import Incident
from bot.inventory import Inventory
from bot.ownership import Part, Role
from bot.served import Service
from bot.slack.render.blocks import context, fields, section
from bot.slack.render.changed import say_change
from bot.slack.render.lines import Group, in_sections
from bot.slack.render.links import Links
from bot.slack.render.looks import LOOKS
from bot.slack.render.message import Message, answer, message
from bot.slack.render.service import say_service
from bot.slack.render.status import OLD
from bot.slack.render.text import ago, code, count, foreign, lasted, link, size, when
from bot.store.ended_runs import Tally
from checks.declare import Cause
from checks.durations import say_duration
from checks.failures import Failure
from checks.promises.model import Promise, Served
from checks.runs import Changed, Flow, Run, RunStatus

NO_SERVICE = Service(week=Served())
LAST = 8
RECENT = 20
CHANGES = 4
INCIDENTS = 5
WELL, AND_YET = "🟢", "🟠"
"""What a green run is not shown by while an incident about the flow is open."""
SCHEDULES = 4
NAME = 80
ERROR = 400
ADDRESS = 400
OUTCOMES = {
    RunStatus.SUCCESS: ("🟢", "succeeded"),
    RunStatus.PARTIAL_SUCCESS: ("🟠", "succeeded in part"),
    RunStatus.FAILURE: ("🔴", "failed"),
    RunStatus.STOPPED: ("⚪", "was stopped"),
    RunStatus.STARTED: ("🔵", "running since"),
    RunStatus.UNKNOWN: ("⚪", "ended with an unknown status"),
}
CAUSES = {
    Cause.CREDENTIAL: "The system does not accept the credential: renew it in Patchworks.",
    Cause.NOT_PERMITTED: "The credential is accepted, but lacks a right there.",
    Cause.LIMIT: "The system's allowance was used up.",
    Cause.PASSING: "A passing fault: it may work when tried again.",
    Cause.LASTING: "A lasting fault: it fails again until something is changed.",
    Cause.UNKNOWN: "Whether it would pass by itself is not known.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubled:
    """An incident about the flow, with the title of its check."""

    incident: Incident
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowView:
    """Everything that is shown of a flow, as of `now` (UTC).

    `runs` are its newest, newest first. `recent` counts its newest ended runs, `before` those
    before them. `as_of` is when the last round was, None before the first. `incidents` are open or
    were lately, the open ones first. `parts` says whose it is, `promise` what was promised for it,
    and `service` how it served in the last five weeks.
    """

    flow: Flow
    inventory: Inventory
    runs: tuple[Run, ...]
    recent: Tally
    before: Tally
    last_good: Run | None
    failure: Failure | None
    links: Links
    as_of: datetime | None
    now: datetime
    incidents: tuple[Troubled, ...] = ()
    parts: tuple[Part, ...] = ()
    promise: Promise | None = None
    service: Service = NO_SERVICE


def not_read() -> Message:
    return answer("⚪ The flows have not been read yet; the first round is still to come.")


def not_named(command: str) -> Message:
    """None was named, and none goes without saying."""
    return answer(
        f"Which flow? Name it: {code(f'{command} Orders to NetSuite')}. A part of the name will do."
    )


def flow_answer(view: FlowView) -> Message:
    said = _first(view)
    groups = [
        Group.of("*Incidents*", view.incidents, _troubled, most=INCIDENTS),
        Group(title="*How it served*", lines=list(say_service(view.service, view.promise))),
        Group.of("*Last runs*", view.runs, lambda run: _run(run, view), most=LAST),
        Group(title="*First error of the newest failure*", lines=list(_error(view))),
        _changes(view),
    ]
    round_at = view.as_of
    small = [
        f"As of the round {when(round_at)} ({ago(round_at)})." if round_at else "",
        f"In {link(view.links.dashboard_url, 'Patchworks')}",
    ]
    return message(
        said, [section(said), *fields(_facts(view)), *in_sections(groups), *context(small)]
    )


def _first(view: FlowView) -> str:
    """How the newest ended run went, and whether the flow can run at all."""
    name = foreign(view.flow.name or f"flow {view.flow.id}", NAME)
    if view.as_of is None or view.now - view.as_of > OLD:
        since = f" was {ago(view.as_of)}" if view.as_of else " is still to come"
        return f"⚪ *{name}:* the last round{since}, so what follows is old."
    ended = next((run for run in view.runs if run.finished_at), None)
    if ended is None:
        said = f"⚪ *{name}:* no run of it that has ended is known."
    else:
        emoji, outcome = OUTCOMES[ended.status]
        if emoji == WELL and any(each.incident.is_open for each in view.incidents):
            emoji = AND_YET
        at = ended.finished_at or ended.started_at
        said = f"{emoji} *{name}:* its newest run {outcome} {ago(at)}."
    return " ".join(filter(None, [said, _open_now(view), _off(view.flow)]))


def _open_now(view: FlowView) -> str:
    """That a run which succeeded is not all there is to say."""
    numbers = [f"#{each.incident.id}" for each in view.incidents if each.incident.is_open]
    if not numbers:
        return ""
    more = f" and {len(numbers) - INCIDENTS} more" if len(numbers) > INCIDENTS else ""
    verb = "is" if len(numbers) == 1 else "are"
    return f"{', '.join(numbers[:INCIDENTS])}{more} {verb} open."


def _troubled(each: Troubled) -> str:
    incident = each.incident
    since = f"open since {when(incident.opened_at)}"
    if incident.resolved_at is not None:
        since = f"resolved {ago(incident.resolved_at)}"
    emoji = LOOKS[incident.state].emoji
    return f"{emoji} #{incident.id} {foreign(each.title, NAME)}: {since}"


def _off(flow: Flow) -> str:
    if flow.enabled is False:
        return "It is switched off."
    return "It is not deployed." if flow.deployed is False else ""


def _facts(view: FlowView) -> list[tuple[str, str]]:
    flow, inventory = view.flow, view.inventory
    critical = flow.id in inventory.time_sensitive
    return [
        ("Failed", _failed(view)),
        ("Last good run", _last_good(view)),
        ("State", _state(flow)),
        ("Schedule", _schedules(flow)),
        ("Owner", _owner(view)),
        ("Time-sensitive", "yes: a stop of it is critical" if critical else ""),
        ("Calls", _instances(view)),
    ]


def _owner(view: FlowView) -> str:
    """Who is responsible, and who answers for it."""
    named = {part.role: ", ".join(each.name for each in part.parties) for part in view.parts}
    owner = named.get(Role.RESPONSIBLE) or view.inventory.owners.get(view.flow.id, "")
    if not owner and Role.ACCOUNTABLE not in named:
        return "nobody is named under `[[flow]]`"
    answers = named.get(Role.ACCOUNTABLE)
    also = f"{foreign(answers, NAME)} answers for it" if answers and answers != owner else ""
    return "; ".join(filter(None, [foreign(owner, NAME), also]))


def _failed(view: FlowView) -> str:
    """ "5 of the last 20 runs (usual 1 in 160)"."""
    recent, before = view.recent, view.before
    if not recent.ended:
        return ""
    said = f"{recent.failed} of the last {count(recent.ended, 'run')}"
    if not before.ended:
        return f"{said} (usual not known yet)"
    one_in = f"1 in {round(before.ended / before.failed):,}" if before.failed else ""
    return f"{said} (usual {one_in or f'none of {before.ended:,}'})"


def _last_good(view: FlowView) -> str:
    run = view.last_good
    if run is None:
        return "none is known"
    at = run.finished_at or run.started_at
    return f"{when(at)} ({ago(at)})"


def _state(flow: Flow) -> str:
    told = {True: "enabled", False: "*switched off*", None: "whether enabled is not told"}
    out = {True: "deployed", False: "*not deployed*", None: "whether deployed is not told"}
    return f"{told[flow.enabled]}, {out[flow.deployed]}"


def _schedules(flow: Flow) -> str:
    if not flow.schedules:
        return "none is told"
    shown = [code(line, 60) for line in flow.schedules[:SCHEDULES]]
    left = len(flow.schedules) - SCHEDULES
    return ", ".join([*shown, *([f"and {left:,} more"] if left > 0 else [])])


def _instances(view: FlowView) -> str:
    """The instances that its steps call, by name."""
    names = {each.id: each.name for each in view.inventory.instances}
    ids = view.flow.instance_ids
    shown = [foreign(names.get(each) or f"instance {each}", 60) for each in ids[:LAST]]
    more = [f"and {len(ids) - LAST:,} more"] if len(ids) > LAST else []
    return ", ".join([*shown, *more])


def _run(run: Run, view: FlowView) -> str:
    emoji, outcome = OUTCOMES[run.status]
    took = f"took {say_duration(run.duration)}" if run.duration is not None else ""
    if run.finished_at is None:
        took = f"for {lasted(run.started_at, view.now)}"
    url, label = view.links.run(run.id), f"run {run.id}"
    named = link(url, label) if size(url) <= ADDRESS else foreign(label, NAME)
    shown = foreign(outcome, NAME)
    return " · ".join(filter(None, [f"{emoji} {shown} {when(run.started_at)}", took, named]))


def _error(view: FlowView) -> Iterator[str]:
    """The line as the log told it, what it means, and how many records it concerned."""
    failure = view.failure
    if failure is None:
        if view.runs and view.recent.failed:
            yield "Its log has not been read, or told nothing."
        return
    yield code(failure.line or "The log told nothing.", ERROR)
    records = f" {count(failure.records, 'record')} concerned." if failure.records else ""
    yield f"{CAUSES[failure.cause]}{records}"
    where = f" in step {foreign(failure.step, NAME)}" if failure.step else ""
    yield f"Run {foreign(failure.run_id, NAME)}{where}, {when(failure.at)}"


def _changes(view: FlowView) -> Group:
    """Of the flow and of the instances it calls."""
    known = view.inventory
    found = [change for change in known.changes if _concerns(view.flow, change)]
    group = Group.of(
        "*Changed lately*",
        found,
        lambda change: f"• {say_change(change, known)}, {when(change.at)}",
        most=CHANGES,
    )
    blind = f"⚪ The activity log cannot be read: {foreign(known.changes_blind, 160)}"
    if known.changes_blind:
        return replace(group, lines=[*group.lines, blind])
    return group if found else replace(group, lines=["Nothing is known to have changed lately."])


def _concerns(flow: Flow, change: Changed) -> bool:
    return change.flow_id == flow.id or change.instance_id in flow.instance_ids
