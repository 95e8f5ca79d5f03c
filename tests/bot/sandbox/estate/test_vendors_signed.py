"""The look-alikes that take OAuth 1.0a signatures, signed by a library that is not theirs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from authlib.oauth1 import ClientAuth

from bot.sandbox.estate.vendors import adobe_commerce, netsuite
from bot.sandbox.estate.vendors.adobe_commerce import AdobeCommerce
from bot.sandbox.estate.vendors.netsuite import AT_ONCE, NetSuite
from bot.sandbox.estate.vendors.oauth1 import Keys
from bot.sandbox.estate.vendors.vendor import Answered, Asked
from checks.proof import HMAC_SHA256
from tests.bot.sandbox.estate.vendor_asking import NOON, Books, data

ACCOUNT = "http://127.0.0.1:8080/vendors/netsuite-production"
SHOP = "http://127.0.0.1:8080/vendors/adobe-commerce"
SINCE = "2026-11-21 11:00:00"


def ask(vendor: NetSuite | AdobeCommerce, keys: Keys, url: str, body: object = None) -> Answered:
    method = "GET" if body is None else "POST"
    auth = ClientAuth(
        keys.consumer_key,
        client_secret=keys.consumer_secret,
        token=keys.token,
        token_secret=keys.token_secret,
        realm=keys.realm or None,
        signature_method=HMAC_SHA256,
    )
    raw = b"" if body is None else json.dumps(body).encode()
    _, headers, _ = auth.prepare(method, url, {"Content-Type": "application/json"}, raw)
    parts = urlsplit(url)
    named = {name.lower(): value for name, value in headers.items()}
    return vendor.answer(
        Asked(
            method=method,
            path="/" + parts.path.split("/", 3)[3],
            query=dict(parse_qsl(parts.query)),
            headers={**named, "host": parts.netloc, "prefer": "transient"},
            body=raw,
            at=NOON,
        )
    )


def query(text: str, vendor: NetSuite | None = None) -> Answered:
    url = f"{ACCOUNT}/services/rest/query/v1/suiteql?limit=1"
    return ask(vendor or NetSuite(Books()), netsuite.KEYS, url, {"q": text})


@pytest.mark.parametrize(
    ("moment", "column"),
    [
        pytest.param(f"TO_DATE('{SINCE}', 'YYYY-MM-DD HH24:MI:SS')", "changed", id="a date"),
        pytest.param(f"TO_TIMESTAMP_TZ('{SINCE} +00:00', 'x')", "changed", id="a time with zone"),
    ],
)
def test_suiteql_counts_what_changed(moment: str, column: str) -> None:
    text = f"SELECT COUNT(*) AS changed FROM item WHERE lastmodifieddate >= {moment}"  # noqa: S608 (no database hears of it)
    page = data(query(text))
    assert page["items"] == [{"links": [], column: "3600"}]
    assert page["hasMore"] is False


def test_suiteql_answers_the_cheapest_question() -> None:
    assert data(query("SELECT 1 FROM DUAL"))["items"][0]["expr1"] == "1"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("SELECT COUNT(*) FROM biscuits", id="table"),
        pytest.param("DELETE", id="no query"),
        pytest.param(
            "SELECT COUNT(*) FROM item WHERE lastmodifieddate >= '2026-03-04'", id="bare date"
        ),
    ],
)
def test_suiteql_that_cannot_be_is_a_bad_request(text: str) -> None:
    answered = query(text)
    assert "Invalid search query" in data(answered, 400)["o:errorDetails"][0]["detail"]


def test_a_record_list_tells_its_total() -> None:
    url = f"{ACCOUNT}/services/rest/record/v1/salesOrder?limit=1"
    page = data(ask(NetSuite(Books()), netsuite.KEYS, url))
    assert page["totalResults"] > page["count"] == 1


def test_netsuites_slots_are_shared_with_the_platform_and_free_again_after_the_calls() -> None:
    vendor = NetSuite(Books())
    assert query("SELECT 1 FROM DUAL", vendor).status == 200
    assert [vendor.serve(4, NOON) for _ in range(AT_ONCE)] == [""] * AT_ONCE
    assert "CONCURRENCY_LIMIT_EXCEEDED" in vendor.serve(1, NOON)
    refused = query("SELECT 1 FROM DUAL", vendor)
    assert data(refused, 429)["o:errorDetails"][0]["o:errorCode"] == "CONCURRENCY_LIMIT_EXCEEDED"


def search(path: str, **rest: str) -> Answered:
    """A page of one of what changed since eleven."""
    one = "searchCriteria[filter_groups][0][filters][0]"
    asked = {
        f"{one}[field]": "updated_at",
        f"{one}[value]": SINCE,
        f"{one}[condition_type]": "gteq",
        "searchCriteria[pageSize]": "1",
        **{f"{one}[field]" if name == "column" else name: value for name, value in rest.items()},
    }
    url = f"{SHOP}/V1/{path}?{urlencode(asked, quote_via=quote)}"
    return ask(AdobeCommerce(Books()), adobe_commerce.KEYS, url)


def test_commerce_counts_what_changed() -> None:
    whole = data(search("customers/search"))
    assert (whole["total_count"], len(whole["items"])) == (3600, 1)
    assert data(search("orders", fields="total_count")) == {"total_count": 3600}


def test_commerce_refuses_a_field_that_it_does_not_have() -> None:
    assert search("orders", column="colour").status == 400


def _netsuite_probe(keys: Keys) -> Answered:
    url = f"{ACCOUNT}/services/rest/system/v1/governanceLimits"
    return ask(NetSuite(Books()), keys, url)


def _commerce_probe(keys: Keys) -> Answered:
    return ask(AdobeCommerce(Books()), keys, f"{SHOP}/V1/store/storeConfigs")


@pytest.mark.parametrize(
    ("probe", "keys"),
    [
        pytest.param(_netsuite_probe, netsuite.KEYS, id="NetSuite"),
        pytest.param(_commerce_probe, adobe_commerce.KEYS, id="Commerce"),
    ],
)
@pytest.mark.parametrize("wrong", ["consumer_key", "consumer_secret", "token", "token_secret"])
def test_one_wrong_value_of_four_lets_nobody_in(
    probe: Callable[[Keys], Answered], keys: Keys, wrong: str
) -> None:
    assert probe(keys).status == 200
    assert probe(replace(keys, **{wrong: "another"})).status == 401
