"""The feeds over HTTP: walked as OData tells, filtered, sorted, refused; and as CSV."""

from __future__ import annotations

import io
import json
from decimal import Decimal

import httpx
import pandas
import pytest
from defusedxml.ElementTree import fromstring

from bot.export.rows import all_of, parts
from bot.export.tables import ALL, TABLES
from bot.store.views import reading
from tests.bot.export import scene
from tests.bot.web.seen import seen

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
TYPES = {
    "Edm.String": str,
    "Edm.Int64": int,
    "Edm.Double": (int, float),
    "Edm.Decimal": (int, float),
    "Edm.Boolean": bool,
    "Edm.DateTimeOffset": str,
    "Edm.Date": str,
}


@pytest.fixture
async def door(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    async with seen(store) as opened:
        yield opened
    store.close()


async def walk(door, path: str) -> list[dict]:
    """All rows, by the links."""
    rows, url = [], door.url + path
    while url:
        answer = await door.http.get(url)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        rows += told["value"]
        url = told.get("@odata.nextLink")
    return rows


async def test_the_service_names_every_entity_set_and_the_metadata_its_columns(door):
    told = await door.json("/feeds/")
    assert told["@odata.context"] == f"{door.url}/feeds/$metadata"
    assert [each["name"] for each in told["value"]] == [each.name for each in ALL]
    answer = await door.get("/feeds/$metadata")
    assert answer.headers["OData-Version"] == "4.0"
    model = fromstring(answer.text)
    sets = {each.get("Name") for each in model.iter(f"{EDM}EntitySet")}
    assert sets == set(TABLES)


async def test_every_value_is_of_the_type_that_the_metadata_says(door):
    model = fromstring((await door.get("/feeds/$metadata")).text)
    for entity in model.iter(f"{EDM}EntityType"):
        properties = {each.get("Name"): each for each in entity.iter(f"{EDM}Property")}
        told = await door.json(f"/feeds/{entity.get('Name')}?$top=50")
        assert told["value"], entity.get("Name")
        for row in told["value"]:
            assert list(row) == list(properties)
            for name, value in row.items():
                if value is None:
                    assert properties[name].get("Nullable") != "false"
                else:
                    assert isinstance(value, TYPES[properties[name].get("Type")]), name


async def test_links_lead_through_all_of_a_long_table(door):
    rows = await walk(door, "/feeds/runs")
    with reading(door.store.path) as db:
        expected = sum(len(part) for part in parts(db, all_of(TABLES["runs"])))
    assert len(rows) == expected > 5000
    assert len({row["id"] for row in rows}) == expected
    assert rows == sorted(rows, key=lambda row: (row["started_at"], row["id"]))


async def test_a_reader_may_ask_for_smaller_answers(door):
    answer = await door.get("/feeds/runs", Prefer="odata.maxpagesize=7")
    assert len(answer.json()["value"]) == 7
    assert answer.headers["Preference-Applied"] == "odata.maxpagesize=7"


async def test_top_and_skip_hold_over_links(door):
    whole = await walk(door, "/feeds/runs?$top=2503")
    assert len(whole) == 2503
    some = await walk(door, "/feeds/runs?$skip=500&$top=1200")
    assert some == whole[500:1700]
    assert await walk(door, "/feeds/runs?$top=0") == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("$filter=id eq 2", [2], id="equal"),
        pytest.param("$filter=id ne 2", [1, 3, 4, 5], id="not equal"),
        pytest.param("$filter=id ge 2 and id lt 4", [2, 3], id="between"),
        pytest.param("$filter=(id eq 1) or (id eq 5 and state eq 'triggered')", [1, 5], id="or"),
        pytest.param("$filter=not (id gt 1)", [1], id="not"),
        pytest.param("$filter=opened_at ge 2026-11-21T00:00:00Z", [4, 5], id="a time"),
        pytest.param("$filter=opened_at ge 2026-11-21", [4, 5], id="a day for a time"),
        pytest.param("$filter=opened_at ge 2026-11-20T23:00:00-01:00", [4, 5], id="with a zone"),
        pytest.param("$filter=resolved_at eq null", [1, 4, 5], id="null"),
        pytest.param("$filter=resolved_at ne null", [2, 3], id="not null"),
        pytest.param("$filter=is_drill eq false", [1, 2, 3, 4, 5], id="yes or no"),
        pytest.param("$filter=is_drill", [], id="yes or no by itself"),
        pytest.param("$filter=contains(subject_name,'to ')", [1, 2], id="contains"),
        pytest.param("$filter=startswith(subject_name,'Orders')", [1], id="starts with"),
        pytest.param("$filter=endswith(subject_name,'queue')", [5], id="ends with"),
        pytest.param("$filter=subject_name eq 'it''s; DROP TABLE incidents --'", [], id="quotes"),
        pytest.param("$filter=seconds_to_acknowledge le 240.5", [1], id="a number"),
        pytest.param("$orderby=opened_at desc", [5, 4, 3, 2, 1], id="falling"),
        pytest.param("$orderby=resolved_at,id desc", [5, 4, 1, 2, 3], id="unknown first"),
        pytest.param("$orderby=severity asc,opened_at desc&$top=2", [5, 3], id="by two"),
    ],
)
async def test_rows_are_chosen_and_sorted(door, query, expected):
    parts_of = dict(each.split("=", 1) for each in query.split("&"))
    rows = await walk(door, f"/feeds/incidents?{httpx.QueryParams(parts_of)}")
    found = [row["id"] for row in rows]
    assert (found if "orderby" in query else sorted(found)) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("$filter=source_sum eq 9.10", ["EUR"], id="equal, however it is written"),
        pytest.param("$filter=source_sum gt 12345678901234567.88", ["GBP"], id="beyond a float"),
        pytest.param("$filter=source_sum gt 12345678901234567.89", [], id="exactly the same"),
        pytest.param("$filter=target_sum lt 0", ["GBP"], id="below nought"),
        pytest.param("$filter=target_sum eq null", ["EUR"], id="null"),
        pytest.param("$orderby=source_sum", ["EUR", "JPY", "GBP"], id="as numbers, not as texts"),
        pytest.param("$orderby=target_sum desc", ["JPY", "GBP", "EUR"], id="falling"),
    ],
)
async def test_exact_amounts_are_compared_exactly(door, query, expected):
    parts_of = dict([query.split("=", 1)])
    address = f"{door.url}/feeds/reconciled_sums?{httpx.QueryParams(parts_of)}"
    found = []
    while address:  # one row an answer, so that each goes on behind the one before
        answer = await door.http.get(address, headers={"Prefer": "odata.maxpagesize=1"})
        told = json.loads(answer.text, parse_float=Decimal)
        found += told["value"]
        address = told.get("@odata.nextLink")
    assert [row["currency"] for row in found] == expected
    if "EUR" in expected:
        assert Decimal("9.1") in [row["source_sum"] for row in found]


