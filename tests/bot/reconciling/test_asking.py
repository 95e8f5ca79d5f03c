"""Keys are asked for again, together where a system takes several; a failure is said as one."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.reconciling.asking import TOGETHER, ask_again
from bot.reconciling.comparing import Means, compare
from bot.reconciling.sides import side_of
from checks.reconcile.model import DifferenceKind, Role, Standing
from checks.reconcile.window import Window
from checks.unreadable import Unavailable
from tests.bot.reconciling.estate import HOUR, MINUTE, NOON, Books, Hands, arrived, orders, pair

WINDOW = Window(since=NOON, until=NOON + HOUR)


@dataclass
class Library(Books):
    """Books that take several keys in one call, and break off after so many calls."""

    breaks_after: int = 1000

    @property
    def lists(self):
        return tuple(replace(each, together=("number",)) for each in super().lists)

    async def several(self, entity, place, keys, wanted=None):
        if len(self.asked) >= self.breaks_after:
            raise Unavailable(f"{self.name} wants to be left alone")
        self.asked.append(",".join(keys))
        return tuple(each for each in self.orders if each.key in keys)


async def asked(keys, **books):
    shop, library = Books("Shop", orders(200)), Library("Books", arrived(orders(200)), **books)
    pairing = pair().pairing()
    systems = {each.name: each for each in (shop, library)}
    sides = [side_of(pair(), pairing, role, systems) for role in Role]
    again = await ask_again(pairing, keys, sides, WINDOW, Hands())
    return again, shop, library


async def test_several_keys_are_asked_for_in_one_call():
    keys = [str(number) for number in range(1001, 1151)]
    again, shop, library = await asked([*keys, "7"])
    assert len(library.asked) == -(-151 // TOGETHER)
    assert len(shop.asked) == 151
    assert {key: [each.key for each in found] for key, found in again.target.items()} == {
        "7": [],
        **{key: [key] for key in keys},
    }


async def test_after_a_failure_what_was_answered_counts_and_why_is_told():
    again, _, library = await asked([str(number) for number in range(1001, 1151)], breaks_after=3)
    assert len(library.asked) == 3
    assert len(again.target) == 3 * TOGETHER
    assert len(again.source) == 150
    assert again.why == "Books wants to be left alone"


async def outcome_of(ask=500, **books):
    shop = Books("Shop", orders(200))
    library = Library("Books", arrived(shop.orders, but=range(1001, 1101)), **books)
    means = Means(systems={"Shop": shop, "Books": library}, clock=Hands(NOON + 2 * HOUR))
    found = []
    outcome = await compare(pair(ask_again=ask), WINDOW, means, found.append)
    return outcome, found


@pytest.mark.parametrize(
    ("books", "ask", "why"),
    [
        pytest.param({"breaks_after": 2}, 500, "Books wants to be left alone", id="a failure"),
        pytest.param({}, 40, "at most 40 keys are asked for again at a time", id="too many"),
    ],
)
async def test_what_was_not_asked_for_is_not_sure_and_the_reason_is_said(books, ask, why):
    outcome, found = await outcome_of(ask, **books)
    assert outcome.standing is Standing.DIFFERENT
    assert outcome.sure == {DifferenceKind.MISSING_IN_TARGET: 40}
    assert sum(each.is_sure for each in found) == 40
    assert outcome.doubts == (f"60 records could not be settled: {why}",)


async def test_what_may_be_lost_is_asked_for_before_what_only_the_target_shows():
    shop = Books("Shop", orders(200)[100:])
    library = Library("Books", arrived(orders(200), but=(1150, 1160)))
    means = Means(systems={"Shop": shop, "Books": library}, clock=Hands(NOON + 2 * HOUR))
    outcome = await compare(pair(ask_again=10), WINDOW, means, lambda _: None)
    assert outcome.sure[DifferenceKind.MISSING_IN_TARGET] == 2


async def test_how_far_it_is_can_be_heard():
    heard = []
    shop = Books("Shop", orders(200))
    library = Library("Books", arrived(shop.orders, but=(1001,)))
    systems = {"Shop": shop, "Books": library}
    means = Means(systems=systems, clock=Hands(NOON + HOUR + 35 * MINUTE), tell=heard.append)
    await compare(pair(), WINDOW, means, lambda _: None)
    assert "Shop: 200 records read" in heard
    assert "Books: 1 of 1 keys asked for again" in heard
