"""How any list of records is read: page by page, to its end, by key, exactly."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest

from checks.declare import Answer, Call, NotOffered
from checks.listing import Detail, Key, RecordPage, Records, fields, instant, integer, money
from checks.reading import find, since_utc
from checks.reconcile.model import Record
from checks.record_rows import items_at, last_of, odata_page, quoted, rows_at
from checks.records import By, RecordList, RecordSource, Wanted
from checks.system import System
from checks.tracked import TrackedData
from checks.unreadable import Refused, Unavailable
from tests.checks.patchworks_double import client_of
from tests.checks.system_double import CONNECTOR, NOON, SOURCE, Vendor, system

HOUR = timedelta(hours=1)


def _page(answer: Answer) -> RecordPage:
    rows = rows_at(answer.data, "orders")
    more = find(answer.data, "more") is True
    return RecordPage(rows=rows, after={"after": last_of(rows, "id")} if more else None)


def _is_nothing(answer: Answer) -> bool:
    return answer.status == 204


ORDERS = Records(
    entity="orders",
    place="orders",
    by=By.CREATED,
    call=Call(
        path="/orders",
        params={"from": "{since}", "to": "{until}", "after": "{after}", "also": "{more}"},
    ),
    start={"after": "0"},
    moment=since_utc,
    read=_page,
    keys=(
        Key(field="number", call=Call(path="/found", params={"q": "'{key}'"}), write=quoted),
        Key(field="shop", call=NotOffered("nobody can search by it")),
    ),
    other=Key(field="", call=Call(path="/found", params={"q": "{field}={key}"})),
    fields=fields(
        number="number",
        shop="shop",
        total=money("total"),
        lines=integer(items_at("lines")),
        changed_at=instant("changed"),
    ),
    id="id",
    at="created",
    changed_at="changed",
    source=SOURCE,
    samples=(),
    select=",".join,
    empty=_is_nothing,
)


def _reading(vendor: Vendor, records: Records = ORDERS) -> System:
    return system(vendor, connector=replace(CONNECTOR, lists=(records,)))


def _row(id_: int, **told: object) -> dict[str, object]:
    usual = {"id": id_, "number": f"#{id_}", "created": "2026-11-21T11:30:00Z"}
    return {**usual, **told}


def _answer(*rows: Mapping[str, object], more: bool = False) -> httpx.Response:
    return httpx.Response(200, json={"orders": rows, "more": more})


async def _all(source: RecordSource, place: str = "", wanted: Wanted | None = None) -> list[Record]:
    pages = source.records("orders", place, NOON - HOUR, NOON, wanted or Wanted())
    return [record async for page in pages for record in page]


# ── Pages ────────────────────────────────────────────────────────────────────────────────────────


async def test_every_page_is_read_after_the_last_one_seen() -> None:
    vendor = Vendor(_answer(_row(1), _row(2), more=True), _answer(_row(3)))
    assert [record.key for record in await _all(_reading(vendor))] == ["#1", "#2", "#3"]
    first, second = (request.url.params for request in vendor.asked)
    assert (first["after"], second["after"]) == ("0", "2")
    assert first["from"] == second["from"] == "2026-11-21T11:00:00Z"
    assert first["to"] == second["to"] == "2026-11-21T12:00:00Z"


async def test_pages_are_taken_apart_beside_the_loop() -> None:
    """Hundreds of records at once would hold up whoever waits for an answer."""
    threads: list[threading.Thread] = []

    def page(answer: Answer) -> RecordPage:
        threads.append(threading.current_thread())
        return _page(answer)

    reading = _reading(Vendor(_answer(_row(1)), _answer(_row(1))), replace(ORDERS, read=page))
    await _all(reading)
    await reading.look("orders", "orders", NOON - HOUR, NOON)
    assert len(threads) == 2
    assert threading.main_thread() not in threads


async def test_an_empty_list_has_no_records() -> None:
    assert await _all(_reading(Vendor(_answer()))) == []


async def test_a_204_is_an_empty_list_where_the_system_says_it_so() -> None:
    assert await _all(_reading(Vendor(httpx.Response(204)))) == []
    with pytest.raises(Unavailable, match="empty answer"):
        await _all(_reading(Vendor(httpx.Response(204)), replace(ORDERS, empty=None)))


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(httpx.Response(200, json={"message": "hello"}), id="no list"),
        pytest.param(httpx.Response(200, json={"orders": [7]}), id="no record"),
        pytest.param(httpx.Response(200, json={"orders": [{"number": "#3"}]}), id="no id"),
        pytest.param(_answer(_row(3, created="yesterday")), id="no time"),
        pytest.param(httpx.Response(200, text='{"orders": ['), id="cut off"),
        pytest.param(httpx.Response(503), id="down"),
        pytest.param(httpx.ReadTimeout("made up"), id="too slow"),
    ],
)
async def test_a_list_that_breaks_off_is_never_a_shorter_one(
    later: httpx.Response | Exception,
) -> None:
    with pytest.raises(Unavailable, match="acme-shop"):
        await _all(_reading(Vendor(_answer(_row(1), more=True), later)))


async def test_a_list_that_goes_in_circles_is_left() -> None:
    vendor = Vendor(_answer(_row(1), more=True), _answer(_row(2), more=True))
    with pytest.raises(Unavailable, match="round in circles"):
        await _all(_reading(vendor))
    assert len(vendor.asked) == 3


async def test_numbered_pages_are_counted_from_one() -> None:
    def numbered(answer: Answer) -> RecordPage:
        rows = rows_at(answer.data, "orders")
        return RecordPage(rows=rows, after={} if rows else None)

    call = Call(path="/orders", params={"since": "{since}", "page": "{page}"})
    vendor = Vendor(_answer(_row(1)), _answer(_row(2)), _answer())
    found = await _all(_reading(vendor, replace(ORDERS, call=call, read=numbered, select=None)))
    assert [record.id for record in found] == ["1", "2"]
    assert [request.url.params["page"] for request in vendor.asked] == ["1", "2", "3"]


async def test_numbered_pages_that_stay_the_same_are_noticed() -> None:
    always = replace(ORDERS, read=lambda a: RecordPage(rows=rows_at(a.data, "orders"), after={}))
    with pytest.raises(Unavailable, match="round in circles"):
        await _all(_reading(Vendor(_answer(_row(1))), always))


async def test_a_refusal_is_the_systems_own() -> None:
    with pytest.raises(Refused, match="lacks a right"):
        await _all(_reading(Vendor(httpx.Response(403, json={}))))


async def test_a_link_to_another_host_leads_nowhere() -> None:
    link = "https://evil.example/orders?$skiptoken=abc"
    vendor = Vendor(
        httpx.Response(200, json={"value": [_row(1)], "@odata.nextLink": link}),
        httpx.Response(200, json={"value": []}),
    )
    await _all(_reading(vendor, replace(ORDERS, read=odata_page)))
    assert {request.url.host for request in vendor.asked} == {"acme.vendor.example"}
    assert vendor.asked[1].url.params["$skiptoken"] == "abc"


# ── Values ───────────────────────────────────────────────────────────────────────────────────────


async def test_amounts_are_exact_and_counts_are_counted() -> None:
    body = '{"orders":[{"id":1,"number":"#1","total":0.10000000000000000001,"lines":[1,2]}]}'
    (record,) = await _all(_reading(Vendor(httpx.Response(200, text=body))))
    assert record.fields["total"] == Decimal("0.10000000000000000001")
    assert record.fields["lines"] == 2
    assert (record.id, record.place, record.at) == ("1", "orders", None)


@pytest.mark.parametrize(
    ("told", "zone", "means"),
    [
        pytest.param("2026-11-21T12:30:00+01:00", None, 11, id="with an offset"),
        pytest.param("2026-11-21T11:30:00", None, 11, id="the system's own zone"),
        pytest.param("2026-11-21T12:30:00", ZoneInfo("Europe/Rome"), 11, id="the settings' zone"),
    ],
)
async def test_times_are_utc(told: str, zone: ZoneInfo | None, means: int) -> None:
    vendor = Vendor(_answer(_row(1, created=told, changed=told)))
    (record,) = await _all(_reading(vendor), wanted=Wanted(zone=zone))
    at = datetime(2026, 11, 21, means, 30, tzinfo=UTC)
    assert record.at == record.changed_at == record.fields["changed_at"] == at


async def test_further_fields_are_asked_for_and_taken_off_the_answer() -> None:
    vendor = Vendor(_answer(_row(1, address={"street": "Mill Brow"})))
    (record,) = await _all(_reading(vendor), wanted=Wanted(fields=("address.street", "total")))
    assert record.fields["address.street"] == "Mill Brow"
    assert vendor.asked[0].url.params["also"] == "address.street"


@pytest.mark.parametrize(
    "name",
    ["a} evil {b", "total) FROM employee --", "a b", "1a", "a..b", "a'b", "a,b", "ä", "a\n", "a."],
)
async def test_what_is_no_name_never_gets_into_a_question(name: str) -> None:
    vendor = Vendor(_answer())
    with pytest.raises(ValueError, match="names no field"):
        await _all(_reading(vendor), wanted=Wanted(fields=(name,)))
    assert not vendor.asked


async def test_a_field_that_is_an_object_is_refused() -> None:
    vendor = Vendor(_answer(_row(1, address={"street": "Mill Brow"})))
    with pytest.raises(Unavailable, match="address is no single value"):
        await _all(_reading(vendor), wanted=Wanted(fields=("address",)))


async def test_details_are_asked_for_a_few_at_a_time() -> None:
    def details(answer: Answer) -> dict[str, dict[str, object]]:
        return {str(row["id"]): {"total": row["sum"]} for row in rows_at(answer.data, "details")}

    def detail(*ids: int) -> httpx.Response:
        return httpx.Response(200, json={"details": [{"id": id_, "sum": id_ * 10} for id_ in ids]})

    records = replace(ORDERS, detail=Detail(call=Call(path="/details/{ids}"), most=2, read=details))
    vendor = Vendor(_answer(_row(1), _row(2), _row(3)), **{"1,2": [detail(2, 1)], "3": [detail()]})
    found = await _all(_reading(vendor, records))
    assert [(record.id, record.fields["total"]) for record in found] == [("1", 10), ("2", 20)]
    assert [request.url.path for request in vendor.asked[1:]] == [
        "/v1/details/1,2",
        "/v1/details/3",
    ]


# ── Keys ─────────────────────────────────────────────────────────────────────────────────────────


async def test_asking_by_key_leaves_out_what_only_looks_like_it() -> None:
    vendor = Vendor(_answer(_row(1), _row(11), _row(12, number="#1"), _row(13, number=" #1 ")))
    found = await _reading(vendor).record("orders", "", "#1")
    assert [record.id for record in found] == ["1", "12", "13"]


async def test_a_key_that_is_not_there_has_no_records() -> None:
    assert await _reading(Vendor(_answer())).record("orders", "orders", "#7") == ()


async def test_a_hostile_key_stays_a_value() -> None:
    vendor = Vendor(_answer())
    await _reading(vendor).record("orders", "", "x' or 'a' eq 'a&limit=9")
    assert dict(vendor.asked[0].url.params) == {"q": "'x'' or ''a'' eq ''a&limit=9'"}


async def test_another_field_may_be_the_key() -> None:
    vendor = Vendor(_answer(_row(1, ref="A-7")), _answer(_row(1, ref="A-7")))
    wanted = Wanted(key="ref")
    (record,) = await _all(_reading(vendor), wanted=wanted)
    assert record.key == record.fields["ref"] == "A-7"
    (record,) = await _reading(vendor).record("orders", "", "A-7", wanted)
    assert record.id == "1"
    assert vendor.asked[1].url.params["q"] == "ref=A-7"


async def test_a_key_that_cannot_be_searched_is_said_so() -> None:
    with pytest.raises(ValueError, match="cannot be asked for one shop: nobody can search by it"):
        await _reading(Vendor(_answer())).record("orders", "", "A", Wanted(key="shop"))


@pytest.mark.parametrize(
    ("entity", "place"), [("stock", ""), ("orders", "archive")], ids=["entity", "place"]
)
async def test_what_is_not_offered_is_said_before_anything_is_asked(
    entity: str, place: str
) -> None:
    vendor = Vendor(_answer())
    with pytest.raises(ValueError, match="what it lists: orders in orders"):
        _reading(vendor).records(entity, place, NOON - HOUR, NOON)
    with pytest.raises(ValueError, match="what it lists: orders in orders"):
        await _reading(vendor).record(entity, place, "#1")
    assert not vendor.asked


def test_a_system_without_lists_offers_none() -> None:
    none = replace(CONNECTOR, lists=NotOffered("it has none"))
    assert system(Vendor(), connector=none).lists == ()


def test_others_are_told_what_a_list_offers() -> None:
    (told,) = _reading(Vendor()).lists
    assert isinstance(told, RecordList)
    assert (told.keys, told.by_key, told.by) == (("number", "shop"), True, By.CREATED)
    ways = [told.can_be_asked(key) for key in ("", "number", "shop", "custom")]
    assert ways == [True, True, False, True]


# ── Tracked data ─────────────────────────────────────────────────────────────────────────────────


def _tracked(request: httpx.Request) -> object:
    rows = [
        {
            "id": number,
            "value": f"#{1000 + number}",
            "direction": direction,
            "success": True,
            "flow_id": 7,
            "created_at": "2026-11-21T11:30:00Z",
        }
        for number, direction in enumerate(["Receive", "Send", "Receive", "Receive"])
    ]
    wanted = request.url.params.get("filter[value]")
    found = [row for row in rows if wanted in (None, row["value"])]
    return {"data": found, "meta": {"total": len(found)}}


async def test_tracked_values_are_records_by_their_direction() -> None:
    tracked = TrackedData(client_of(_tracked))
    pages = tracked.records("tracked values", "received", NOON - 9 * HOUR, NOON)
    found = [record async for page in pages for record in page]
    assert [record.key for record in found] == ["#1000", "#1002", "#1003"]
    (sent,) = await tracked.record("tracked values", "sent", "#1001")
    assert (sent.fields["success"], sent.place, sent.id) == (True, "sent", "")
    assert await tracked.record("tracked values", "sent", "#1002") == ()


async def test_more_tracked_values_than_can_be_read_are_never_a_part_of_them() -> None:
    def endless(request: httpx.Request) -> object:
        page = int(request.url.params.get("page", "1"))
        row = json.loads(json.dumps(_tracked(request)["data"][0]))  # type: ignore[index]
        rows = [{**row, "id": 100 * page + number} for number in range(100)]
        return {"data": rows, "meta": {"total": 900_000, "current_page": page}}

    pages = TrackedData(client_of(endless)).records(
        "tracked values", "sent", NOON - timedelta(seconds=2), NOON
    )
    with pytest.raises(Unavailable, match="more values in a second"):
        [page async for page in pages]


@pytest.mark.parametrize(
    ("place", "wanted"),
    [("lost", Wanted()), ("sent", Wanted(fields=("total",))), ("sent", Wanted(key="flow_id"))],
    ids=["place", "field", "key"],
)
def test_tracked_data_offers_only_what_it_has(place: str, wanted: Wanted) -> None:
    with pytest.raises(ValueError, match="tracked value"):
        TrackedData(client_of(_tracked)).records("tracked values", place, NOON - HOUR, NOON, wanted)