async def test_columns_are_chosen_and_rows_counted(door):
    told = await door.json("/feeds/incidents?$select=state,id&$count=true&$top=1")
    assert told["@odata.count"] == 5
    assert told["@odata.context"].endswith("#incidents(id,state)")
    assert told["value"] == [{"id": 1, "state": "acknowledged"}]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        pytest.param("$expand=alerts", "$expand is not offered", id="an option"),
        pytest.param("$top=-1", "expected a whole number", id="a number below 0"),
        pytest.param("$top=9999999999999999999", "expected a whole number", id="far too many"),
        pytest.param("$select=nothing", "no column 'nothing'", id="a column"),
        pytest.param("$orderby=id sideways", "asc or desc", id="an order"),
        pytest.param("$filter=id eq", "ends too early", id="half a filter"),
        pytest.param("$filter=id eq 'x'", "expected a number", id="a text for a number"),
        pytest.param("$filter=id like 1", "compares with 'like'", id="a sign"),
        pytest.param("$filter=sqlite_version() eq 1", "no column", id="a function of SQL"),
        pytest.param("$filter=id eq 1; DROP TABLE runs", "not understood", id="SQL"),
        pytest.param("$filter=" + "(" * 50 + "id eq 1" + ")" * 50, "brackets", id="too deep"),
        pytest.param("$filter=opened_at ge 2026-13-41T00:00:00Z", "expected a time", id="no time"),
        pytest.param("$skiptoken=abc", "not one of ours", id="a made-up link"),
        pytest.param("$format=xml", "must be json", id="a format"),
    ],
)
async def test_what_is_not_understood_is_told_in_a_sentence(door, query, sentence):
    key, value = query.split("=", 1)
    answer = await door.get(f"/feeds/incidents?{httpx.QueryParams({key: value})}")
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["message"]


async def test_keys_of_records_cannot_be_found_out_by_asking(door):
    for query in ("$filter=startswith(key,'1')", "$orderby=key", "$filter=key eq '1000423'"):
        answer = await door.get(f"/feeds/differences?{query}")
        assert answer.status_code == 400
    rows = await walk(door, "/feeds/differences")
    assert [row["key"] for row in rows] == ["****423", "****424", "****425"]


async def test_what_there_is_not_is_404(door):
    for path in ("/feeds/secrets", "/feeds/snapshots.csv", "/feeds/view_runs"):
        assert (await door.get(path)).status_code == 404


async def test_csv_is_read_by_pandas_as_a_whole(door):
    answer = await door.get("/feeds/runs.csv?since=2026-11-20T00:00:00Z&until=2026-11-21")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    found = pandas.read_csv(io.BytesIO(answer.content), parse_dates=["started_at", "finished_at"])
    assert str(found["started_at"].dtype) == "datetime64[us, UTC]"
    assert found["seconds"].dtype == "float64"
    day = [row for row in await walk(door, "/feeds/runs?$filter=started_at ge 2026-11-20")
           if row["started_at"] < "2026-11-21"]  # fmt: skip
    assert found["id"].tolist() == [row["id"] for row in day]
    assert set(found[found["flow_id"] == "f1"]["flow_name"]) == {f"'{scene.HOSTILE}"}


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        pytest.param("runs.csv?since=yesterday", "expected a date or a time", id="no date"),
        pytest.param("limits.csv?since=2026-11-20", "holds the present only", id="no past"),
    ],
)
async def test_csv_that_cannot_be_told_says_why(door, path, sentence):
    answer = await door.get(f"/feeds/{path}")
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]["message"]


async def test_links_begin_with_the_address_that_others_know(tmp_path):
    store = scene.filled(tmp_path / "other.db")
    async with seen(store, url="https://watch.example.com/", open=True) as opened:
        told = await opened.json("/feeds/runs")
    store.close()
    assert told["@odata.nextLink"].startswith("https://watch.example.com/feeds/runs?")
