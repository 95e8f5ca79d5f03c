"""A comparison from the timetable to the thread of its incident."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.incidents.model import Kind, State
from bot.store import incidents, reconciliations
from checks.model import Level
from checks.reconcile.model import Standing
from checks.unreadable import Unavailable
from tests.bot.reconciling.estate import HOUR, MINUTE, NOON, Slow, arrived, order, pair
from tests.waiting import PATIENCE

LOST = (1100, 1500, 1900)
SHORT = {"n1200": {"reference": "reference of order 1"}}


def lose(scene):
    scene.books.orders = arrived(scene.shop.orders, but=LOST, **SHORT)


def kinds(scene, number=1):
    return [entry.kind for entry in incidents.timeline(scene.store.db, number)]


async def test_a_whole_period_is_whole(scene):
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    [verdict] = scene.round()
    assert verdict.level is Level.OK
    assert verdict.sentence == (
        "All 1,000 orders of Shop to Books from 12:00 to 13:00 UTC arrived as they were; "
        "compared at 13:35."
    )


async def test_three_lost_orders_and_a_shortened_field_are_told_within_one_comparison(scene):
    lose(scene)
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    [verdict] = scene.round()
    assert verdict.level is Level.BREACH
    assert verdict.sentence == (
        "3 of 1,000 orders of Shop to Books from 12:00 to 13:00 UTC never arrived, and 1 has a "
        'shortened "reference" (room for 20 characters); compared at 13:35, each asked for again. '
        "Send them again before Tue 24 Nov, 12:00 UTC: from then on Patchworks deletes their "
        "payloads."
    )
    [kept] = scene.periods()
    found = list(reconciliations.differences(scene.store.db, kept))
    assert {each.key for each in found} == {"1100", "1500", "1900", "1200"}


async def test_a_later_clean_comparison_resolves(scene):
    lose(scene)
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    scene.round()
    scene.books.orders = arrived(scene.shop.orders)
    scene.clock.at += 30 * MINUTE
    await scene.run()
    scene.round()
    assert incidents.find_incident(scene.store.db, 1).state is State.TRIGGERED  # not yet due
    scene.clock.at += 31 * MINUTE
    await scene.run()
    scene.round()
    assert incidents.find_incident(scene.store.db, 1).state is State.RESOLVED


async def test_the_thread_is_told_once_for_each_time_that_something_else_was_found(scene):
    lose(scene)
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    scene.round()
    await scene.run()
    await scene.run()
    assert kinds(scene).count(Kind.COMPARED) == 1
    assert scene.told == ["woken"]
    scene.clock.at += HOUR
    await scene.run()  # the same again
    assert kinds(scene).count(Kind.COMPARED) == 1
    scene.books.orders = arrived(scene.shop.orders, but=LOST[:1])
    scene.clock.at += HOUR
    await scene.run()
    assert kinds(scene).count(Kind.COMPARED) == 2


async def test_a_side_that_cannot_be_read_is_not_known_and_opens_nothing(scene):
    scene.books.trouble = Unavailable("Books answered with 503: the trouble is on its side")
    await scene.run()
    [verdict] = scene.round()
    assert verdict.level is Level.UNKNOWN
    assert "Books answered with 503" in verdict.sentence
    assert not incidents.open_alerts(scene.store.db)


async def test_a_side_that_goes_blind_leaves_the_incident_open(scene):
    lose(scene)
    await scene.run()
    scene.round()
    scene.shop.trouble = Unavailable("Shop did not answer")
    scene.clock.at += HOUR + MINUTE
    await scene.run()
    scene.clock.at += 16 * MINUTE
    await scene.run()
    assert {each.level for each in scene.round()} == {Level.UNKNOWN}
    assert incidents.find_incident(scene.store.db, 1).state is State.TRIGGERED
    assert [each.compared.standing for each in scene.periods()][-1] is Standing.DIFFERENT


async def test_an_order_that_is_still_on_its_way_is_not_told_as_lost(scene):
    late = order(5000, NOON + 59 * MINUTE)
    scene.shop.orders.append(late)
    scene.clock.at = NOON + HOUR + 33 * MINUTE
    scene.books.orders += arrived([late])
    scene.books.orders[-1] = scene.books.orders[-1].__class__(
        key="5000", fields=late.fields, id="b", at=NOON + 3 * HOUR, changed_at=NOON + 80 * MINUTE
    )
    await scene.run()  # the books' list does not hold it yet, and its key does
    [verdict] = scene.round()
    assert verdict.level is Level.OK
    assert "5000" in scene.books.asked


async def test_windows_follow_one_another_without_a_gap(scene):
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    scene.clock.at += 3 * HOUR
    await scene.run()
    spans = sorted((each.compared.since, each.compared.until) for each in scene.periods())
    assert [since for since, _ in spans] == [NOON + each * HOUR for each in range(4)]
    assert [until for _, until in spans[:-1]] == [since for since, _ in spans[1:]]


async def test_a_system_that_cannot_be_asked_for_a_key_is_read_anew(scene):
    lose(scene)
    scene.books.by_key = False
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    assert [each.level for each in scene.round()] == [Level.BREACH]
    assert not scene.books.asked


async def test_one_pair_that_fails_stops_no_other(scene):
    broken = pair(name="Broken", target="Nowhere")
    scene.made(broken, pair())
    await scene.run()
    verdicts = {each.subject.id: each for each in scene.round()}
    assert verdicts["Broken"].level is Level.UNKNOWN
    assert "there is no system called Nowhere" in verdicts["Broken"].sentence
    assert verdicts["Orders to the books"].level is not Level.UNKNOWN


async def test_what_is_too_old_is_deleted_and_the_counts_stay(scene):
    lose(scene)
    scene.made(differences_for="1h")
    await scene.run()
    [kept] = [each for each in scene.periods() if each.compared.found]
    scene.clock.at += timedelta(hours=3)
    await scene.run()
    assert not list(reconciliations.differences(scene.store.db, kept))
    assert scene.store.db.execute("SELECT count(*) FROM differences").fetchone()[0] == 0
    assert any(each.compared.found for each in scene.periods())


@pytest.mark.parametrize("slow", [1, 3], ids=["one is slow", "three of one system are slow"])
async def test_a_comparison_that_takes_long_keeps_no_other_pair_waiting(scene, slow):
    vendor = Slow("Slow", list(scene.shop.orders))
    pairs = (pair(name=f"Slow {each}", source="Slow") for each in range(slow))
    jobs = scene.made(*pairs, pair(), others=(vendor,)).reconciler.jobs()
    waiting = [asyncio.create_task(jobs[f"reconcile Slow {each}"]()) for each in range(slow)]
    await asyncio.wait_for(jobs["reconcile Orders to the books"](), PATIENCE)
    await jobs["reconciled"]()
    assert not any(each.done() for each in waiting)
    assert vendor.at_once <= 2
    [kept] = scene.periods()
    assert kept.compared.standing is Standing.SAME
    vendor.answers.set()
    await asyncio.gather(*waiting)
    assert all(scene.periods(f"Slow {each}")[0].compared.looked_at for each in range(slow))


async def test_sums_of_money_are_stored_with_every_digit(scene):
    lose(scene)
    scene.shop.orders[0].fields["total"] = Decimal("12345678901234567.89")
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    sql = "SELECT field, source_sum, target_sum FROM view_reconciled_sums"
    [(field, ours, theirs)] = scene.store.db.execute(sql).fetchall()
    assert field == "total"
    sent, held = ([each.fields["total"] for each in side.orders] for side in scene.sides)
    assert (Decimal(ours), Decimal(theirs)) == (sum(sent), sum(held))
    [kept] = scene.periods()
    [told] = [each for each in kept.compared.looks if each.name == "total"]
    assert told.sums[0].source == sum(sent)
