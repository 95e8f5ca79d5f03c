"""Few comparisons at a time, few of them at one system, and what waits holds nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reconciling.turns import AT_ONCE, OF_ONE, Turns
from tests.waiting import PATIENCE

CASES = {
    "a pair of other systems goes on": (["a-b", "a-b"], "c-d", True),
    "a third of the same two waits": (["a-b", "a-b"], "a-b", False),
    "a slow source leaves the books to others": (["slow-books", "slow-books"], "shop-books", True),
    "a shared system takes not all places": (["a-books", "b-books", "c-books"], "d-books", False),
    "the last place is for another": (["a-books", "b-books", "c-books"], "d-e", True),
    "no more than there are places": (["a-b", "c-d", "e-f", "g-h"], "i-j", False),
}


@pytest.mark.parametrize(("others", "pair", "begins"), CASES.values(), ids=CASES.keys())
async def test_a_comparison_begins_where_there_is_room(others, pair, begins):
    turns = Turns()
    async with AsyncExitStack() as under_way:
        for each in others:
            await under_way.enter_async_context(turns.taken(*each.split("-")))
        begun = asyncio.Event()
        waiting = asyncio.create_task(hold(turns, pair, begun))
        for _ in range(5):
            await asyncio.sleep(0)
        assert begun.is_set() is begins
    await waiting
    assert begun.is_set()


async def hold(turns, pair, begun):
    async with turns.taken(*pair.split("-")):
        begun.set()


@given(st.lists(st.permutations("abcd").map(lambda each: "-".join(each[:2])), max_size=12))
def test_everybody_has_a_turn_and_never_too_many_at_once(pairs):
    async def all_of_them():
        turns, now, most = Turns(), Counter(), Counter()

        async def compare(pair):
            async with turns.taken(*pair.split("-")):
                now.update([*pair.split("-"), "all"])
                for each, count in now.items():
                    most[each] = max(most[each], count)
                await asyncio.sleep(0)
                now.subtract([*pair.split("-"), "all"])

        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*map(compare, pairs))
        return most

    most = asyncio.run(all_of_them())
    assert most.pop("all", 0) <= AT_ONCE
    assert max(most.values(), default=0) <= OF_ONE


async def test_who_gives_up_waiting_takes_nothing():
    turns = Turns()
    async with turns.taken("a", "b"), turns.taken("a", "b"):
        waiting = asyncio.create_task(hold(turns, "a-b", asyncio.Event()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with turns.taken("a", "b"), turns.taken("a", "b"):
        pass
