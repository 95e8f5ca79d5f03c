"""Nobody takes an incident in hand, or whoever did forgot it: who is told next, and when."""

from __future__ import annotations

from datetime import timedelta

from bot.incidents.model import Kind
from bot.store import incidents
from tests.stories.conftest import PATIENT, Begin, Heard
from tests.stories.story import Story
from tests.stories.test_expired_token import CERTIFICATE
from tests.stories.transcript import Root, page, root

ROTA = "Told: Priya (step 1 of 2 of integrations) · @priya"
SECOND = "Told: Marcus, pagerduty (step 2 of 2 of integrations) · @marcus"
AGAIN = "Told: Priya (step 1 of 2, round 2 of integrations) · @priya"
SECOND_AGAIN = "Told: Marcus, pagerduty (step 2 of 2, round 2 of integrations) · @marcus"
FALL_BACK = "Told: #retail-managers (nobody has taken it)"
FALL_BACK_AGAIN = "Told: #retail-managers (nobody has taken it; told for the 2nd time)"
ACK = "Acknowledged by @priya"


async def stuck(begin: Begin, **options: object) -> tuple[Story, str]:
    """A queue that stalls for good; the story, and where its message stands. Modals may take their
    time, unless the story says otherwise."""
    story = await begin(response=True, queue_cap=10_000, **{"workspace": PATIENT} | options)
    await story.queue_stalls()
    seen = await story.stands(told("#1 Triggered", lines=[ROTA]), dm("priya"))
    return story, seen[0].ts


def told(*says: str, lines: list[str]) -> Root:
    return root(*says, edits=None, lines=lines)


def dm(person: str, *says: str) -> Root:
    return root("#1", *says, channel=f"dm:{person}", edits=None)


async def test_nobody_acknowledges_and_the_policy_runs_to_its_fall_back(begin: Begin) -> None:
    story, _ = await stuck(begin)
    lines = [ROTA]
    priya, marcus = [dm("priya")], []
    await story.stands(
        told("Next: Marcus, pagerduty are told", "(step 2 of 2)", lines=lines), *priya
    )
    await story.passes(minutes=9, seconds=50)
    await story.stands(told("(step 2 of 2)", lines=lines), *priya)
    await story.passes(seconds=10)
    lines.append(SECOND)
    marcus.append(dm("marcus"))
    paged = page("[CRITICAL] #1", "trigger")
    await story.stands(
        told("Next: Priya is told", "(step 1 of 2, round 2)", lines=lines), *priya, *marcus, paged
    )
    await story.passes(minutes=15)
    lines.append(AGAIN)
    priya.append(dm("priya"))
    await story.stands(told("(step 2 of 2, round 2)", lines=lines), *priya, *marcus, paged)
    await story.passes(minutes=10)
    lines.append(SECOND_AGAIN)
    marcus.append(dm("marcus"))
    people = (*priya, *marcus, page("[CRITICAL] #1", "trigger", "trigger"))
    await story.stands(
        told("Next: #retail-managers is told", "(the fall-back)", lines=lines), *people
    )
    await story.passes(minutes=15)
    lines.append(FALL_BACK)
    managers = root("#1 Triggered", channel="retail-managers", edits=None)
    coming = "Next: #retail-managers is told again"
    await story.stands(told(coming, "(the fall-back, 2nd time)", lines=lines), managers, *people)
    await story.passes(hours=2)
    await story.rounds(2)
    await story.passes(hours=2)
    lines.append(FALL_BACK_AGAIN)
    older = root("#1 is told anew below", channel="retail-managers", edits=None)
    await story.stands(
        told(coming, "(the fall-back, 3rd time)", lines=lines), older, managers, *people
    )


