"""Makes records of the rows that systems tell, as their lists are declared. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, tzinfo
from decimal import Decimal

from checks.declare import Answer, NotOffered
from checks.listing import NAME, Listed, Path, RecordPage, Records, Row
from checks.reading import find, parameter_of
from checks.reconcile.model import Kind, Record, Value
from checks.reconcile.values import read_instant, text
from checks.records import RecordField, RecordList, Wanted


def offered(records: Records) -> RecordList:
    """What others are told of a list."""
    asked_by = tuple(key.field for key in records.keys if not isinstance(key.call, NotOffered))
    return RecordList(
        entity=records.entity,
        place=records.place,
        by=records.by,
        keys=tuple(key.field for key in records.keys),
        fields=tuple(
            RecordField(name=each.name, kind=each.kind, personal=each.personal)
            for each in records.fields
        ),
        by_key=records.keys[0].field in asked_by,
        asked_by=asked_by,
        asked_by_any=records.other is not None,
        together=tuple(
            key.field for key in (*records.keys, records.other) if key is not None and key.between
        ),
        any_field=records.any_field,
    )


def further(records: Records, wanted: Wanted) -> tuple[str, ...]:
    """The wanted fields that are not declared. Raises ValueError for what cannot be asked for."""
    declared = [each.name for each in records.fields]
    asked = (wanted.key, *wanted.fields)
    names = tuple(dict.fromkeys(name for name in asked if name and name not in declared))
    for name in names:
        if not records.any_field:
            raise ValueError(f"its {records.place} tell no {name!r}, only {', '.join(declared)}")
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} names no field; expected a path such as address.city")
    return names


def record_of(records: Records, row: Row, wanted: Wanted) -> Record:
    """The record that a row tells.

    Raises ValueError where it tells no id or a time that is none, and for a wanted field that is
    no single value.
    """
    zone = wanted.zone or records.zone
    values = {each.name: _told(each, row, zone) for each in records.fields}
    values.update((name, value_at(row, name)) for name in further(records, wanted))
    own_id = text(value_at(row, records.id))
    if not own_id:
        raise ValueError(f"a row has no {records.id}")
    return Record(
        key=values[records.key(wanted.key).field],
        fields=values,
        id=own_id,
        place=records.place,
        at=_moment(row, records.at, zone),
        changed_at=_moment(row, records.changed_at, zone),
    )


def value_at(row: Row, path: Path) -> Value:
    """The value at a path; None where there is none. Raises ValueError for a list or an object."""
    value = find(row, path) if isinstance(path, str) else path(row)
    if value is None or isinstance(value, str | int | float | Decimal | datetime):
        return value
    raise ValueError(f"{path if isinstance(path, str) else 'a field'} is no single value")


def items_at(path: str) -> Callable[[Row], Value]:
    """How many items the list at a path has; None where there is no list."""

    def count(row: Row) -> Value:
        items = find(row, path)
        return len(items) if isinstance(items, list) else None

    return count


def quoted(key: str) -> str:
    """A key inside single quotes, as OData and SQL have it."""
    return key.replace("'", "''")


def digits(key: str) -> str:
    """A key that is a number. Raises ValueError for one that is none."""
    if not (key.isascii() and key.isdigit() and len(key) <= 18):
        raise ValueError("expected a number")
    return key


def either(*paths: str) -> Callable[[Row], Value]:
    """The value at the first of the paths at which there is one."""

    def first(row: Row) -> Value:
        return next((found for path in paths if (found := value_at(row, path)) is not None), None)

    return first


def rows_at(data: object, path: str = "") -> tuple[Row, ...]:
    """The rows of the list at a path ("": the whole). Raises ValueError where none is."""
    rows = find(data, path) if path else data
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError(f"the answer has no list of records{f' at {path}' if path else ''}")
    return tuple(rows)


def last_of(rows: tuple[Row, ...], path: str) -> str:
    """The value by which the list goes on. Raises ValueError where the last row has none."""
    told = text(value_at(rows[-1], path)) if rows else ""
    if not told:
        raise ValueError(f"the last row has no {path} to go on after")
    return told


def linked(link: object, *names: str) -> Mapping[str, str] | None:
    """The one parameter of a link to the next page that continues the list; None: no link.

    Only the parameter is taken: the address stays ours, for the credential goes there. Raises
    ValueError for a link without it.
    """
    if link is None or link == "":
        return None
    for name in names:
        if told := parameter_of(link, name):
            return {name: told}
    raise ValueError("the link to the next page does not tell how to go on")


def odata_page(answer: Answer) -> RecordPage:
    """A page of an OData list; the next is told by a link. Raises ValueError."""
    rows = rows_at(answer.data, "value")
    told = answer.data if isinstance(answer.data, Mapping) else {}
    link = told.get("@odata.nextLink", told.get("odata.nextLink"))
    return RecordPage(rows=rows, after=linked(link, "$skiptoken", "$skip"))


def exactly(answer: Answer) -> Answer:
    """The answer with its numbers as they were written: amounts are Decimal, never a float."""
    try:
        return replace(answer, data=json.loads(answer.text, parse_float=Decimal))
    except (ValueError, RecursionError):
        return replace(answer, data=None)


def _told(each: Listed, row: Row, zone: tzinfo) -> Value:
    """A time gets its offset here, for only here it is known."""
    value = value_at(row, each.path or each.name)
    if each.kind is Kind.INSTANT and isinstance(value, str):
        return read_instant(value, zone) or value
    return value


def _moment(row: Row, path: Path, zone: tzinfo) -> datetime | None:
    value = value_at(row, path) if path else None
    if isinstance(value, datetime):
        return value
    if value is None or value == "":
        return None
    if found := read_instant(text(value), zone):
        return found
    raise ValueError("a row tells a time that is none")
