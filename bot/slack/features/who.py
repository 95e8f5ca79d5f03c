"""`/seam who orders`: whose it is: who puts it right, answers for it, advises, hears of it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.incidents.escalation import TargetKind
from bot.incidents.model import Severity
from bot.incidents.routing import Routed
from bot.oncall.duty import Duty, duty_of
from bot.ownership import About, Part, Party, PartyKind
from bot.owning import about_incident
from bot.slack.asking_who import MODE, Topic, topics
from bot.slack.desk import Desk
from bot.slack.named import find_named, nearest_names
from bot.slack.render.answers import no_such
from bot.slack.render.choice import none_named, several
from bot.slack.render.message import Message
from bot.slack.render.who import Whose, which, who_answer
from bot.slack.verbs import Ask, Example, Verb, spoken
from bot.store import incidents
from checks.runs import Flow


def answer(desk: Desk, ask: Ask) -> Message:
    command = f"{spoken(ask.via)} who"
    if not ask.rest and ask.incident_id is not None:
        return _of_incident(desk, ask.incident_id)
    if not ask.rest:
        return which(command)
    known = topics(desk.store.db, desk.ownership, desk.check_titles, desk.systems)
    found = find_named(ask.said, known, lambda topic: topic.names)
    if len(found) == 1 or len({topic.name.casefold() for topic in found}) == 1:
        return who_answer(_whose(desk, found[0]), desk.directory.find)
    if found:
        choices = [(topic.name, f"{topic.kind} {topic.name}") for topic in found]
        return several("name", ask.said, choices, command)
    near = nearest_names(ask.said, [topic.name for topic in known])
    names = [topic.name for topic in known if topic.kind != MODE]
    return none_named("flow, entity, system or failure mode", ask.said, near, names)


def _of_incident(desk: Desk, incident_id: int) -> Message:
    db = desk.store.db
    incident = incidents.find_incident(db, incident_id)
    if incident is None:
        return no_such(incident_id)
    alerts = incidents.alerts_of(db, [incident_id])[incident_id]
    topic = Topic(
        kind="incident",
        name=f"#{incident_id}",
        names=(),
        about=about_incident(incident, alerts),
    )
    return who_answer(_whose(desk, topic), desk.directory.find)


def _whose(desk: Desk, topic: Topic) -> Whose:
    parts = desk.ownership.parts(topic.about)
    routed = _routed(desk, topic.about)
    return Whose(
        topic=topic,
        parts=parts,
        flows=tuple(_by_flow(desk, topic)),
        team=routed.team,
        duties=_on_call(desk, parts, routed),
    )


def _by_flow(desk: Desk, topic: Topic) -> Iterator[tuple[Flow, tuple[Party, ...]]]:
    """Its flows with who is responsible; of a failure mode only those that somebody else has."""
    own = desk.ownership.responsible(topic.about)
    for flow in topic.flows:
        about = About(flow=flow.name, flow_id=flow.id, check=topic.about.check)
        parties = desk.ownership.responsible(about)
        if topic.kind != MODE or (parties and parties != own):
            yield flow, parties


def _routed(desk: Desk, about: About) -> Routed:
    """Where an incident about it would go, were it grave."""
    return desk.rules.routes.route(
        {
            "check": about.check,
            "kind": "flow" if about.flow else "",
            "subject": about.flow,
            "id": about.flow_id,
            "flow": about.flow,
            "flow_id": about.flow_id,
            "entity": about.entity,
            "severity": Severity.HIGH.word,
        }
    )


def _on_call(desk: Desk, parts: tuple[Part, ...], routed: Routed) -> tuple[Duty, ...]:
    """The rotas that have a part, and those that the policy of its incidents tells."""
    named = [each.name for part in parts for each in part.parties if each.kind is PartyKind.ROTA]
    steps = routed.policy.steps if routed.policy else ()
    told = [target for step in steps for target in step.tell if target.kind is TargetKind.ROTA]
    now = desk.clock.now()
    arranged = desk.rotas.overrides(now)
    rotas = (desk.rotas.find(name) for name in dict.fromkeys([*named, *(t.name for t in told)]))
    return tuple(
        duty_of(rota, arranged, now, desk.rotas.trouble.get(rota.name, ""))
        for rota in rotas
        if rota is not None
    )


VERB = Verb(
    name="who",
    place=11,
    answer=answer,
    aliases=("owner", "whose"),
    examples=(
        Example(typed="who orders", does="who puts it right, answers for it, and is on call"),
        Example(typed="who 42", does="the same for incident #42"),
    ),
)
