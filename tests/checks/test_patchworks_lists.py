"""Lists that move while they are read, or lie."""

from __future__ import annotations

import httpx
import pytest

from checks.fetch import Unavailable
from tests.checks.patchworks_double import CALLS, Pages, a_job, client_of, listing

LISTS = [name for name in CALLS if name not in ("run", "allowances")]

# These ask for no rows, only whether, or how many.
NO_ROWS = ("check_access", "count_runs", "pool_entries")


@pytest.mark.parametrize("call", LISTS)
@pytest.mark.parametrize(
    "body",
    [
        pytest.param([], id="a bare list"),
        pytest.param(None, id="null"),
        pytest.param("ok", id="a word"),
        pytest.param({}, id="nothing at all"),
        pytest.param({"meta": {"total": 0}}, id="no data"),
        pytest.param({"data": None, "meta": {"total": 0}}, id="data is null"),
        pytest.param({"data": {}, "meta": {"total": 0}}, id="data is an object"),
        pytest.param({"data": []}, id="no meta"),
        pytest.param({"data": [], "meta": []}, id="empty meta"),
        pytest.param({"data": [], "meta": {}}, id="no total"),
        pytest.param({"data": [], "meta": {"total": None}}, id="total is null"),
        pytest.param({"data": [], "meta": {"total": "many"}}, id="total is a word"),
        pytest.param({"data": [], "meta": {"total": -1}}, id="total below zero"),
        pytest.param({"data": [], "meta": {"total": True}}, id="total is a flag"),
        pytest.param({"data": [7], "meta": {"total": 1}}, id="row is a number"),
        pytest.param({"data": [{}], "meta": {"total": 1}}, id="row is empty"),
        pytest.param({"data": [{"attributes": 3}], "meta": {"total": 1}}, id="odd attributes"),
    ],
)
async def test_a_list_that_is_none_is_never_an_empty_list(call: str, body: object) -> None:
    with pytest.raises(Unavailable, match="Patchworks"):
        await CALLS[call](client_of(lambda request: httpx.Response(200, json=body)))


@pytest.mark.parametrize("call", [name for name in LISTS if name not in NO_ROWS])
async def test_rows_that_are_counted_but_not_sent_are_missed(call: str) -> None:
    client = client_of(lambda request: listing(total=5))
    with pytest.raises(Unavailable, match="counts 5 rows but ended after 0"):
        await CALLS[call](client)


async def test_the_same_page_again_and_again_is_noticed() -> None:
    rows = [a_job(n) for n in range(100)]
    client = client_of(lambda request: {"data": rows, "meta": {"total": 700}})
    with pytest.raises(
        Unavailable, match=r"page 2 held nothing that was not on earlier ones.*whole"
    ):
        await client.waiting()


async def test_a_page_that_calls_itself_by_another_number_is_noticed() -> None:
    fresh = iter(range(10_000))
    client = client_of(
        lambda request: listing(*(a_job(next(fresh)) for _ in range(100)), total=700, page=1)
    )
    with pytest.raises(Unavailable, match="goes in circles: page 2"):
        await client.waiting()


async def test_new_jobs_while_we_read_are_tolerated_and_nothing_counts_twice() -> None:
    pages = Pages([a_job(n) for n in range(1, 251)])

    def push(rows: list[dict[str, object]], call: int) -> None:
        rows.insert(0, a_job(1_000 + call))

    pages.edit = push
    jobs, _, oldest_known = await client_of(pages).waiting()
    assert oldest_known
    assert {job.id for job in jobs} >= {str(n) for n in range(1, 251)}
    assert len({job.id for job in jobs}) == len(jobs)


async def test_so_many_new_jobs_that_a_page_is_pushed_on_whole_are_no_circle() -> None:
    pages = Pages([a_job(n) for n in range(1, 251)])

    def push(rows: list[dict[str, object]], call: int) -> None:
        if call == 2:  # a clock that jumps, or the minute in which a sale begins
            rows[:0] = [a_job(1_000 + n) for n in range(150)]

    pages.edit = push
    jobs, _, oldest_known = await client_of(pages).waiting()
    assert oldest_known
    assert {job.id for job in jobs} >= {str(n) for n in range(1, 251)}
    assert len({job.id for job in jobs}) == len(jobs)
    assert [params["page"] for params in pages.asked] == ["1", "2", "3", "4"]


@pytest.mark.parametrize("times", [1, 2])
async def test_a_list_that_changed_its_order_is_read_again(times: int) -> None:
    pages = Pages([a_job(n) for n in range(1, 251)])

    def reorder(rows: list[dict[str, object]], call: int) -> None:
        if call in range(2, 2 * times + 1, 2):
            rows[:] = [*rows[100:200], *rows[:100], *rows[200:]]

    pages.edit = reorder
    jobs, total, _ = await client_of(pages).waiting()
    assert {job.id for job in jobs} == {str(n) for n in range(1, 251)}
    assert total == 250
    assert [params["page"] for params in pages.asked] == [*["1", "2"] * times, "1", "2", "3"]


async def test_a_list_that_keeps_changing_its_order_is_not_blamed() -> None:
    pages = Pages([a_job(n) for n in range(1, 251)])

    def reorder(rows: list[dict[str, object]], call: int) -> None:
        if not call % 2:
            rows[:] = [*rows[100:200], *rows[:100], *rows[200:]]

    pages.edit = reorder
    with pytest.raises(Unavailable, match=r"changed while we were reading it .* not be read whole"):
        await client_of(pages).waiting()
    assert len(pages.asked) == 6, "three times, and no more"


async def test_a_list_that_shrank_once_is_read_again() -> None:
    pages = Pages([a_job(n) for n in range(1, 251)])

    def pick(rows: list[dict[str, object]], call: int) -> None:
        if call == 2:
            del rows[:10]

    pages.edit = pick
    jobs, total, _ = await client_of(pages).waiting()
    assert (len(jobs), total) == (240, 240)
    assert [params["page"] for params in pages.asked] == ["1", "2", "1", "2", "3"]


async def test_a_list_that_keeps_shrinking_cannot_be_counted() -> None:
    pages = Pages([a_job(n) for n in range(1, 251)])

    def pick(rows: list[dict[str, object]], call: int) -> None:
        del rows[:5]

    pages.edit = pick
    with pytest.raises(Unavailable, match=r"changed while we were reading .*from 225 to 220 rows"):
        await client_of(pages).waiting()


async def test_a_row_that_comes_twice_on_one_page_counts_once() -> None:
    client = client_of(lambda request: listing(a_job(1), a_job(2), a_job(1)))
    jobs, total, _ = await client.waiting()
    assert ([job.id for job in jobs], total) == (["2", "1"], 2)


async def test_fewer_counted_than_sent_is_a_contradiction() -> None:
    client = client_of(lambda request: listing(a_job(1), a_job(2), total=1))
    with pytest.raises(Unavailable, match="counts 1 rows but sent 2"):
        await client.waiting()


async def test_one_bad_row_is_neither_skipped_nor_counted() -> None:
    client = client_of(lambda request: listing(a_job(1), a_job(2, created_at=None)))
    with pytest.raises(Unavailable, match='queued job 2 without a usable "created_at"'):
        await client.waiting()
