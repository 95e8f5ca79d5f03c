"""OData's options as look-alikes read them: which rows, in what order, where to go on."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.sandbox.estate.vendors.odata import BadQuery, condition, expanded, listed

ROWS = [
    {"id": "a", "name": "Fell's End", "size": 3, "at": "2026-03-04T09:00:00Z"},
    {"id": "b", "name": "Oban", "size": 1, "at": "2026-03-04T09:00:00Z"},
    {"id": "c", "name": "Keswick", "size": 2, "at": "2026-03-04T10:30:00Z"},
]


def chosen(text: str) -> str:
    one = condition(text)
    return "".join(row["id"] for row in ROWS if one.holds(row))


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("", "abc"),
        ("name eq 'Oban'", "b"),
        ("name eq 'Fell''s End'", "a"),
        ("name eq 'Oban' or name eq 'Keswick'", "bc"),
        ("at ge 2026-03-04T09:00:00Z and at lt 2026-03-04T10:30:00Z", "ab"),
        ("(at gt 2026-03-04T09:00:00.000Z) and (size le 2)", "c"),
        ("at ge 2026-03-04T11:30:00+01:00", "c"),
        ("size ne 1", "ac"),
    ],
    ids=[
        "nothing asked",
        "a text",
        "a text with a quote in it",
        "one of two",
        "a span",
        "brackets and a number",
        "another zone",
        "not equal",
    ],
)
def test_a_filter_chooses_rows(told: str, found: str) -> None:
    assert chosen(told) == found


@pytest.mark.parametrize(
    "told",
    ["weather eq 'fine'", "startswith(name,'O')", "name eq", "size gt many", "at ge yesterday"],
)
def test_what_cannot_be_read_is_refused(told: str) -> None:
    with pytest.raises(BadQuery):
        chosen(told)


def test_pages_are_linked_and_a_row_that_leaves_makes_nobody_miss_another() -> None:
    query = {"$orderby": "at", "$select": "id"}
    first = listed(ROWS, query, "http://x/list", 1)
    assert first["value"] == [{"id": "a"}]
    link = urlsplit(str(first["@odata.nextLink"]))
    assert link._replace(query="").geturl() == "http://x/list"
    following = listed(ROWS[1:], dict(parse_qsl(link.query)), "http://x/list", 5)
    assert following == {"value": [{"id": "b"}, {"id": "c"}]}


def test_top_ends_the_list_without_a_link() -> None:
    assert listed(ROWS, {"$top": "2", "$skip": "1"}, "", 9)["value"] == ROWS[1:]
    assert "@odata.nextLink" not in listed(ROWS, {"$top": "2"}, "", 2)
    assert "%24" not in str(listed(ROWS, {"$top": "3"}, "", 2)["@odata.nextLink"])


def test_relations_are_named_whatever_is_asked_of_each() -> None:
    told = {"$expand": "lines($select=id,sku;$top=5),customer"}
    assert expanded(told) == {"lines", "customer"}
