"""Managers are told each morning: once, in each place, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.stories.conftest import Begin, edit
from tests.stories.story import Story
from tests.stories.transcript import Root, root

DIGEST = """[digest]
channels = ["#retail-managers"]
people = ["Priya"]
pagers = ["mail"]
timezone = "America/New_York"

[[pager]]
kind = "email"
name = "mail"
host = "127.0.0.1"
port = {port}
security = "none"
sender = "seamwatch@acme.example"
recipients = ["dana@acme.example"]

[[team]]
"""
SATURDAY = datetime(2090, 3, 11, 13, 30, tzinfo=UTC)
"""Half past eight in New York on the day before its clocks are put forward."""


def covers(first: str, last: str) -> str:
    return f"{first} to {last} (America/New_York)"


def stands(*mornings: str) -> list[Root]:
    """In the channel and with Priya."""
    places = ("retail-managers", "dm:priya")
    return [root(each, channel=place) for place in places for each in mornings]


async def mailed(story: Story, *mornings: str) -> None:
    mails = story.sandbox.pagers.board.mails
    await story.until(lambda: len(mails) >= len(mornings), lambda: f"mails: {mails}")
    for mail, morning in zip(mails, mornings, strict=True):
        assert morning in mail["text"]
        assert morning in mail["page"]


async def managed(prepare: Begin) -> Story:
    """A bot that tells managers, started an hour before the last morning of winter time."""
    story = await prepare(response=True)
    edit(story.settings, {"[[team]]\n": DIGEST.format(port=story.sandbox.pagers.mail.port)})
    story.sandbox.clock.advance(SATURDAY - timedelta(hours=1) - story.now)
    await story.start_bot()
    return story


async def test_each_morning_is_told_once_in_each_place(prepare: Begin, shorter: None) -> None:
    story = await managed(prepare)
    await story.stands()
    await story.passes(hours=1, minutes=1)
    told = [covers("Fri 10 Mar 08:30", "Sat 11 Mar 08:30")]
    await story.stands(*stands(*told))
    await mailed(story, *told)
    await story.passes(hours=22)
    await story.stands(*stands(*told))
    await story.passes(hours=1)
    told.append(
        covers("Sat 11 Mar 08:30", "Sun 12 Mar 08:30") + "; 23 h, as the clocks went forward"
    )
    await story.stands(*stands(*told))
    await mailed(story, *told)
    await story.stop_bot()
    await story.start_bot()
    await story.passes(hours=23)
    await story.stands(*stands(*told))
