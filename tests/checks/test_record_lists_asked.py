"""What single systems are asked for their records, and the traps of each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import httpx
import pytest

from checks.declare import Connector, NotOffered
from checks.listing import Recorded, Records
from checks.records import Wanted
from checks.systems import all_connectors
from checks.unreadable import Unavailable
from tests.checks.connectors.visit import system_of

SINCE = datetime(2026, 11, 21, 10, tzinfo=UTC)
UNTIL = datetime(2026, 11, 21, 11, tzinfo=UTC)
CONNECTORS = all_connectors()
CHANGED = "lastModifiedDateTime"
BETWEEN = '{"updated":[{"operator":"BETWEEN","value":["%s","%s"]}]}'


class Theirs:
    """Answers a list's recorded pages in turn, the last one for ever; a sign-in gets a session."""

    def __init__(self, kind: str, place: str = "", *bodies: str) -> None:
        self.connector = CONNECTORS[kind]
        self.records = _list(self.connector, place)
        self.pages = [Recorded(body=body) for body in bodies] or [
            next(page for page in self.records.samples if page.after is None and not page.key)
        ]
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        text = request.content.decode()
        if "token" in request.url.path:
            token = {"access_token": "made-up", "expires_in": 3600, "token_type": "Bearer"}
            return httpx.Response(200, json=token)
        if "Login" in request.url.path or "Authenticate" in text:
            login = next(each for each in self.connector.samples if each.of == "login")
            return httpx.Response(200, text=login.body, headers=login.headers)
        self.asked.append(request)
        page = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        return httpx.Response(page.status, text=page.body)

    async def read(self, wanted: Wanted | None = None) -> list[object]:
        pages = self._system().records(
            self.records.entity, self.records.place, SINCE, UNTIL, wanted or Wanted()
        )
        return [record for found in [page async for page in pages] for record in found]

    async def find(self, key: str, wanted: Wanted | None = None) -> tuple[object, ...]:
        of = self.records
        return await self._system().record(of.entity, of.place, key, wanted or Wanted())

    def _system(self):
        auth = self.connector.auths[0]
        settings = {**dict.fromkeys(self.connector.placeholders, "acme"), **self.connector.defaults}
        return system_of(self.connector, self, settings, dict.fromkeys(auth.secrets, "made-up"))

    @property
    def query(self) -> dict[str, str]:
        """The query string of the last question."""
        told = parse_qs(self.asked[-1].url.query.decode(), keep_blank_values=True)
        return {name: values[0] for name, values in told.items()}

    @property
    def body(self) -> dict[str, object]:
        return json.loads(self.asked[-1].content)


def _list(connector: Connector, place: str) -> Records:
    assert not isinstance(connector.lists, NotOffered)
    return next(each for each in connector.lists if place in ("", each.place))


# ── Windows ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("kind", "name", "told"),
    [
        (
            "business_central",
            "$filter",
            f"{CHANGED} ge 2026-11-21T10:00:00Z and {CHANGED} lt 2026-11-21T11:00:00Z",
        ),
        ("bigcommerce", "max_date_created", "2026-11-21T11:00:00Z"),
        ("shipstation_v1", "createDateStart", "2026-11-21 02:00:00"),
        ("shopify_rest", "created_at_min", "2026-11-21T10:00:00Z"),
        ("brightpearl", "createdOn", "2026-11-21T10:00:00.000Z/2026-11-21T11:00:00.000Z"),
        (
            "sap_b1",
            "$filter",
            "CreationDate ge '2026-11-20' and CreationDate le '2026-11-22' and DocEntry gt 0",
        ),
        (
            "lightspeed_r",
            "createTime",
            "><,2026-11-21T10:00:00+00:00,2026-11-21T11:00:00+00:00",
        ),
        (
            "akeneo",
            "search",
            BETWEEN % ("2026-11-21 09:59:59", "2026-11-21 11:00:00"),
        ),
    ],
    ids=lambda each: each if each in CONNECTORS else "",
)
async def test_the_window_is_written_as_the_system_wants_it(
    kind: str, name: str, told: str
) -> None:
    theirs = Theirs(kind)
    assert await theirs.read() == []
    assert theirs.query[name] == told


# ── Shopify ──────────────────────────────────────────────────────────────────────────────────────


async def test_shopify_is_asked_for_further_fields_inside_its_query() -> None:
    theirs = Theirs("shopify")
    names = ("shippingAddress.address1", "shippingAddress.city", "poNumber")
    await theirs.read(Wanted(fields=names))
    query = str(theirs.body["query"])
    assert "shippingAddress { address1 city } poNumber }" in query
    assert "{more}" not in query
    assert theirs.body["variables"] == {
        "search": "created_at:>='2026-11-21T10:00:00Z' created_at:<'2026-11-21T11:00:00Z'",
        "cursor": None,
    }


async def test_shopify_goes_on_at_its_cursor() -> None:
    more, *_ = _list(CONNECTORS["shopify"], "").samples
    last = '{"data":{"orders":{"pageInfo":{"hasNextPage":false,"endCursor":null},"nodes":[]}}}'
    theirs = Theirs("shopify", "", more.body, last)
    assert len(await theirs.read()) == 1
    assert theirs.body["variables"]["cursor"] == "eyJsYXN0X2lkIjo1MX0="


