"""A vendor's new version leaves out a field: it is told within two hours, with the flows that may

write nothing for it, and no longer once the field is back.
"""

from __future__ import annotations

from datetime import datetime

from bot.store.columns import write_time
from tests.stories.conftest import Begin
from tests.stories.story import Story
from tests.stories.transcript import root

SETTINGS = {
    # The stories play in a year in which the declared revision has long been retired.
    'revision = "2026-07-15"': 'revision = "2089-07-15"',
}
SYSTEM = "bigcommerce-outlet"


async def is_looked_at(story: Story, since: datetime) -> None:
    """A look at its orders began after a moment, and is over; one that began at that moment may
    have read before what the story did then."""
    looks = "SELECT 1 FROM newest_shapes WHERE system = ? AND at > ?"
    asked = [SYSTEM, write_time(since)]
    db = story.bot.store.db
    await story.until(lambda: db.execute(looks, asked).fetchone(), f"a look at {SYSTEM}")


async def hour_passes(story: Story) -> None:
    """Another look, and a round that judges it."""
    since = story.now
    await story.passes(hours=1)
    await is_looked_at(story, since)
    await story.passes(minutes=1)


async def test_a_field_that_vanishes_is_told_with_the_flows_of_the_system(begin: Begin) -> None:
    story = await begin("quiet_day", systems=True, settings=SETTINGS)
    await hour_passes(story)
    await story.passes(hours=24)
    await hour_passes(story)
    await story.stands()
    story.estate.trade.change("BigCommerce", "total_inc_tax", "drop")
    await hour_passes(story)
    changed = (
        f"The orders of {SYSTEM} have changed",
        '"total_inc_tax" is no longer there',
        "Flows that use it: Prices to BigCommerce, Outlet orders to NetSuite",
    )
    await story.stands(root("[HIGH]", *changed, edits=None))
    story.estate.trade.restore("BigCommerce")
    await hour_passes(story)
    await story.passes(minutes=10)  # it stays clear for long enough
    again = f"The orders of {SYSTEM} look as they did"
    await story.stands(root("Resolved", again, edits=None, lines=["Cleared by itself"]))
