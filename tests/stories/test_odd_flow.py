"""A flow that grows slower over a day and a half is told before anything breaks, and once."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta
from random import Random

from bot.oddities import find_weighed
from bot.store import incidents, open_store
from bot.store.columns import write_time
from bot.store.flow_hours import DURATION, SAVE
from tests.stories.conftest import Begin
from tests.stories.story import WEDNESDAY, Story
from tests.stories.transcript import root

FLOW = "4003"
STEP = 6  # hours


def remember_a_fortnight(story: Story) -> None:
    """A bot that has watched for two weeks: the flow took 38 s, a few seconds more or less."""
    hour = WEDNESDAY.replace(minute=0, second=0)
    draw = Random(4)
    with closing(open_store(story.database)) as store, store.writing() as db:
        for _ in range(14 * 24):
            hour -= timedelta(hours=1)
            seconds = 38 * draw.lognormvariate(0, 0.12)
            row = [f"flow/{FLOW}", DURATION, write_time(hour), 12, 12 * seconds, 90.0, 1.0]
            db.execute(SAVE, row)


async def hours_pass(story: Story) -> None:
    """They end, are rolled up and weighed beside the rounds, and then a round judges."""
    await story.passes(hours=STEP - 0.25)
    await story.passes(minutes=12)
    await story.until(lambda: is_weighed(story), "the hours are weighed")
    await story.passes(minutes=3)


def is_weighed(story: Story) -> bool:
    found = find_weighed(story.bot.store.db)
    return found is not None and story.now - found.until < timedelta(hours=2)


async def test_a_slow_drift_is_told_early_and_clears_when_it_is_taken_back(
    prepare: Begin, shorter: None
) -> None:
    story = await prepare("slow_drift", history_days=1)
    remember_a_fortnight(story)
    await story.start_bot()
    told_after = None
    for hours in range(STEP, 54, STEP):
        await hours_pass(story)
        alerts = incidents.open_alerts(story.bot.store.db).values()
        if told_after is None and alerts:
            told_after = hours
    (alert,) = incidents.open_alerts(story.bot.store.db).values()
    assert (alert.subject.name, alert.check) == ("Stock to Shopify", "odd_flow")
    assert told_after is not None
    assert 6 <= told_after <= 40
    said = "Runs of Stock to Shopify take"
    await story.stands(root("[LOW] #1 Triggered early", said, "usually"))
    for _ in range(0, 24, STEP):
        await hours_pass(story)
    for _ in range(8):  # it must be as usual in every look of two hours
        await story.passes(minutes=30)
    await story.stands(root("#1 Resolved", edits=1, lines=["Cleared by itself"]))
