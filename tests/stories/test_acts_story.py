"""What is done on the platform: proposed by one, approved by another, done once, told."""

from __future__ import annotations

from bot.sandbox.estate.model import Trigger
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.transcript import root

FLOW = "Stock to Shopify"
ASKED = f'start "{FLOW}" the evening run was missed'


def begun(story: Story) -> int:
    """How many runs of the flow were started over the API, waiting ones included."""
    queue = story.estate.queue
    known = [*queue.runs.values(), *queue.held, *queue.waiting]
    return sum(each.trigger is Trigger.API and each.flow.name == FLOW for each in known)


async def proposed(begin: Begin) -> tuple[Story, str]:
    """A start that Priya proposes, in the channel; where it stands."""
    story = await begin(response=True)
    assert "Proposal 1" in await story.asks("priya", ASKED)
    (seen,) = await story.stands(root("@priya", "proposal 1", FLOW, "the evening run was missed"))
    assert begun(story) == 0
    return story, seen.ts


async def test_nobody_approves_their_own_and_a_second_person_has_it_done_once(
    begin: Begin,
) -> None:
    story, ts = await proposed(begin)
    assert "a second person has to approve it" in await story.presses("priya", "act_approve", ts)
    assert begun(story) == 0
    assert "being carried out" in await story.presses("alex", "act_approve", ts)
    await story.stands(
        root("proposal 1", "and carried out", edits=None, lines=("Proposal 1 carried out",))
    )
    assert begun(story) == 1
    assert "Nothing was done twice" in await story.asks("marcus", "approve 1")
    await story.rounds(2)
    assert begun(story) == 1


async def test_a_time_out_after_it_was_accepted_is_looked_up_and_not_repeated(
    begin: Begin, log: Heard
) -> None:
    story, ts = await proposed(begin)
    log.tolerates("act 1")
    await story.patchworks_fails("/start", status=504, times=1, instead=False)
    await story.presses("alex", "act_approve", ts)
    await story.stands(
        root("proposal 1", "and carried out", edits=None, lines=("Proposal 1 carried out",))
    )
    assert begun(story) == 1
    await story.rounds(2)
    assert begun(story) == 1
