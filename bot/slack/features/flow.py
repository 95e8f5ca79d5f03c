"""`/seam flow NAME`: one flow: its runs, why the newest failed, its schedule, what changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot import facts, inventory
from bot.flow_settings import told_of
from bot.inventory import Inventory
from bot.ownership import About
from bot.served import service_of
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render.changed import concern_of
from bot.slack.render.choice import none_named, several
from bot.slack.render.flow import (
    LAST,
    RECENT,
    FlowView,
    Troubled,
    flow_answer,
    not_named,
    not_read,
)
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb, spoken
from bot.store import failures, flow_runs, incidents
from checks.promises.model import Promise
from checks.runs import Flow

BEFORE = 1000
LATELY, LOOKED_AT = timedelta(hours=24), 100
"""Of incidents that are over: so far back, and so many of the newest."""


def answer(desk: Desk, ask: Ask) -> Message:
    known = inventory.find_inventory(desk.store.db)
    if known is None:
        return not_read()
    found = _meant(desk, ask, known)
    if len(found) == 1:
        return flow_answer(_view(desk, found[0], known))
    command = f"{spoken(ask.via)} flow"
    if found:
        choices = [(each.id, each.name) for each in found]
        return several("flow", ask.said or f"#{ask.incident_id}", choices, command)
    if not ask.said:
        return not_named(command)
    names = [each.name for each in known.flows]
    return none_named("flow", ask.said, nearest_names(ask.said, names), names)


def _meant(desk: Desk, ask: Ask, known: Inventory) -> list[Flow]:
    """By name or id; in the thread of an incident, without a word, the flow it is about."""
    if ask.said:
        return find_named(ask.said, known.flows, lambda flow: (flow.name, flow.id))
    if ask.incident_id is None:
        return []
    alerts = incidents.alerts_of(desk.store.db, [ask.incident_id])[ask.incident_id]
    concerned = concern_of(alerts, known).flows
    return [flow for flow in known.flows if flow.id in concerned]


def _view(desk: Desk, flow: Flow, known: Inventory) -> FlowView:
    db = desk.store.db
    last = facts.find_round(db)
    return FlowView(
        flow=flow,
        inventory=known,
        runs=tuple(flow_runs.newest_runs(db, flow.id, LAST)),
        recent=flow_runs.tally_of(db, flow.id, RECENT),
        before=flow_runs.tally_of(db, flow.id, BEFORE, RECENT),
        last_good=flow_runs.last_good_run(db, flow.id),
        failure=failures.newest_failure(db, flow.id),
        incidents=tuple(_incidents(desk, flow, known)),
        links=desk.links,
        as_of=last.at if last else None,
        now=desk.clock.now(),
        parts=desk.ownership.parts(About(flow=flow.name, flow_id=flow.id)),
        promise=_promise(desk, flow),
        service=service_of(
            db, flow.id, desk.clock.now(), from_queue=flow.id in known.time_sensitive
        ),
    )


def _incidents(desk: Desk, flow: Flow, known: Inventory) -> Iterator[Troubled]:
    """Those that are about the flow: open ones first, then those that ended lately."""
    db, since = desk.store.db, desk.clock.now() - LATELY
    lately = incidents.lately_resolved(db, since, LOOKED_AT)
    found = [*incidents.open_incidents(db), *lately]
    alerts = incidents.alerts_of(db, [each.id for each in found])
    for each in found:
        own = alerts[each.id]
        if flow.id in concern_of(own, known).flows:
            check = own[0].check
            yield Troubled(incident=each, title=desk.check_titles.get(check, check))


def _promise(desk: Desk, flow: Flow) -> Promise | None:
    own = told_of(desk.ownership.told, flow)
    return own.promise.promise() if own and own.promise else None


VERB = Verb(
    name="flow",
    place=11,
    answer=answer,
    aliases=("flows",),
    examples=(
        Example(typed="flow Orders to NetSuite", does="its last runs, first error, what changed"),
    ),
)
