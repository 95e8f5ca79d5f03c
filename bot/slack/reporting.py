"""Has the report on an incident written as a file, with everybody in it by name."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from bot.reports import facts
from bot.reports.report import write
from bot.slack.desk import Desk
from bot.slack.files import Document, NoFile


async def report_file(desk: Desk, incident_id: int) -> Document:
    """The report as things stand now; written in a thread. Raises NoFile."""
    try:
        people = await _names(desk, incident_id)
        text = await asyncio.to_thread(_written, desk, incident_id, people)
    except Exception as error:
        why = f"the report on #{incident_id} could not be written ({type(error).__name__})"
        raise NoFile(why) from error
    return Document(
        name=f"incident-{incident_id}.md",
        title=f"Report on incident #{incident_id}",
        content=text.encode(),
    )


def _written(desk: Desk, incident_id: int, people: Mapping[str, str]) -> str:
    around = facts.Around(
        zone=desk.zone,
        estate=desk.estate,
        titles=desk.check_titles,
        book=desk.book,
        ownership=desk.ownership,
        pricing=desk.pricing,
        places={f"slack/{place}": name for place, name in desk.rights.channels.items()},
    )
    return write(facts.gather(desk.store.db, incident_id, around, people, desk.clock.now()))


async def _names(desk: Desk, incident_id: int) -> dict[str, str]:
    """By Slack user id: as the settings name them, else as Slack does."""
    asked = await asyncio.to_thread(_asked, desk, incident_id)
    found = {}
    for user_id in sorted(asked):
        name = desk.directory.name_of(user_id) or await desk.people.name_of(user_id)
        if name:
            found[user_id] = name
    return found


def _asked(desk: Desk, incident_id: int) -> set[str]:
    """Each thread has a connection of its own."""
    return facts.people_in(desk.store.db, incident_id)
