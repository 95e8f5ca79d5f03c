"""`/seam status`: whether the watch itself is well, what it cannot see, and how a system stands."""

from __future__ import annotations

from bot import facts
from bot.facts import RoundFacts
from bot.slack.desk import Desk
from bot.slack.render.message import Message
from bot.slack.render.status import Handled, status_answer
from bot.slack.render.system import system_answer
from bot.slack.verbs import Ask, Example, Verb
from bot.store import Database, incidents, outbox


def answer(desk: Desk, ask: Ask) -> Message:
    db = desk.store.db
    systems = facts.find_systems(db)
    if ask.said:
        return system_answer(ask.said, systems, desk.clock.now())
    found = facts.find_round(db)
    return status_answer(
        found,
        incidents.open_incidents(db),
        outbox.waiting_count(db),
        desk.connection(),
        desk.clock.now(),
        systems,
        facts.find_settings(db),
        facts.find_backfill(db),
        facts.find_learning(db),
        _handled(db, found),
    )


def _handled(db: Database, found: RoundFacts | None) -> dict[str, Handled]:
    """By key, how each thing in trouble is handled; it is in no incident that is not named here."""
    keys = {each.key for each in found.trouble} if found else set()
    told = {
        key: Handled(incident_id=point.quiet_incident, resolved=True)
        for key, point in incidents.watchpoints(db).items()
        if key in keys and point.quiet_incident is not None
    }
    standing = incidents.open_alerts(db)
    return told | {
        key: Handled(incident_id=standing[key].incident_id) for key in keys & standing.keys()
    }


VERB = Verb(
    name="status",
    place=2,
    answer=answer,
    examples=(
        Example(typed="status", does="whether I can see everything, and what is open"),
        Example(typed="status netsuite-live", does="one system: limits, credential, last look"),
    ),
)