async def test_whoever_acknowledges_stops_it_and_everybody_who_was_told_sees_it(
    begin: Begin,
) -> None:
    story, ts = await stuck(begin)
    await story.passes(minutes=10)
    lines = [ROTA, SECOND]
    await story.stands(
        told("#1 Triggered", lines=lines), dm("priya"), dm("marcus"), page("#1", "trigger")
    )
    await story.presses("priya", "ack", ts)
    lines.append(ACK)
    await story.stands(
        told("#1 Acknowledged", "@priya", lines=lines),
        dm("priya", "Acknowledged", "@priya"),
        dm("marcus", "Acknowledged", "@priya"),
        page("#1", "trigger", "acknowledge"),
    )
    await story.passes(hours=2)
    await story.resolves("priya", ts)
    lines.append("Resolved by @priya")
    await story.stands(
        told("#1 Resolved", lines=lines),
        dm("priya", "Resolved"),
        dm("marcus", "Resolved"),
        page("#1", "trigger", "acknowledge", "resolve"),
    )
    await story.passes(minutes=30)


async def test_acknowledged_and_forgotten(begin: Begin) -> None:
    """Asked, confirmed once; asked again, no answer: nobody has it, and the policy begins anew."""
    story, ts = await stuck(begin)
    await story.presses("alex", "ack", ts)
    lines = [ROTA, "Acknowledged by @alex"]
    await story.stands(told("#1 Acknowledged", lines=lines), dm("priya", "Acknowledged"))
    await story.passes(hours=3)
    lines.append("Who has it was asked whether they still do")
    seen = await story.stands(
        told("#1 Acknowledged", lines=lines), dm("priya"), dm("alex", "Acknowledged", "Still on it")
    )
    await story.presses("alex", "confirm", seen[-1].ts)
    await story.passes(hours=2, minutes=50)
    await story.stands(told("#1 Acknowledged", lines=lines), dm("priya"), dm("alex"))
    await story.passes(minutes=10)
    lines.append("Who has it was asked whether they still do")
    anew = dm("alex", "is told anew below")
    alex = [anew, dm("alex", "Still on it")]
    await story.stands(told("#1 Acknowledged", lines=lines), dm("priya"), *alex)
    await story.passes(minutes=30)
    lines += ["@alex did not answer whether they still have it: nobody has it in hand now", ROTA]
    alex = [anew, anew, dm("alex", "Triggered")]
    await story.stands(
        told("#1 Triggered", "(step 2 of 2)", lines=lines), dm("priya"), dm("priya"), *alex
    )


async def test_a_restart_in_the_middle_takes_no_step_twice_and_loses_none(
    begin: Begin, log: Heard
) -> None:
    story, _ = await stuck(begin)
    await story.passes(minutes=5)
    await story.stop_bot()
    since = story.now
    await story.passes(hours=1)
    await story.start_bot()
    lines = [ROTA, SECOND]
    await story.stands(
        told("#1 Triggered", "(step 1 of 2, round 2)", lines=lines),
        root("Seamwatch was not looking from", "09:19 UTC", "10:19 UTC", "(1 h)"),
        dm("priya"),
        dm("marcus"),
        page("#1", "trigger"),
    )
    db = story.bot.store.db
    steps = [each for each in incidents.timeline(db, 1) if each.kind is Kind.ESCALATED]
    assert [step.data["position"] for step in steps] == [0, 1]
    assert steps[1].at - since == timedelta(hours=1)


async def test_low_severity_pages_nobody(begin: Begin) -> None:
    story = await begin(response=True, settings={"[clock]": CERTIFICATE})
    await story.stands(root("[LOW] #1 Triggered early", "ends in 12 d"))
    for _ in range(6):
        await story.passes(hours=4)
    await story.rounds(1)
    turn = root("@alex takes over *integrations* from Priya", "1 open incident")
    await story.stands(root("[LOW] #1 Triggered early"), turn)
    steps = incidents.timeline(story.bot.store.db, 1)
    assert [each.kind for each in steps] == [Kind.OPENED]


async def test_a_person_escalates_at_once_and_not_twice(begin: Begin) -> None:
    story, _ = await stuck(begin)
    assert "Marcus" in await story.asks("alex", "escalate 1 it is the peak")
    lines = [
        ROTA,
        "Escalated by @alex by command: it is the peak. Told: Marcus, pagerduty (step 2 of 2",
    ]
    await story.stands(
        told("(step 1 of 2, round 2)", lines=lines),
        dm("priya"),
        dm("marcus"),
        page("#1", "trigger"),
    )