@pytest.mark.parametrize("kind", ["shopify", "fluent"])
async def test_a_partial_answer_of_graphql_is_no_shorter_list(kind: str) -> None:
    whole = next(page for page in _list(CONNECTORS[kind], "").samples if page.key)
    partial = json.dumps({**json.loads(whole.body), "errors": [{"message": "Field 'x' is none"}]})
    with pytest.raises(Unavailable, match="the answer has errors: Field 'x' is none"):
        await Theirs(kind, "", partial).read()


async def test_a_key_cannot_get_out_of_shopifys_search() -> None:
    theirs = Theirs("shopify")
    await theirs.find("#1' OR status:'any")
    assert theirs.body["variables"]["search"] == r"name:'#1\' OR status:\'any'"


# ── NetSuite ─────────────────────────────────────────────────────────────────────────────────────


async def test_netsuite_may_be_keyed_by_a_custom_field() -> None:
    theirs = Theirs("netsuite")
    wanted = Wanted(key="custbody_shop_number", fields=("line_count",))
    await theirs.find("O'Neil", wanted)
    query = str(theirs.body["q"])
    assert "AND t.custbody_shop_number = 'O''Neil' AND t.id > 0 ORDER BY t.id" in query
    assert ", t.custbody_shop_number, (SELECT COUNT(*) FROM transactionline l" in query


@pytest.mark.parametrize("name", ["entity.email", "CustBody"])
async def test_what_is_no_column_of_netsuites_is_said_so(name: str) -> None:
    with pytest.raises(ValueError, match="no column of a transaction"):
        await Theirs("netsuite").read(Wanted(fields=(name,)))


# ── Others ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("place", ["salesOrders", "salesInvoices", "salesShipments"])
async def test_a_posted_order_is_found_by_the_shops_number_where_it_went(place: str) -> None:
    page = next(page for page in _list(CONNECTORS["business_central"], place).samples if page.key)
    theirs = Theirs("business_central", place, page.body)
    assert await theirs.find("#1001") == page.records
    assert theirs.query["$filter"] == "externalDocumentNumber eq '#1001'"
    assert theirs.asked[-1].url.path.endswith(f"/{place}")


async def test_an_order_number_of_business_central_is_looked_for_on_its_invoices() -> None:
    theirs = Theirs("business_central", "salesInvoices")
    await theirs.find("S-ORD101", Wanted(key="number"))
    assert theirs.query["$filter"] == "orderNumber eq 'S-ORD101'"


async def test_what_brightpearl_deleted_meanwhile_is_no_record() -> None:
    first, *_ = (page for page in _list(CONNECTORS["brightpearl"], "").samples if page.key)
    theirs = Theirs("brightpearl", "", first.body, '{"response":[]}')
    assert await theirs.read() == []
    assert theirs.asked[-1].url.path.endswith("/order-service/order/100231")


async def test_a_key_stays_a_text_in_akeneos_search() -> None:
    theirs = Theirs("akeneo")
    await theirs.find('TENT"]}, "x')
    told = json.loads(theirs.query["search"])
    assert told == {"sku": [{"operator": "=", "value": 'TENT"]}, "x'}]}


@pytest.mark.parametrize(("kind", "key"), [("bigcommerce", "A-7"), ("peoplevox", 'x" OR "1')])
async def test_what_can_be_no_key_is_not_asked_for(kind: str, key: str) -> None:
    theirs = Theirs(kind)
    assert await theirs.find(key) == ()
    assert not theirs.asked


async def test_peoplevox_is_read_until_a_page_is_empty() -> None:
    full, empty, *_ = _list(CONNECTORS["peoplevox"], "").samples
    theirs = Theirs("peoplevox", "", full.body, empty.body)
    assert await theirs.read() == list(full.records)
    texts = [request.content.decode() for request in theirs.asked]
    assert ["<PageNo>1<" in texts[0], "<PageNo>2<" in texts[1]] == [True, True]
    assert "acme &gt;= DateTime(2026,11,21,10,00,00) AND acme &lt; DateTime(2026," in texts[0]


ORDER = (
    '{"DocEntry":%d,"DocNum":1,"NumAtCard":"%d","DocTotal":1.5,"DocTotalFc":0.0,"DocCurrency":'
    '"GBP","CreationDate":"2026-11-21","DocTime":"09:00:00","UpdateDate":"","UpdateTime":""}'
)


def orders(*numbers: int) -> str:
    return '{"value":[' + ",".join(ORDER % (each, each) for each in numbers) + "]}"


@pytest.mark.parametrize(
    ("pages", "read"),
    [
        pytest.param([(1, 2), (3, 4), (5,), (6,)], [1, 2, 3, 4, 5], id="one more a page for ever"),
        pytest.param([(1, 2), (3, 4), (5, 6), ()], [1, 2, 3, 4, 5, 6], id="full pages to the end"),
        pytest.param([(1,), (2,), ()], [1, 2], id="few on a page from the first on"),
    ],
)
async def test_a_list_of_sap_that_grows_while_it_is_read_ends(pages, read) -> None:
    theirs = Theirs("sap_b1", "", *(orders(*each) for each in pages))
    assert [int(each.id) for each in await theirs.read()] == read
