"""Rows written and read by plain statements, which a storm of thousands needs: sqlite-utils reads
the schema anew before each row that it writes, and sets a savepoint before each query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlite_utils import Database


def read(
    db: Database, sql: str, arguments: Sequence[Any] | Mapping[str, Any] = ()
) -> Iterator[dict[str, Any]]:
    """The rows of a query by the names of their columns, fetched as they are asked for."""
    found = db.conn.execute(sql, arguments)
    names = [column[0] for column in found.description]
    return (dict(zip(names, row, strict=True)) for row in found)


def insert(db: Database, table: str, row: Mapping[str, Any], *, ignore: bool = False) -> int:
    """A new row; its number. One that breaks a constraint raises, or is dropped with `ignore`."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    verb = "INSERT OR IGNORE" if ignore else "INSERT"
    sql = f"{verb} INTO {table} ({names}) VALUES ({marks})"
    return int(db.execute(sql, list(row.values())).lastrowid or 0)


def update(db: Database, table: str, number: int, row: Mapping[str, Any]) -> None:
    """These columns of the row with this id. The id itself is never set: SQLite would look through
    every table that refers to it (https://www.sqlite.org/foreignkeys.html#fk_indexes)."""
    told = {name: value for name, value in row.items() if name != "id"}
    values = ", ".join(f"{name} = ?" for name in told)
    db.execute(f"UPDATE {table} SET {values} WHERE id = ?", [*told.values(), number])  # noqa: S608 (names of this package)


def put(db: Database, table: str, key: str, row: Mapping[str, Any]) -> None:
    """Insert a row, or put it in the place of the one with the same `key`."""
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    values = ", ".join(f"{name} = excluded.{name}" for name in row if name != key)
    written = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 (names of this package)
    db.execute(f"{written} ON CONFLICT ({key}) DO UPDATE SET {values}", list(row.values()))
