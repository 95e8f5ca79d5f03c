"""Who may act, what happens when two act at once, and what an old button is worth."""

from __future__ import annotations

import asyncio

from bot.sandbox.workspace.messages import Message
from bot.slack.verbs import verbs
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.transcript import Seen, root

GUEST = "Guests cannot use Seamwatch"
OUTSIDER = "you belong to another one"
BUTTONS = (
    ("ack", None),
    ("resolve", None),
    ("escalate", None),
    ("snooze", "1 hour"),
    ("more", "Take it over"),
    ("more", "Assign…"),
    ("more", "Note…"),
    ("more", "Runbook"),
    ("more", "Timeline"),
    ("more", "Silence…"),
    ("more", "It is wrong"),
    ("more", "It is noisy"),
)


async def test_two_press_in_the_same_instant_and_one_of_them_is_told_privately(
    begin: Begin,
) -> None:
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    people = ("priya", "alex")
    answers = await asyncio.gather(*(story.presses(who, "ack", seen.ts) for who in people))
    won = ["You have #1 in hand now" in answer for answer in answers]
    assert sorted(won) == [False, True]
    winner, loser = (people, people[::-1])[won.index(True)]
    told = answers[people.index(loser)]
    assert f"acknowledged by @{winner}" in told
    await story.stands(root("#1 Acknowledged", edits=1, lines=[f"Acknowledged by @{winner}"]))


async def test_a_button_of_an_older_state_changes_nothing_and_says_so_privately(
    begin: Begin,
) -> None:
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    old = kept(story, seen)
    await story.asks("priya", "ack")
    lines = ["Acknowledged by @priya", "Given back by @priya"]
    await story.stands(root("#1 Acknowledged", edits=1, lines=lines[:1]))
    await story.asks("priya", "unack")
    await story.stands(root("#1 Triggered", edits=2, lines=lines))
    answer = await press_on(story, old, "alex", "resolve")
    assert "#1 has changed since you saw it: it is triggered" in answer
    await story.asks("priya", "resolve 1")
    lines.append("Resolved by @priya")
    await story.stands(root("#1 Resolved", edits=3, lines=lines))
    await story.queue_recovers()
    lines.append("It is gone now, 2 min after it was resolved")
    await story.stands(root("#1 Resolved", edits=4, lines=lines))
    await story.passes(days=3)
    answer = await press_on(story, old, "alex", "ack")
    assert "#1 is already resolved by @priya" in answer
    assert "nothing was changed" in answer


async def test_guests_are_refused_on_every_verb_and_button(begin: Begin) -> None:
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    for verb in verbs():
        for word in (verb.name, *verb.aliases):
            answer = await story.asks("gina", f"{word} 1")
            assert (GUEST in answer) != verb.open_to_all, (word, answer)
    for button, option in BUTTONS:
        assert GUEST in await story.presses("gina", button, seen.ts, option), (button, option)
    assert GUEST in await story.mentions("gina", "ack", seen.ts)
    await story.rounds(1)
    await story.presses("marcus", "ack", seen.ts)
    await story.stands(root("#1 Acknowledged", edits=1, lines=["Acknowledged by @marcus"]))
    assert GUEST in await story.presses("gina", "unack", seen.ts)


async def test_people_of_another_workspace_are_refused_in_a_shared_channel(begin: Begin) -> None:
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    for button, option in BUTTONS:
        answer = await story.presses("otto", button, seen.ts, option)
        assert OUTSIDER in answer, (button, option)
    for verb in verbs():
        answer = await story.mentions("otto", f"{verb.name} 1", seen.ts)
        assert (OUTSIDER in answer) != verb.open_to_all, (verb.name, answer)
    await story.rounds(1)


async def test_a_modal_opens_in_the_three_seconds_that_slack_gives_or_nothing_is_done(
    begin: Begin, log: Heard
) -> None:
    """Neither a slow Patchworks nor a slow answer to who somebody is keeps one waiting."""
    log.expects("a modal could not be opened")
    story = await begin()
    await story.queue_stalls()
    (seen,) = await story.stands(root("#1 Triggered"))
    await story.patchworks_fails("/api/v1/", delay=3.5)
    view = await story.opens("priya", "resolve", seen.ts)
    await story.patchworks_fails()
    await story.slack_fails("views.open", delay=3.2)
    assert "took too long to open" in await story.presses("priya", "resolve", seen.ts)
    await story.slack_fails("users.info", delay=3.5)
    assert "cannot check" in await story.presses("marcus", "resolve", seen.ts)
    await story.stands(root("#1 Triggered"))
    await story.submits("priya", view)
    await story.stands(root("#1 Resolved", edits=1, lines=["Resolved by @priya"]))


def kept(story: Story, seen: Seen) -> Message:
    """The message as a client that slept through all its edits still shows it."""
    message = story.slack.find(story.slack.channel(seen.channel).id, seen.ts)
    assert message is not None
    return message


async def press_on(story: Story, old: Message, user: str, button: str) -> str:
    """Press a button of the message as that client shows it."""
    channel = story.slack._messages[old.channel]
    newest, channel[old.ts] = channel[old.ts], old
    try:
        return await story.presses(user, button, old.ts)
    finally:
        channel[old.ts] = newest
