"""Everything is green while three orders are lost and addresses are cut: one comparison names both,

and nothing else, although orders keep arriving while it reads.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bot.sandbox.estate.vendors.vendor import Answered
from bot.sandbox.scenarios.silent_loss import CUT_TO
from bot.store import incidents, reconciliations
from bot.store.reconciliations import Kept
from checks.reconcile.model import DifferenceKind, Standing
from tests.stories.conftest import Begin, Heard
from tests.stories.story import WEDNESDAY, Story
from tests.stories.transcript import root

SETTINGS = {
    # The stories play in a year in which the declared revision has long been retired.
    'revision = "2026-07-15"': 'revision = "2089-07-15"',
    'every = "1h"\nsettle': 'every = "6h"\nsettle',
}
PAIR = "Orders to Business Central"
MORNING = WEDNESDAY.replace(hour=6, minute=0, second=0)
NOON = MORNING + timedelta(hours=6)
RIPE = timedelta(minutes=18)
PAGES = 8


def of_morning(story: Story) -> Kept | None:
    """What is known of the morning, once it was looked at."""
    found = reconciliations.of_pair(story.bot.store.db, PAIR, 9)
    return next((kept for kept in found if kept.looks and kept.compared.since == MORNING), None)


async def is_compared(story: Story, standing: Standing) -> Kept:
    def stands() -> Kept | None:
        kept = of_morning(story)
        return kept if kept and kept.compared.standing is standing else None

    await story.until(stands, lambda: f"the morning is {standing}, not {of_morning(story)}")
    kept = stands()
    assert kept is not None
    return kept


def found(story: Story, kept: Kept, kind: DifferenceKind) -> set[tuple[str, str]]:
    """The keys that differ so, each with the field."""
    told = reconciliations.differences(story.bot.store.db, kept)
    return {(each.key, each.field) for each in told if each.kind is kind}


def keys(story: Story) -> tuple[set[str], set[str]]:
    """Of the morning's orders: the missing ones, and those whose address is longer than it may."""
    losses, now = story.estate.losses, story.now
    numbers = losses.orders.between(MORNING, NOON)
    long = {
        str(order.number)
        for order in losses.orders.each(numbers, now)
        if order.number >= losses.loss.cut_from and len(order.address) > CUT_TO
    }
    missing = {str(number) for number in losses.loss.missing if number in numbers}
    return missing, long - missing


def time_goes_on(story: Story) -> Callable[[Answered], Answered]:
    """Of each page that is read: half a minute goes by before it arrives."""

    def late(honest: Answered) -> Answered:
        story.sandbox.clock.advance(timedelta(seconds=30))
        return honest

    return late


async def test_the_three_orders_and_the_cut_field_are_named_by_one_comparison(
    begin: Begin, log: Heard
) -> None:
    log.tolerates("No round has ended for some minutes")  # the clock leaps while pages are read
    story = await begin("silent_loss", systems=True, data=True, settings=SETTINGS)
    await story.passes(seconds=(NOON - story.now).total_seconds())
    late = time_goes_on(story)
    story.estate.trade.lie("Shopify", late, times=PAGES, within="graphql")
    story.estate.trade.lie("Business Central", late, times=PAGES, within="sales")
    before = story.estate.losses.orders.next_number(story.now)
    await story.does("clock", advance=f"{RIPE.total_seconds()}s", wait=0)

    kept = await is_compared(story, Standing.DIFFERENT)
    missing, cut = keys(story)
    assert len(missing) == 3
    assert len(cut) > 20
    assert found(story, kept, DifferenceKind.MISSING_IN_TARGET) == {(key, "") for key in missing}
    assert found(story, kept, DifferenceKind.TRUNCATED) == {(key, "address") for key in cut}
    assert kept.compared.differing + kept.compared.doubtful == len(missing) + len(cut)
    assert kept.compared.source_records > 1000
    assert story.estate.losses.orders.next_number(story.now) > before  # orders kept arriving

    await story.passes(minutes=1)  # a round judges
    await story.passes(minutes=1)  # and its thread is told
    await story.until(lambda: is_told(story, missing), lambda: "\n".join(story.told()))
    story.estate.put_right()
    await story.passes(minutes=65)
    await is_compared(story, Standing.SAME)
    await story.passes(minutes=1)
    await story.until(lambda: not about_the_pair(story), "a clean comparison resolves")
    await story.stands(
        root("[HIGH]", "Dispatch to ShipStation", "partial success", edits=None),
        root("[HIGH]", PAIR, "success with an error in the log", edits=None),
        root(
            "Resolved",
            "3 of 1,037 orders of shopify-uk-store to business-central",
            'a shortened "address"',
            "3 records that did not arrive at GBP 12.50 each",
            edits=None,
            lines=["The differences are in the file", "Closed by a later comparison: All 1,037"],
        ),
    )
    await is_remembered(story, kept)


async def is_remembered(story: Story, kept: Kept) -> None:
    """What was lost and cut, for how long, and what it cost, though all is made good by now."""
    said = await story.asks("priya", "digest")
    cut = kept.compared.by_kind[DifferenceKind.TRUNCATED]
    assert f"found {kept.compared.differing} differences, all made good by now" in said
    assert "3 arrived about 1 h" in said
    assert f'{cut} had a shortened "address" until' in said
    assert "failed records and 3 that did not arrive" in said


def about_the_pair(story: Story) -> list[incidents.Alert]:
    open_alerts = incidents.open_alerts(story.bot.store.db).values()
    return [alert for alert in open_alerts if alert.check == "reconciliation"]


def is_told(story: Story, missing: set[str]) -> bool:
    """One message or its thread names the three orders and the field."""
    told = ["\n".join((seen.words, *seen.lines)) for seen in story.seen()]
    return any("address" in words and all(key in words for key in missing) for words in told)
