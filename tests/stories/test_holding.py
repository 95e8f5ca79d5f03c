"""What maintenance and silences hold back, and what is told when they end."""

from __future__ import annotations

from bot.incidents.model import Kind
from bot.store import incidents
from tests.stories.conftest import Begin
from tests.stories.story import Story
from tests.stories.test_escalation import ROTA, SECOND, dm, stuck, told
from tests.stories.transcript import page

MAINTENANCE = "maintenance start 30m check=stalled_queue a new mapping"


def kinds(story: Story, number: int = 1) -> list[Kind]:
    return [entry.kind for entry in incidents.timeline(story.bot.store.db, number)]


async def under_maintenance(begin: Begin) -> Story:
    """A queue that stalls during maintenance, of which nobody hears."""
    story = await begin(response=True, queue_cap=10_000)
    assert "Maintenance 1 is on" in await story.asks("marcus", MAINTENANCE)
    await story.queue_stalls()
    await story.until(lambda: incidents.open_incidents(story.bot.store.db), "it is recorded")
    await story.stands()
    assert kinds(story) == [Kind.OPENED, Kind.HELD]
    return story


async def test_maintenance_ends_with_the_fault_still_there(begin: Begin) -> None:
    story = await under_maintenance(begin)
    await story.passes(minutes=15)
    await story.stands()
    assert "#1" in await story.asks("alex", "incidents")
    await story.passes(minutes=15)
    await story.stands(told("#1 Triggered", "Next: Marcus", lines=[ROTA]), dm("priya"))
    assert kinds(story) == [Kind.OPENED, Kind.HELD, Kind.RELEASED, Kind.ESCALATED]
    await story.passes(minutes=10)
    lines = [ROTA, SECOND]
    await story.stands(
        told("#1 Triggered", lines=lines), dm("priya"), dm("marcus"), page("#1", "trigger")
    )


async def test_a_fault_that_ended_during_maintenance_is_never_told(begin: Begin) -> None:
    story = await under_maintenance(begin)
    await story.queue_drains()
    assert kinds(story) == [Kind.OPENED, Kind.HELD, Kind.CLEARED]
    held = await story.asks("alex", "maintenance")
    assert "Maintenance 1" in held
    assert "has held back #1" in held
    await story.passes(minutes=30)
    await story.rounds(2)
    await story.stands()
    assert "No maintenance is on" in await story.asks("alex", "maintenance")
    shown = await story.asks("alex", "show 1")
    assert "Resolved" in shown
    assert "maintenance 1: a new mapping" in shown


async def test_maintenance_that_somebody_ends_early_lets_it_speak_at_once(begin: Begin) -> None:
    story = await under_maintenance(begin)
    await story.asks("marcus", "maintenance end")
    await story.rounds(1)
    await story.stands(told("#1 Triggered", lines=[ROTA]), dm("priya"))


async def test_a_silence_holds_the_escalation_and_never_the_end(begin: Begin) -> None:
    story, _ = await stuck(begin)
    await story.passes(minutes=10)
    lines = [ROTA, SECOND]
    people = (dm("priya"), dm("marcus"))
    await story.stands(told("#1", lines=lines), *people, page("#1", "trigger"))
    assert "#1" in await story.asks("alex", "silence 1 3h known to the vendor")
    await story.passes(minutes=15)
    await story.rounds(1)
    held = "It is held back: silence 1"
    lines.append("Held back by @alex: silence 1: known to the vendor")
    await story.stands(told("#1 Triggered", held, lines=lines), *people, page("#1", "trigger"))
    await story.queue_drains()
    lines += ["It looks different now", "Cleared by itself"]
    await story.stands(
        told("#1 Resolved", lines=lines),
        dm("priya", "Resolved"),
        dm("marcus", "Resolved"),
        page("#1", "trigger", "resolve"),
    )


async def test_a_silence_that_is_ended_lets_the_escalation_go_on(begin: Begin) -> None:
    story, _ = await stuck(begin)
    await story.asks("alex", "silence 1 3h known to the vendor")
    await story.passes(minutes=30)
    await story.rounds(1)
    lines = [ROTA, "Held back by @alex: silence 1: known to the vendor"]
    await story.stands(told("It is held back", lines=lines), dm("priya"))
    await story.asks("alex", "unsilence 1")
    await story.passes(minutes=2)
    lines += ["No longer held back: silence 1: known to the vendor", SECOND]
    await story.stands(
        told("#1", "(step 1 of 2, round 2)", lines=lines),
        dm("priya"),
        dm("marcus"),
        page("#1", "trigger"),
    )
