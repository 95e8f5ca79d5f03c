"""Who is on call can be reached or not, for the night or for good."""

from __future__ import annotations

from dataclasses import replace

from tests.stories.conftest import Begin
from tests.stories.test_escalation import AGAIN, ROTA, SECOND, dm, stuck, told
from tests.stories.transcript import page, root

UNKNOWN = {"priya@acme.example": "priya.raman@acme.example"}
PRIYA = 'email = "priya@acme.example"'
QUIET = {PRIYA: f'{PRIYA}\nquiet = "08:00-11:00"'}
NOBODY = "Told: nobody reachable at rota:integrations (step 1 of 2 of integrations)"


async def test_whoever_is_on_call_and_not_known_to_slack_is_passed_over_until_they_link(
    begin: Begin,
) -> None:
    story = await begin(response=True, settings=UNKNOWN, queue_cap=10_000)
    await story.queue_stalls()
    lines = [NOBODY, SECOND]
    people = [dm("marcus"), page("#1", "trigger")]
    await story.stands(told("#1", "(step 1 of 2, round 2)", lines=lines), *people)
    priya = story.slack.user("priya")
    story.slack.users[priya.id] = replace(priya, email=UNKNOWN["priya@acme.example"])
    assert "Priya" in await story.asks("priya", "link")
    await story.passes(minutes=15)
    lines.append(AGAIN)
    await story.stands(told("#1", lines=lines), dm("priya"), *people)


async def test_in_quiet_hours_what_is_high_passes_a_person_over(begin: Begin) -> None:
    settings = {**QUIET, "time_sensitive = true": ""}
    story = await begin(response=True, settings=settings, queue_cap=10_000)
    await story.queue_stalls()
    lines = [NOBODY, SECOND]
    await story.stands(told("[HIGH] #1", lines=lines), dm("marcus"), page("#1", "trigger"))


async def test_in_quiet_hours_what_is_critical_comes_through(begin: Begin) -> None:
    story, _ = await stuck(begin, settings=QUIET)
    await story.rounds(1)


async def test_whoever_stands_in_is_told_instead(begin: Begin) -> None:
    story = await begin(response=True, queue_cap=10_000)
    assert "@alex is on call" in await story.asks("priya", "override integrations @alex 2h")
    await story.queue_stalls()
    alex = ROTA.replace("Priya", "Alex").replace("priya", "alex")
    asked = root("put you on call for integrations", channel="dm:alex")
    await story.stands(told("#1", lines=[alex]), asked, dm("alex"))
