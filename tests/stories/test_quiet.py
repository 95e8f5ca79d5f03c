"""A healthy day: nothing is said, and whoever asks is told how old the answer is."""

from __future__ import annotations

from datetime import datetime

from tests.stories.conftest import Begin


async def test_a_healthy_day_stays_silent_and_answers_who_asks(begin: Begin) -> None:
    story = await begin("quiet_day", reads_the_past=True)
    await story.stands()
    await story.rounds(6)
    for _ in range(12):
        await story.passes(minutes=5)
    for _ in range(10):
        await story.passes(hours=2)
    status = await story.asks("priya", "status")
    assert "is in order" in status
    assert age(story.now, "Seen in the round of") in status
    queue = await story.asks("priya", "queue")
    assert "of 10 allowed at once" in queue
    assert age(story.now, "Read") in queue
    assert "No incident is open" in await story.asks("priya", "incidents")


def age(at: datetime, said: str) -> str:
    return f"{said} <!date^{int(at.timestamp())}^"
