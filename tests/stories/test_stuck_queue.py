"""A queue stalls behind a hanging run, is told once, taken in hand, and drains."""

from __future__ import annotations

from tests.stories.conftest import Begin
from tests.stories.transcript import root


async def test_a_stuck_queue_is_told_once_and_turns_amber_then_green(begin: Begin) -> None:
    story = await begin("stuck_queue")
    await story.until_seconds(55)
    await story.rounds(2)
    (seen,) = await story.stands(
        root("🔴 [CRITICAL] #1 Triggered", "The run queue", "behind run", "of Orders to NetSuite")
    )
    await story.rounds(3)
    answer = await story.presses("priya", "ack", seen.ts)
    assert "You have #1 in hand now" in answer
    ack = "🟠 Acknowledged by @priya with the button"
    await story.stands(root("🟠 [CRITICAL] #1 Acknowledged", edits=1, lines=[ack]))
    await story.until_seconds(365)
    await story.rounds(6)
    (again,) = await story.stands(
        root("🟢", "#1 Resolved", edits=2, lines=[ack, "🟢 Cleared: Nothing waits"])
    )
    assert again.ts == seen.ts
    assert "No incident is open" in await story.asks("alex", "incidents")


async def test_everything_that_a_button_does_can_be_typed(begin: Begin) -> None:
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    assert "You have #1 in hand now" in await story.asks("priya", "ack")
    lines = ["Acknowledged by @priya by command"]
    await story.stands(root("#1 Acknowledged", "In hand", edits=1, lines=lines))

    shown = await story.asks("alex", "show 1")
    assert "Timeline" in shown
    assert "Acknowledged by @priya" in shown
    runbook = await story.asks("alex", "runbook #1")
    assert "Runbook: " in runbook
    assert "Orders to NetSuite" in runbook
    assert "72 h" in runbook

    assert "Nobody has #1 in hand any more" in await story.asks("priya", "unack")
    lines.append("Given back by @priya")
    await story.stands(root("#1 Triggered", edits=2, lines=lines))

    assert "You have #1 in hand now" in await story.mentions("alex", "ack", seen.ts)
    lines.append("Acknowledged by @alex in the thread")
    await story.stands(root("#1 Acknowledged", edits=3, lines=lines))

    assert "#1 is resolved" in await story.asks("alex", "resolve 1 stopped the hanging run")
    lines.append("Resolved by @alex by command: stopped the hanging run")
    await story.stands(root("#1 Resolved", "Resolved by @alex", edits=4, lines=lines))


async def test_a_resolve_while_it_still_stands_is_quiet_and_said_again_after_an_hour(
    begin: Begin,
) -> None:
    story = await begin(queue_cap=10_000)
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    await story.resolves("priya", seen.ts)
    line = "Resolved by @priya · it lasted 0 s. But the last look still found the problem"
    resolved = root("#1 Resolved, but still there", edits=1, lines=[line])
    await story.stands(resolved)
    await story.rounds(6)
    status = await story.asks("priya", "status")
    assert "run queue* (#1, which a person resolved while it stood)" in status
    await story.passes(minutes=55)
    await story.stands(resolved)
    await story.passes(minutes=5)
    lines = [line, "It did not go away: #2 goes on with it"]
    went_on = root("#1 Resolved, but still there", "#2 goes on with it", edits=2, lines=lines)
    await story.stands(went_on, root("#2 Triggered", "#1 was resolved by @priya", "still there"))
    await story.rounds(3)


async def test_a_new_stall_after_a_clear_queue_is_a_new_incident_linked_to_the_last(
    begin: Begin,
) -> None:
    story = await begin()
    await story.queue_stalls()
    await story.stands(root("#1 Triggered"))
    await story.asks("priya", "resolve 1 restarted it")
    line = "Resolved by @priya by command: restarted it"
    await story.stands(root("#1 Resolved, but still there", edits=1, lines=[line]))
    await story.queue_recovers()
    lines = [line, "It is gone now, 2 min after it was resolved"]
    first = root("🟢 [CRITICAL] #1 Resolved · The run queue", edits=2, lines=lines)
    await story.stands(first)
    await story.queue_stalls()
    again = "Second time in 30 days; #1 ended after 0 s: restarted it"
    await story.stands(first, root("#2 Triggered", again))
    await story.queue_recovers()
    await story.stands(first, root("#2 Resolved", edits=1, lines=["Cleared by itself"]))


async def test_a_stall_that_fills_the_queue_to_its_cap_stays_one_incident(begin: Begin) -> None:
    """What is due by schedule waits outside then, unseen; it has not missed its schedule."""
    story = await begin(queue_cap=20)
    await story.queue_stalls()
    for _ in range(12):
        await story.passes(minutes=5)
    await story.stands(root("#1 Triggered"))
