"""What the Patchworks client asks, and what it makes of good answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from checks.fetch import Refused, Unavailable
from checks.patchworks import ROUTES, Login, Patchworks
from checks.runs import Run, RunStatus
from tests.checks.patchworks_double import (
    CALLS,
    KEY,
    NOON,
    Pages,
    a_job,
    a_run,
    client_of,
    listing,
)

# What is asked


async def test_only_get_is_ever_sent_apart_from_the_login() -> None:
    sent: list[tuple[str, str]] = []

    def answer(request: httpx.Request) -> object:
        sent.append((request.method, request.url.host))
        if request.url.host == "app.example":
            return {"token": "t0ken", "expires_in": 86400}
        return listing()

    client = client_of(answer, credentials=Login("ops", SecretStr("pw")))
    for call in CALLS.values():
        try:
            await call(client)
        except Unavailable:
            assert True  # an empty list is no answer to some of them
    assert {method for method, host in sent if host == "core.example"} == {"GET"}
    assert [method for method, host in sent if host == "app.example"] == ["POST"]


def test_it_has_no_method_that_could_change_anything() -> None:
    public = {name for name in vars(Patchworks) if not name.startswith("_")}
    assert public == set(CALLS)


async def test_the_api_key_is_sent_bare() -> None:
    def answer(request: httpx.Request) -> object:
        assert request.headers["Authorization"] == KEY
        return listing()

    await client_of(answer).check_access()


async def test_the_key_check_asks_for_a_single_flow() -> None:
    pages = Pages([])
    await client_of(pages).check_access()
    assert dict(pages.asked[0]) == {"page": "1", "per_page": "1"}


async def test_runs_are_asked_for_since_a_moment_in_milliseconds() -> None:
    pages = Pages([])
    await client_of(pages).runs_since(datetime(2026, 3, 1, 19, 0, 28, tzinfo=UTC), max_pages=1)
    assert pages.asked[0]["filter[started_after]"] == "1772391627000"  # one second of margin
    assert pages.asked[0]["sort"] == "-started_at"


@pytest.mark.parametrize(
    "core_url",
    ["https://core.example", "https://core.example/", "https://core.example/api/v1"],
)
async def test_the_address_may_be_written_in_each_usual_way(core_url: str) -> None:
    def answer(request: httpx.Request) -> object:
        assert request.url.path == "/api/v1/flows"
        return listing()

    await client_of(answer, core_url=core_url).check_access()


async def test_a_path_from_the_settings_takes_the_place_of_ours() -> None:
    def answer(request: httpx.Request) -> object:
        assert request.url.path == "/api/v1/queue"
        return listing()

    await client_of(answer, routes={"waiting": "/api/v1/queue"}).waiting()


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        pytest.param({"queues": "/x"}, 'unknown route "queues": expected one of flows', id="name"),
        pytest.param({"flows": "x"}, 'begins with "/"', id="no slash"),
        pytest.param({"flows": "/x?a=1"}, "without a query", id="query"),
        pytest.param({"run": "/runs/one"}, '"{id}" where', id="id missing"),
        pytest.param({"flows": "/flows/{id}"}, 'no "{"', id="id too many"),
    ],
)
def test_a_wrong_route_is_named(routes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        client_of(lambda _: None, routes=routes)


@pytest.mark.parametrize("url", ["", "core.example", "ftp://x", "https://", "https://x?y=1"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ValueError, match="core_url: expected an address such as"):
        client_of(lambda _: None, core_url=url)


def test_every_route_is_below_the_api_and_says_how_sure_we_are() -> None:
    assert {name for name, route in ROUTES.items() if route.certainty == "inferred"} == {
        "waiting",
        "instances",
        "allowances",
        "tracked",
    }
    assert all(route.path.startswith("/api/v1/") for route in ROUTES.values())


# What is read


async def test_runs_come_newest_first_and_complete() -> None:
    pages = Pages([a_run(n) for n in range(1, 251)])
    runs, complete_since = await client_of(pages).runs_since(NOON - timedelta(hours=5), max_pages=5)
    assert [run.id for run in runs] == [str(n) for n in range(1, 251)]
    assert complete_since == NOON - timedelta(hours=5)
    assert len(pages.asked) == 3


async def test_when_pages_run_out_it_is_told_how_far_back_runs_are_complete() -> None:
    pages = Pages([a_run(n) for n in range(1, 251)])
    runs, complete_since = await client_of(pages).runs_since(NOON - timedelta(hours=5), max_pages=2)
    assert len(runs) == 200
    assert complete_since == NOON - timedelta(minutes=200)


async def test_older_runs_of_a_server_that_ignores_the_filter_are_left_out() -> None:
    pages = Pages([a_run(n) for n in range(1, 251)])
    since = NOON - timedelta(minutes=90)
    runs, complete_since = await client_of(pages).runs_since(since, max_pages=5)
    assert len(runs) == 90
    assert complete_since == since
    assert len(pages.asked) == 1


async def test_unsorted_runs_are_no_ground_for_saying_how_far_back_they_reach() -> None:
    pages = Pages([a_run(n) for n in range(250, 0, -1)])
    with pytest.raises(Unavailable, match="did not sort its runs"):
        await client_of(pages).runs_since(NOON - timedelta(hours=5), max_pages=2)


async def test_running_leaves_out_what_a_server_that_ignores_the_filter_adds() -> None:
    rows = [a_run(1, status=1), a_run(2, status="SUCCESS"), a_run(3, status="paused")]
    runs = await client_of(Pages(rows)).running()
    assert [(run.id, run.status) for run in runs] == [
        ("1", RunStatus.STARTED),
        ("3", RunStatus.UNKNOWN),
    ]


async def test_more_runs_than_are_read_at_a_time_is_not_told_as_fewer() -> None:
    pages = Pages([a_run(n, status=1) for n in range(1, 2_102)])
    with pytest.raises(Unavailable, match=r"counts 2,101 runs, more than the 2,000"):
        await client_of(pages).running()


async def test_one_run_is_read_by_its_id() -> None:
    client = client_of(lambda request: {"data": a_run(7, summary="Timed out")})
    assert await client.run("7") == Run(
        id="7",
        flow_id="40",
        flow_name="Orders to NetSuite",
        status=RunStatus.SUCCESS,
        started_at=NOON - timedelta(minutes=7),
        trigger="Schedule",
        summary="Timed out",
    )


async def test_another_run_than_the_one_asked_for_is_no_answer() -> None:
    with pytest.raises(Unavailable, match='without a usable "id"'):
        await client_of(lambda request: {"data": a_run(8)}).run("7")


async def test_a_run_that_is_not_there_is_no_matter_for_a_person() -> None:
    client = client_of(lambda request: httpx.Response(404, json={"message": "Not found"}))
    with pytest.raises(Unavailable, match=r"does not know run 7 .*older than the 7 days"):
        await client.run("7")


async def test_a_list_that_is_not_there_is_a_matter_for_a_person() -> None:
    client = client_of(lambda request: httpx.Response(404, json={"message": "Not found"}))
    with pytest.raises(Refused, match=r"correct this path under \[patchworks.routes\]"):
        await client.waiting()


async def test_the_last_lines_of_a_log_come_oldest_first() -> None:
    lines = [{"id": n, "log_level": "info", "log_message": f"line {n}"} for n in range(350, 0, -1)]
    pages = Pages(lines)
    log = await client_of(pages).run_log("7", at_most=150)
    assert [log[0].text, log[-1].text] == ["line 201", "line 350"]
    assert len(log) == 150
    assert pages.asked[0]["sort"] == "-id"


async def test_the_queue_is_oldest_first_however_it_was_sent() -> None:
    client = client_of(Pages([a_job(5), a_job(90), a_job(30)]))
    jobs, total, oldest_known = await client.waiting()
    assert [job.id for job in jobs] == ["90", "30", "5"]
    assert (total, oldest_known) == (3, True)


async def test_a_queue_longer_than_we_read_is_counted_whole() -> None:
    pages = Pages([a_job(n) for n in range(1, 701)])
    jobs, total, oldest_known = await client_of(pages).waiting(max_pages=5)
    assert (len(jobs), total, oldest_known) == (500, 700, False)


async def test_an_empty_queue_is_empty_and_not_unknown() -> None:
    assert await client_of(Pages([])).waiting() == ((), 0, True)


async def test_jobs_that_no_longer_wait_do_not_count() -> None:
    rows = [a_job(1, status="Pending"), a_job(2, status="picked"), a_job(3, status="PENDING")]
    pages = Pages(rows)
    jobs, total, _ = await client_of(pages, waiting_statuses=frozenset({"pending"})).waiting()
    assert [job.id for job in jobs] == ["3", "1"]
    assert total == 2
    assert pages.asked[0]["filter[status]"] == "pending"


async def test_a_job_without_the_status_that_decides_is_an_error() -> None:
    client = client_of(Pages([a_job(1)]), waiting_statuses=frozenset({"pending"}))
    with pytest.raises(Unavailable, match='queued job 1 without a usable "status"'):
        await client.waiting()


async def test_the_snapshot_reads_the_queue_before_what_runs() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> object:
        kind = "running" if "filter[status]" in request.url.params else "recent"
        waiting = request.url.path.endswith("/scheduled-flows")
        asked.append("waiting" if waiting else kind)
        return listing(a_job(9)) if waiting else listing(a_run(1, status=1))

    queue = await client_of(answer).queue(recent=timedelta(minutes=15))
    assert asked == ["waiting", "running", "recent"]
    assert queue.at == NOON
    assert queue.oldest_age == timedelta(seconds=9)
    assert queue.waiting_total == 1
    assert [run.id for run in queue.running] == ["1"]
    assert queue.recent_since == NOON - timedelta(minutes=15)


async def test_allowances_come_under_dotted_names() -> None:
    body = {"data": {"concurrent_flows": {"limit": 10, "used": 4}, "api": [{"limit": 240}]}}
    assert await client_of(lambda request: body).allowances() == {
        "api.0.limit": 240,
        "concurrent_flows.limit": 10,
        "concurrent_flows.used": 4,
    }
