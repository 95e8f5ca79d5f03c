"""What is due and was not compared is said, and is never green."""

from __future__ import annotations

from datetime import UTC

from bot.reconciling.behind import behind_of, say_behind
from bot.reconciling.digesting import reconciled
from bot.slack.render.reconcile import Pair, pairs_answer, periods_answer
from checks.reconcile.showing import Keys
from tests.bot.reconciling.estate import HOUR, MINUTE, NOON, pair


async def test_a_pair_that_keeps_up_is_not_behind(scene):
    await scene.run()
    assert behind_of(scene.store.db, pair(), UTC, scene.clock.at) is None


async def test_before_the_first_comparison_nothing_is_behind(scene):
    assert behind_of(scene.store.db, pair(), UTC, scene.clock.at) is None


async def test_how_far_it_lags_is_said(scene):
    await scene.run()
    later = scene.clock.at + 4 * HOUR
    found = behind_of(scene.store.db, pair(), UTC, later)
    assert found is not None
    assert found.until == NOON + HOUR
    assert found.waiting == 4
    said = say_behind(found, UTC, later)
    assert said.startswith("Compared up to 13:00 only: 4 later periods are due and not known yet")


async def test_a_comparison_that_is_due_for_minutes_only_is_not_called_late(scene):
    await scene.run()
    due = NOON + 2 * HOUR + 32 * MINUTE
    assert behind_of(scene.store.db, pair(), UTC, due + 14 * MINUTE) is None
    assert behind_of(scene.store.db, pair(), UTC, due + 15 * MINUTE) is not None


async def test_what_is_stale_is_not_green(scene):
    await scene.run()
    [kept] = scene.periods()
    known = Pair(settings=pair(), periods=(kept,))
    late = Pair(settings=pair(), periods=(kept,), behind="Compared up to 13:00 only")
    assert "🟢" in str(pairs_answer([known], UTC).blocks)
    assert "🟢" not in str(pairs_answer([late], UTC).blocks)
    assert "Compared up to 13:00 only" in str(periods_answer(late, UTC).blocks)


async def test_a_digest_says_so_even_where_nothing_was_compared_in_its_time(scene):
    await scene.run()
    later = scene.clock.at + 4 * HOUR
    told = reconciled(scene.store.db, later - HOUR, later, Keys.FULL, UTC, [pair()])
    assert told is not None
    [said] = told.behind
    assert said.startswith("Orders to the books: compared up to 13:00 only")
