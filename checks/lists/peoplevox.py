"""Peoplevox's sales orders: the rows of an export template, told as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

from checks.declare import Answer, Call, Mark, Source
from checks.listing import Key, Recorded, RecordPage, Records, fields
from checks.reconcile.model import Record
from checks.records import By

CLIENT = Source(
    mark=Mark.THIRD_PARTY, url="https://github.com/melvin-hamilton-digital/peoplevox-api"
)
NUMBER = "SalesOrderNumber"
CHANGED = "{changed_column}"


ROW = f"{NUMBER},Status\r\n1001,New\r\n"
FIRST = Record(key="1001", fields={"number": "1001", "status": "New"}, id="1001", place="orders")


def orders(
    ask: Callable[[str], Call], detail: Callable[[Answer], str], said: Callable[[str], str]
) -> tuple[Records, ...]:
    """`ask` makes the call for one page of a search clause, `detail` takes the CSV off its answer,
    and `said` makes an answer of CSV, for the recorded ones."""
    window = f"{CHANGED} &gt;= DateTime({{since}}) AND {CHANGED} &lt; DateTime({{until}})"
    by_number = ask(f'{NUMBER}.Equals("{{key}}")')
    return (
        Records(
            entity="orders",
            place="orders",
            by=By.CHANGED,
            call=ask(window),
            moment=_moment,
            read=lambda answer: _page(detail(answer)),
            keys=(Key(field="number", call=by_number, write=_in_clause),),
            fields=fields(number=NUMBER, status="Status"),
            id=NUMBER,
            at="",
            changed_at="",
            source=CLIENT,
            note="further fields are the columns of the export template, by their names",
            samples=(
                Recorded(body=said(ROW), records=(FIRST,), after={}),
                Recorded(body=said("")),
                Recorded(body=said(f"{NUMBER},Status\r\n")),
                Recorded(body=said(ROW), records=(FIRST,), after={}, key="number"),
            ),
        ),
    )


def _page(told: str) -> RecordPage:
    """What TotalCount counts is not sure, so only an empty page is the end."""
    reader = csv.DictReader(StringIO(told), restval=None)
    try:
        rows = tuple(reader)
    except csv.Error:
        raise ValueError("the answer is no CSV") from None
    if told.strip() and NUMBER not in (reader.fieldnames or ()):
        raise ValueError(f"the answer has no column {NUMBER}; the template must have it")
    return RecordPage(rows=rows, after={} if rows else None)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y,%m,%d,%H,%M,%S")


def _in_clause(key: str) -> str:
    if '"' in key or "\\" in key:
        raise ValueError("expected no quotation mark")
    return key
