"""A paging service is told, answers, refuses, and is down: nothing is lost, nothing told twice."""

from __future__ import annotations

from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story
from tests.stories.test_escalation import ROTA, SECOND, dm, stuck, told
from tests.stories.transcript import page

DESK = {'"pager:pagerduty"]': '"pager:desk"]'}


async def paged(begin: Begin, **options: object) -> tuple[Story, str]:
    """An incident that was told to the pager too; where its message stands."""
    story, ts = await stuck(begin, **options)
    await story.passes(minutes=10)
    service = "webhook" if options else "pagerduty"
    await story.stands(
        told("#1", lines=[ROTA, second(service)]),
        dm("priya"),
        dm("marcus"),
        page("#1", "trigger", service=service),
    )
    return story, ts


def second(service: str) -> str:
    return SECOND.replace("pagerduty", "desk") if service == "webhook" else SECOND


async def test_somebody_acknowledges_at_pagerduty(begin: Begin) -> None:
    story, ts = await paged(begin)
    done = await story.sandbox.pagers.press("pagerduty", "acknowledge", "Mia Ortiz")
    assert done["answer"]["status"] == 202
    lines = [ROTA, SECOND, "Acknowledged by Mia Ortiz (pagerduty)"]
    people = (dm("priya", "Mia Ortiz"), dm("marcus", "Mia Ortiz"))
    acknowledged = page("#1", "trigger", "acknowledge")
    await story.stands(told("#1 Acknowledged", "Mia Ortiz", lines=lines), *people, acknowledged)
    await story.sandbox.pagers.repeat("pagerduty")
    await story.passes(hours=1)
    await story.resolves("priya", ts)
    lines.append("Resolved by @priya")
    await story.stands(
        told("#1 Resolved", lines=lines),
        dm("priya", "Resolved"),
        dm("marcus", "Resolved"),
        page("#1", "trigger", "acknowledge", "resolve"),
    )


async def test_somebody_resolves_at_pagerduty(begin: Begin) -> None:
    story, _ = await paged(begin)
    await story.sandbox.pagers.press("pagerduty", "resolve", "Mia Ortiz")
    lines = [ROTA, SECOND, "Resolved by Mia Ortiz (pagerduty)"]
    await story.stands(
        told("#1 Resolved", "Mia Ortiz", lines=lines),
        dm("priya", "Resolved"),
        dm("marcus", "Resolved"),
        page("#1", "trigger", state="resolved"),
    )
    await story.passes(minutes=30)


async def test_a_signed_webhook_is_told_and_answers(begin: Begin) -> None:
    story, _ = await paged(begin, settings=DESK)
    await story.sandbox.pagers.press("webhook", "acknowledge", "Mia Ortiz")
    lines = [ROTA, second("webhook"), "Acknowledged by Mia Ortiz (desk)"]
    await story.stands(
        told("#1 Acknowledged", lines=lines),
        dm("priya"),
        dm("marcus"),
        page("#1", "trigger", "acknowledge", service="webhook"),
    )


async def test_a_pager_that_is_down_is_told_everything_in_order_when_it_is_back(
    begin: Begin, log: Heard
) -> None:
    log.expects("pager/pagerduty")
    story, ts = await stuck(begin)
    faults = story.sandbox.pagers.faults
    faults.order("pagerduty", {"status": 503, "times": 10_000})
    await story.passes(minutes=10)
    lines = [ROTA, SECOND]
    await story.stands(told("#1", lines=lines), dm("priya"), dm("marcus"))
    await story.until(lambda: log.says("pager/pagerduty"), "the pager refuses")
    await story.passes(minutes=10)
    await story.stands(told("#1", lines=lines), dm("priya"), dm("marcus"))
    faults.order("pagerduty", {})
    await story.stands(told("#1", lines=lines), dm("priya"), dm("marcus"), page("#1", "trigger"))
    await story.presses("priya", "ack", ts)
    lines.append("Acknowledged by @priya")
    await story.stands(
        told("#1", lines=lines), dm("priya"), dm("marcus"), page("#1", "trigger", "acknowledge")
    )
