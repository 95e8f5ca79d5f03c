"""Writes the rows of a table as CSV, as JSON Lines or as Parquet, a part at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

from bot.export.rows import Row
from bot.export.tables import Column, Holds
from bot.export.values import as_cells, as_json, meant
from checks.reconcile.values import SUM_DECIMALS, SUM_DIGITS

if TYPE_CHECKING:
    import pyarrow

Parts = Iterable[Sequence[Row]]
Write = Callable[[IO[bytes], Sequence[Column], Parts], int]

NO_PARQUET = (
    "Parquet needs pyarrow, which is not installed: pip install 'seamwatch[parquet]', or choose "
    "csv or jsonl."
)


class NoParquet(Exception):
    """What writes Parquet is not installed; the message is one sentence."""


def csv_head(columns: Sequence[Column]) -> bytes:
    return _line([each.name for each in columns])


def csv_part(columns: Sequence[Column], rows: Iterable[Row]) -> bytes:
    """By RFC 4180, UTF-8."""
    return b"".join(_line(as_cells(columns, row)) for row in rows)


def write_csv(file: IO[bytes], columns: Sequence[Column], parts: Parts) -> int:
    """How many rows were written."""
    file.write(csv_head(columns))
    written = 0
    for rows in parts:
        file.write(csv_part(columns, rows))
        written += len(rows)
    return written


def write_jsonl(file: IO[bytes], columns: Sequence[Column], parts: Parts) -> int:
    """One object a line. How many rows were written."""
    written = 0
    for rows in parts:
        for row in rows:
            file.write(as_json(columns, row).encode() + b"\n")
        written += len(rows)
    return written


def write_parquet(file: IO[bytes], columns: Sequence[Column], parts: Parts) -> int:
    """Times are microseconds of UTC. How many rows were written.

    Raises NoParquet.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise NoParquet(NO_PARQUET) from None
    schema, written = _schema(pyarrow, columns), 0
    with parquet.ParquetWriter(file, schema) as writer:
        for rows in parts:
            told = {
                column.name: [meant(column, row[place]) for row in rows]
                for place, column in enumerate(columns)
            }
            writer.write_table(pyarrow.Table.from_pydict(told, schema=schema))
            written += len(rows)
    return written


WRITERS: Mapping[str, Write] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}


def _schema(arrow: Any, columns: Sequence[Column]) -> pyarrow.Schema:
    kinds = {
        Holds.TEXT: arrow.string(),
        Holds.WHOLE: arrow.int64(),
        Holds.NUMBER: arrow.float64(),
        Holds.AMOUNT: arrow.decimal128(SUM_DIGITS, SUM_DECIMALS),
        Holds.YES_NO: arrow.bool_(),
        Holds.TIME: arrow.timestamp("us", tz="UTC"),
        Holds.DAY: arrow.date32(),
        Holds.KEY: arrow.string(),
    }
    return arrow.schema(
        [arrow.field(each.name, kinds[each.holds], nullable=each.may_lack) for each in columns]
    )


def _line(cells: Iterable[str]) -> bytes:
    told = io.StringIO()
    csv.writer(told).writerow(cells)
    return told.getvalue().encode()
