"""What every list of records promises, whatever its system: from its recorded pages, from anything.

A list in `checks/connectors` is tested here by being there; how lists are read page by page is
tested in `test_record_reading.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.calls import continued, placeholders, question_of
from checks.declare import Answer, Call, Connector, Mark, NotOffered
from checks.listing import Key, Recorded, RecordPage, Records
from checks.reconcile.model import Record
from checks.record_rows import exactly, offered, record_of
from checks.records import AS_DECLARED
from checks.systems import all_connectors
from tests.checks.connectors.sampled import answer

CONNECTORS = all_connectors()
LISTS = {
    f"{kind}-{records.place}": (connector, records)
    for kind, connector in CONNECTORS.items()
    for records in (() if isinstance(connector.lists, NotOffered) else connector.lists)
}
NONSENSE = {
    "nothing": "",
    "broken JSON": "[",
    "null": "null",
    "text": '"soon"',
    "a number": "7",
    "a list of numbers": "[1, 2]",
    "an empty object": "{}",
    "something else": '{"message": "hello"}',
    "a web page": "<html><head><title>502 Bad Gateway</title></head></html>",
}
each_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
each = pytest.mark.parametrize(("connector", "records"), LISTS.values(), ids=LISTS)
each_sample = pytest.mark.parametrize(
    ("records", "sample"),
    [
        pytest.param(records, sample, id=f"{name}-{number}")
        for name, (_, records) in LISTS.items()
        for number, sample in enumerate(records.samples)
    ],
)
each_nonsense = pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
NAMES = st.sampled_from(
    ["data", "orders", "nodes", "items", "value", "response", "results", "hasMore", "pageInfo"]
)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4)
)


@each_connector
def test_a_system_lists_records_or_says_why_not(connector: Connector) -> None:
    lists = connector.lists
    assert lists.why if isinstance(lists, NotOffered) else lists


@each
def test_a_list_is_told_by_place_and_offers_its_keys(
    connector: Connector, records: Records
) -> None:
    told, names = offered(records), [field.name for field in records.fields]
    assert set(told.keys) <= set(names), "a key is a field"
    assert len(set(names)) == len(names)
    places = [name for name, (kind, _) in LISTS.items() if kind is connector]
    assert len(set(places)) == len(places)
    assert records.source.url or records.source.mark is Mark.RECALLED


@each
def test_it_has_pages_of_every_sort_recorded(connector: Connector, records: Records) -> None:
    del connector
    pages = [sample for sample in records.samples if not sample.key]
    assert any(sample.records for sample in pages), "a page with records"
    assert any(not sample.records and sample.after is None for sample in pages), "an empty page"
    assert any(sample.after is not None for sample in pages), "a page that is continued"
    if offered(records).by_key:
        assert any(sample.key == records.keys[0].field for sample in records.samples)


@each_sample
def test_it_reads_its_recorded_pages(records: Records, sample: Recorded) -> None:
    told = answer(sample.status, sample.body)
    if records.empty and records.empty(told):
        assert sample.records == ()
        assert sample.after is None
        return
    page, found = _read(records, sample, told)
    assert found == sample.records
    assert page.after == sample.after or sample.key


@each_sample
def test_amounts_stay_exact_and_times_have_an_offset(records: Records, sample: Recorded) -> None:
    del records
    for record in sample.records:
        assert not any(isinstance(value, float) for value in record.fields.values())
        for moment in (record.at, record.changed_at):
            assert moment is None or moment.utcoffset() is not None


@each
@each_nonsense
def test_nonsense_is_never_an_empty_list(connector: Connector, records: Records, body: str) -> None:
    del connector
    for read in _readers(records):
        with pytest.raises(ValueError, match="answer"):
            read(exactly(answer(200, body)))


@each
@settings(max_examples=12)
@given(body=JSON)
def test_no_answer_makes_a_reader_fail_otherwise(
    connector: Connector, records: Records, body: object
) -> None:
    del connector
    try:
        page = records.read(exactly(answer(200, json.dumps(body))))
        [record_of(records, row, AS_DECLARED) for row in page.rows]
    except ValueError:
        return


@each
def test_a_row_without_its_id_is_refused(connector: Connector, records: Records) -> None:
    del connector
    with pytest.raises(ValueError, match="has no"):
        record_of(records, {}, AS_DECLARED)


@each
def test_every_placeholder_can_be_filled(connector: Connector, records: Records) -> None:
    known = {*connector.placeholders, *connector.defaults, *records.start, "more", "page"}
    known |= {secret for auth in connector.auths for secret in auth.secrets} | {"session_id"}
    assert placeholders(records.call) <= known | {"since", "until"}
    assert "since" in placeholders(records.call)
    for key in _keys(records):
        if isinstance(key.call, Call):
            assert "key" in placeholders(key.call) <= known | {"key", "field"}
    assert ("{more}" in str(records.call)) == (records.select is not None)


@each
def test_the_next_page_is_another_question(connector: Connector, records: Records) -> None:
    told = {**connector.placeholders, **records.start, "page": "1"}
    first = question_of(records.call, "https://theirs.example", told)
    for sample in records.samples:
        if sample.after is not None:
            call = continued(records.call, sample.after)
            again = question_of(
                call, "https://theirs.example", {**told, "page": "2", **sample.after}
            )
            assert (again.params, again.body, again.text) != (first.params, first.body, first.text)


def _read(
    records: Records, sample: Recorded, told: Answer
) -> tuple[RecordPage, tuple[Record, ...]]:
    read = (records.key(sample.key).read if sample.key else None) or records.read
    page = read(exactly(told))
    rows = page.rows
    if records.detail and rows:
        added = records.detail.read(exactly(answer(200, sample.detail)))
        rows = tuple({**row, **added[str(row[records.id])]} for row in rows)
    return page, tuple(record_of(records, row, AS_DECLARED) for row in rows)


def _keys(records: Records) -> tuple[Key, ...]:
    return (*records.keys, *((records.other,) if records.other else ()))


def _readers(records: Records) -> set[Callable[[Answer], object]]:
    details = {records.detail.read} if records.detail else set()
    return {records.read, *(key.read for key in _keys(records) if key.read)} | details
