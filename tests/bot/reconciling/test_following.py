"""A period that differed and is whole again: what was lost, and for how long, stays known."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from bot.incidents.model import Kind, State
from bot.reconciling.digesting import reconciled
from bot.reconciling.forgetting import forget
from bot.slack.render.entries import say_entry
from bot.store import incidents, reconciliations
from checks.reconcile.model import DifferenceKind
from checks.reconcile.showing import Keys
from tests.bot.reconciling.estate import HOUR, MINUTE, NOON, arrived, orders, pair

LOST = (1090, 1010, 1050)
SHORT = {"n1020": {"reference": "reference of order 1"}}
DAY = timedelta(days=1)


@pytest.fixture
def few(scene):
    """A hundred orders from 1001 on."""
    scene.shop.orders = orders(100)
    return scene


@pytest.fixture
async def mended(few):
    """Three orders are missing and one is cut at 13:35; they have arrived at 14:36, and at 15:37 it
    is corrected."""
    scene = few
    for number, books in enumerate(
        (
            arrived(scene.shop.orders, but=LOST, **SHORT),
            arrived(scene.shop.orders, **SHORT),
            arrived(scene.shop.orders),
        )
    ):
        scene.books.orders = books
        scene.clock.at = NOON + HOUR + 35 * MINUTE + number * (HOUR + MINUTE)
        await scene.run()
        scene.round()
    return scene


def rows(scene, view):
    return list(scene.store.db[view].rows)


async def test_the_counts_say_how_many_of_each_kind_there_were_and_for_how_long(mended):
    [first] = [each for each in mended.periods() if each.compared.since == NOON]
    assert first.compared.whole_at == mended.clock.at
    told = {row["kind"]: row for row in rows(mended, "view_reconciled_kinds")}
    assert {kind: row["records"] for kind, row in told.items()} == {
        "missing in target": 3,
        "shortened": 1,
    }
    missing, cut = told["missing in target"], told["shortened"]
    assert missing["found_at"] == cut["found_at"] < missing["made_good_at"] < cut["made_good_at"]
    assert cut["last_found_at"] == missing["made_good_at"]


async def test_the_view_of_periods_says_since_when_one_is_whole(mended):
    [first] = [row for row in rows(mended, "view_reconciliations") if row["differed_at"]]
    assert (first["standing"], first["differing"]) == ("same", 0)
    assert first["differed_at"] < first["whole_at"]


async def test_single_differences_stay_with_the_time_they_were_made_good(mended):
    told = rows(mended, "view_differences")
    assert {row["key"] for row in told} == {"1010", "1020", "1050", "1090"}
    assert {row["sure"] for row in told} == {1}
    assert all(row["found_at"] < row["made_good_at"] for row in told)
    [cut] = [row for row in told if row["key"] == "1020"]
    assert cut["found_at"] == min(row["found_at"] for row in told), "since it was found first"
    assert len({(row["reconciliation_id"], row["look"], row["number"]) for row in told}) == 4


async def test_what_was_made_good_is_no_difference_any_more(mended):
    for kept in mended.periods():
        assert not list(reconciliations.differences(mended.store.db, kept))


async def test_what_was_made_good_is_forgotten_with_its_key(mended):
    assert forget(mended.store, [pair()], "1050").entries == 1
    assert "1050" not in {row["key"] for row in rows(mended, "view_differences")}


async def test_what_was_made_good_is_deleted_in_time_and_its_count_stays(mended):
    mended.made(differences_for="1h")
    mended.clock.at += 3 * HOUR
    await mended.run()
    assert rows(mended, "differences") == []
    assert {row["records"] for row in rows(mended, "view_reconciled_kinds")} == {3, 1}


async def test_a_look_that_is_cut_off_leaves_what_was_made_good(mended):
    [first] = [each for each in mended.periods() if each.compared.since == NOON]
    with mended.store.writing() as db:
        left = reconciliations.drop_some(db, first.compared.id, first.batch)
    assert (left, len(rows(mended, "differences"))) == (0, 4)


@pytest.mark.parametrize(
    ("since", "until", "is_told"),
    [
        pytest.param(NOON, NOON + DAY, True, id="found and made good"),
        pytest.param(NOON, NOON + 2 * HOUR, True, id="found"),
        pytest.param(NOON + 3 * HOUR, NOON + DAY, True, id="made good"),
        pytest.param(NOON + 4 * HOUR, NOON + DAY, False, id="neither"),
    ],
)
async def test_the_digest_of_when_it_was_found_and_of_when_it_was_made_good_tell_it(
    mended, since, until, is_told
):
    told = reconciled(mended.store.db, since, until, Keys.FULL, UTC)
    said = " ".join(told.mended) if told else ""
    assert bool(said) == is_told
    if is_told:
        assert said == (
            "Orders of Shop to Books of Sat 21 Nov 12:00 to 13:00: 3 arrived about 1 h 1 min late, "
            '1 had a shortened "reference" until Sat 21 Nov 15:37. All stand as they should now. '
            "Among them: 1010, 1050, 1090."
        )
        assert (told.total, told.mended_total) == (0, 4)


@pytest.mark.parametrize("keys", [Keys.MASKED, Keys.NONE])
async def test_keys_of_what_was_made_good_are_shown_as_is_set(mended, keys):
    [said] = reconciled(mended.store.db, NOON, NOON + DAY, keys).mended
    assert "1050" not in said


async def test_the_incident_says_what_was_made_good_and_not_that_it_cleared_by_itself(mended):
    incident = incidents.find_incident(mended.store.db, 1)
    assert incident.state is State.RESOLVED
    assert incident.resolution.startswith(
        "All 100 orders of Shop to Books from 12:00 to 13:00 UTC stand in Books now as they "
        "should: 3 arrived about 1 h 1 min late, 1 had a shortened"
    )
    [last] = [each for each in incidents.timeline(mended.store.db, 1) if each.kind is Kind.CLEARED]
    assert say_entry(last).startswith("Closed by a later comparison: All 100 orders")


async def test_what_is_missing_is_named_first_then_by_its_key(few):
    scene = few
    cut = {f"n{1020 + each}": {"reference": "reference of order 1"} for each in range(20)}
    scene.books.orders = arrived(scene.shop.orders, but=LOST, **cut)
    scene.clock.at = NOON + HOUR + 35 * MINUTE
    await scene.run()
    [kept] = scene.periods()
    told = list(reconciliations.differences(scene.store.db, kept, sure=True))
    assert [each.key for each in told[:4]] == ["1010", "1050", "1090", "1020"]
    assert {each.kind for each in told[3:]} == {DifferenceKind.TRUNCATED}
    [said] = reconciled(scene.store.db, NOON, NOON + DAY, Keys.FULL).differences
    assert said.endswith("Among them: 1010, 1050, 1090.")
