"""A day without losses: whoever compares, counts and looks at answers all day finds nothing, also
while vendors cry wolf.
"""

from __future__ import annotations

import pytest

from bot.store import reconciliations, shapes
from checks.reconcile.model import Standing
from tests.stories.conftest import Begin, Heard
from tests.stories.story import Story

SETTINGS = {
    # The stories play in a year in which the declared revision has long been retired.
    'revision = "2026-07-15"': 'revision = "2089-07-15"',
    'every = "1h"\nsettle': 'every = "6h"\nsettle',
}
PAIR = "Orders to Business Central"
ABOUT_DATA = ("silent_loss", "reconciliation", "changed_shape", "broken_promise")
WINDOWS = 3
"""Of six hours, each compared soon after its end."""


def standings(story: Story) -> list[Standing]:
    """How the windows of the day stand that were compared."""
    found = reconciliations.of_pair(story.bot.store.db, PAIR, 9)
    return [kept.compared.standing for kept in found if kept.looks]


def told(story: Story) -> list[str]:
    """What the checks of data have ever opened an alert with."""
    rows = story.bot.store.db.query("SELECT check_name, sentence FROM alerts")
    return [str(row) for row in rows if row["check_name"] in ABOUT_DATA]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("scenario", ["quiet_day", "lying_vendor"])
async def test_a_day_without_losses_stays_quiet(begin: Begin, scenario: str, log: Heard) -> None:
    log.tolerates("cannot read ", "can be read again")  # who lies, for a moment
    story = await begin(scenario, systems=True, data=True, settings=SETTINGS)
    for _ in range(12):
        await story.passes(hours=2)
    await story.until(lambda: len(standings(story)) >= WINDOWS, lambda: str(standings(story)))
    await story.passes(minutes=1)
    assert set(standings(story)) == {Standing.SAME}
    looked_at = {known.system for known in shapes.find_shapes(story.bot.store.db) if known.before}
    assert {"shopify-uk-store", "business-central", "brightpearl-back-office"} <= looked_at
    assert told(story) == []
    await story.stands()
