"""Tells people of a proposal: a line in its incident's thread, or a notice in the channel."""

from __future__ import annotations

import threading
import time
from datetime import datetime

from bot import transitions
from bot.acting.proposal import Proposal, Stage
from bot.acting.routes import MENUS
from bot.incidents.events import Act
from bot.incidents.model import Actor, Kind
from bot.saying import intend
from bot.store import Database, Store, acts, handling, incidents, outbox
from bot.store.outbox import Purpose

ITSELF = Actor(who="Seamwatch", via="timer")
TOPIC = "act/"
DECIDED = "decided"
"""Topics such as `decided/3`: the line in a thread that proposed it is to be replaced."""
_ONE_AT_A_TIME = threading.Lock()
"""Verbs tell from threads of their own, and the loop tells what is not told yet."""
BEGINNINGS = {
    Stage.PENDING: "proposed",
    Stage.APPROVED: "approved, being carried out",
    Stage.REFUSED: "turned down",
    Stage.EXPIRED: "lapsed",
    Stage.EXECUTED: "carried out",
    Stage.FAILED: "not done",
    Stage.UNKNOWN: "not known whether it was done",
}


def tell(store: Store, proposal: Proposal, via: str, destination: str, now: datetime) -> None:
    """Once for each change, also when it is called again after a crash.

    `via` is through what a person did it; `destination` is where incidents are announced.
    """
    with _ONE_AT_A_TIME:
        if not acts.is_told(store.db, proposal):
            _tell(store, proposal, via, destination, now)


def _tell(store: Store, proposal: Proposal, via: str, destination: str, now: datetime) -> None:
    said = say_standing(proposal)
    if said and proposal.draft.incident_id is not None:
        _tell_thread(store, proposal, said, _actor(proposal, via), destination, now)
    with store.writing() as db:
        if acts.is_told(db, proposal):
            return
        if said:
            _tell_beside(db, proposal, said, _channel_for(store, proposal, destination), now)
        if said and proposal.stage is not Stage.PENDING and proposal.draft.incident_id is not None:
            _line_is_decided(db, proposal, place_of(store, proposal, destination), now)
        acts.told(db, proposal)


def _tell_beside(db: Database, proposal: Proposal, said: str, place: str, now: datetime) -> None:
    """A message of its own at `place` ("": none is due), which later ones change in place; what
    came of it is a line under it."""
    topic = f"{TOPIC}{proposal.id}"
    standing = outbox.told_places(db, topic, Purpose.ROOT)
    if place and not standing:
        intend(db, topic, place, Purpose.ROOT, now, step=proposal.version)
    for each in standing:
        intend(db, topic, each, Purpose.EDIT, now)
    if place in (standing or [place]) and place and proposal.stage.is_over:
        intend(db, topic, place, Purpose.LINE, now, step=proposal.version, body=said)


def _line_is_decided(db: Database, proposal: Proposal, place: str, now: datetime) -> None:
    """The line that proposed it loses its buttons."""
    outbox.enqueue_notice(
        db,
        topic=f"{DECIDED}/{proposal.id}",
        destination=place,
        step=proposal.version,
        body="",
        created_at=now,
        due=time.time(),
    )


def say_standing(proposal: Proposal) -> str:
    """Where it stands, as plain text; "" for what nobody needs to be told."""
    if proposal.stage not in BEGINNINGS:
        return ""
    said = f"Proposal {proposal.id} {BEGINNINGS[proposal.stage]}"
    match proposal.stage:
        case Stage.PENDING:
            more = f"{proposal.draft.preview[0]} {_because(proposal.draft.reason)}"
        case Stage.APPROVED | Stage.REFUSED:
            more = _because(proposal.approval_reason)
        case Stage.UNKNOWN:
            menu = MENUS[proposal.draft.deed]
            more = f"{proposal.result} Look in Patchworks ({menu}) before it is proposed again."
        case _:
            more = proposal.result
    return f"{said}: {more}".rstrip(" :")


def place_of(store: Store, proposal: Proposal, home: str) -> str:
    """Where its incident is announced; `home` for one that belongs to none."""
    number = proposal.draft.incident_id
    known = handling.find_handling(store.db, number) if number is not None else None
    return known.home if known else home


def _tell_thread(
    store: Store, proposal: Proposal, said: str, actor: Actor, destination: str, now: datetime
) -> None:
    number = proposal.draft.incident_id
    if number is None or _is_told(store, number, proposal, said):
        return
    event = Act(text=said, proposal=proposal.id)
    transitions.act(store, number, event, actor, now, destination=destination)


def _is_told(store: Store, incident_id: int, proposal: Proposal, said: str) -> bool:
    """Whether the timeline has it already: a process died before it could write that down."""
    return any(
        entry.kind is Kind.ACTED
        and entry.data.get("proposal") == proposal.id
        and entry.reason == said
        for entry in incidents.timeline(store.db, incident_id)
    )


def _channel_for(store: Store, proposal: Proposal, destination: str) -> str:
    """Where it is said outside any thread: for no incident, and for one that was not announced."""
    number = proposal.draft.incident_id
    known = handling.find_handling(store.db, number) if number is not None else None
    if number is None or (known is not None and known.announced_at is None):
        return known.home if known else destination
    return ""


def _actor(proposal: Proposal, via: str) -> Actor:
    match proposal.stage:
        case Stage.PENDING:
            return Actor(who=proposal.proposer, via=via)
        case Stage.APPROVED | Stage.REFUSED if proposal.approver:
            return Actor(who=proposal.approver, via=via)
        case _:
            return ITSELF


def _because(reason: str) -> str:
    return f"Reason: {reason.rstrip('.')}." if reason else ""
