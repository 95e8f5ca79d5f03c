"""What people do about an incident besides acknowledging it, one after the other and at once."""

from __future__ import annotations

import asyncio

from tests.stories.conftest import Begin
from tests.stories.test_escalation import ROTA, SECOND, dm, stuck, told
from tests.stories.test_expired_token import CERTIFICATE
from tests.stories.test_people import kept, press_on
from tests.stories.transcript import page, root


async def test_snoozed_until_a_time_and_woken_by_it(begin: Begin) -> None:
    story, _ = await stuck(begin)
    assert "#1" in await story.asks("alex", "snooze 1 1h the vendor is on it")
    lines = [ROTA, "by @alex by command: the vendor is on it"]
    await story.stands(told("#1 Snoozed", lines=lines), dm("priya", "Snoozed"))
    await story.passes(minutes=59)
    await story.rounds(1)
    await story.stands(told("#1 Snoozed", lines=lines), dm("priya"))
    await story.passes(minutes=1)
    lines += ["The snooze of @alex is over: nobody has it in hand", ROTA]
    people = (dm("priya"), dm("priya"), dm("alex", "Triggered"))
    await story.stands(told("#1 Triggered", "(step 2 of 2)", lines=lines), *people)


async def test_a_snooze_that_somebody_ends_early(begin: Begin) -> None:
    story, ts = await stuck(begin)
    answer = await story.presses("priya", "snooze", ts, option="1 hour")
    assert "#1" in answer
    lines = [ROTA, "by @priya with the button"]
    await story.stands(told("#1 Snoozed", lines=lines), dm("priya"))
    await story.presses("alex", "unsnooze", ts)
    await story.rounds(1)
    lines += ["Snooze ended by @alex", ROTA]
    people = (dm("priya"), dm("priya"), dm("priya"))
    await story.stands(told("#1 Triggered", lines=lines), *people)
    await story.passes(minutes=5)


async def test_what_gets_graver_wakes_whoever_snoozed_it(begin: Begin) -> None:
    story = await begin(response=True, settings={"[clock]": CERTIFICATE})
    await story.stands(root("[LOW] #1 Triggered early"))
    await story.asks("alex", "snooze 1 11d it is ordered")
    lines = ["it is ordered"]
    await story.stands(told("[LOW] #1 Snoozed", lines=lines))
    await story.passes(days=10)
    await story.rounds(1)
    taken_over = root("@nora takes over *integrations*")
    lines += ["Severity rose to high", "Told: Nora (step 1 of 2 of integrations)"]
    await story.stands(told("[HIGH] #1 Triggered", lines=lines), taken_over, dm("nora"))


async def test_assigned_and_taken_over(begin: Begin) -> None:
    story, ts = await stuck(begin)
    await story.presses("priya", "ack", ts)
    lines = [ROTA, "Acknowledged by @priya"]
    await story.stands(told("#1 Acknowledged", lines=lines), dm("priya"))
    await story.asks("alex", "take 1")
    lines.append("Taken by @alex by command from @priya")
    await story.stands(told("#1 Acknowledged", "@alex", lines=lines), dm("priya"))
    await story.asks("alex", "assign 1 @marcus")
    lines.append("@marcus is asked to take it, by @alex")
    people = (dm("priya"), dm("marcus", "Triggered"))
    await story.passes(minutes=14)
    await story.stands(told("#1 Triggered", "Next: Priya is told", lines=lines), *people)
    await story.asks("marcus", "take 1")
    lines.append("Acknowledged by @marcus")
    people = (dm("priya"), dm("marcus", "Acknowledged"))
    await story.stands(told("#1 Acknowledged", "@marcus", lines=lines), *people)
    await story.passes(minutes=30)


async def test_two_escalate_in_the_same_instant_and_it_goes_one_step(begin: Begin) -> None:
    story, ts = await stuck(begin)
    views = [await story.opens(who, "escalate", ts) for who in ("priya", "alex")]
    done = await asyncio.gather(
        *(
            story.submits(who, view, reason="nobody answers")
            for who, view in zip(("priya", "alex"), views, strict=True)
        )
    )
    assert all(each["acked"] for each in done)
    lines = [ROTA, SECOND]
    lines[1] = "step 2 of 2"
    people = (dm("priya"), dm("marcus"), page("#1", "trigger"))
    await story.stands(told("(step 1 of 2, round 2)", lines=lines), *people)
    await story.rounds(1)


async def test_a_button_that_is_a_month_old(begin: Begin) -> None:
    story, ts = await stuck(begin)
    old = kept(story, story.seen()[0])
    await story.resolves("priya", ts, "restarted it")
    lines = [ROTA, "Resolved by @priya: restarted it"]
    resolved = (told("#1 Resolved", lines=lines), dm("priya", "Resolved"))
    await story.stands(*resolved)
    await story.queue_recovers()
    lines.append("It is gone now, 2 min after it was resolved")
    resolved = (told("#1 Resolved", lines=lines), dm("priya", "Resolved"))
    await story.stands(*resolved)
    await story.stop_bot()
    story.estate.queue.disabled |= set(story.estate.flows)  # a month of runs takes long to live
    await story.passes(days=29, hours=22)
    story.estate.queue.disabled.clear()
    await story.passes(hours=2)
    await story.start_bot()
    absent = root("was not looking", "30 d")
    taken_over = root("takes over *integrations*")
    await story.stands(resolved[0], absent, taken_over, resolved[1])
    assert "nothing was changed" in await press_on(story, old, "alex", "ack")
    assert "#1" in await press_on(story, old, "alex", "escalate")
