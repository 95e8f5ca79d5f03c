"""Strikes a word out of every text that is kept: what logs told, what people wrote, what we said.

What was written down stays and says that something was deleted; the word alone goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from sqlite_utils import Database

from bot.store.columns import read_json, write_json

STRUCK = "[deleted]"
SHORTEST = 5
"""Words of fewer letters and digits are in texts that mean something else: counts, times, ids."""
TEXTS = {
    "failures": ("line",),
    "runs": ("summary",),
    "alerts": ("sentence",),
    "timeline": ("reason",),
    "incidents": ("resolution",),
    "outbox": ("body", "problem"),
    "audit": ("subject", "because"),
    "silences": ("reason",),
    "overrides": ("reason",),
    "swaps": ("reason",),
    "proposals": ("approval_reason", "result"),
    "attempts": ("said",),
    "predictions": ("reason",),
    "reconciliations": ("blind",),
}
"""Columns of free text, by their table."""
STRUCTURES = {
    "alerts": ("measures", "facts"),
    "timeline": ("data",),
    "proposals": ("body",),
    "reconciliations": ("doubts", "notes"),
}
"""Columns of JSON, in which every text is free but those that are an id by their name."""
NOT_YET = {"proposals": "stage NOT IN ('pending', 'approved', 'executing')"}
"""What is about to be done is done as it was approved; it is struck out of once it is over."""
AN_ID = re.compile(r"(?:^|_)(?:id|ids|key)$")
UPDATING = """
SELECT name, sql FROM sqlite_master
WHERE type = 'trigger' AND sql LIKE '% UPDATE %' AND tbl_name IN (SELECT value FROM json_each(?))
"""
Change = Callable[[str | None], str | None]


def can_be_searched_for(word: str) -> bool:
    """Whether it stands for one record wherever it is read: long enough, with a digit or an "@"."""
    told = sum(map(str.isalnum, word))
    return told >= SHORTEST and any(sign.isdigit() or sign == "@" for sign in word)


def strike_out(db: Database, words: Collection[str]) -> int:
    """Replace some words, in whichever case they are written, by STRUCK; how many texts that
    changed. Inside a write transaction: the triggers that refuse changes are away within it alone.
    """
    if (pattern := _pattern(words)) is None:
        return 0
    with _striking(db, pattern), _without_triggers(db):
        plain = sum(_strike(db, "strike", table, names) for table, names in TEXTS.items())
        deep = sum(_strike(db, "strike_json", table, names) for table, names in STRUCTURES.items())
    return plain + deep


def drop_differences(db: Database, words: Collection[str]) -> int:
    """Delete the differences of other records whose values name one of the words; how many."""
    if (pattern := _pattern(words)) is None:
        return 0
    with _striking(db, pattern):
        sql = (
            "DELETE FROM differences"
            " WHERE strike(source_value) <> source_value OR strike(target_value) <> target_value"
        )
        return db.execute(sql).rowcount


def overwrite_what_is_deleted(db: Database) -> None:
    """From now on this connection leaves noughts where it deletes
    (https://www.sqlite.org/pragma.html#pragma_secure_delete)."""
    db.execute("PRAGMA secure_delete = ON").fetchall()


def empty_log(db: Database) -> None:
    """Have the write-ahead log taken over into the database, as far as nobody reads it just now."""
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _pattern(words: Collection[str]) -> re.Pattern[str] | None:
    """Whole words, numbers also with leading zeros; not the fraction of a number."""
    told = sorted(filter(can_be_searched_for, words), key=lambda each: (-len(each), each))
    if not told:
        return None
    each = "|".join(("0*" if word.isdigit() else "") + re.escape(word) for word in told)
    return re.compile(rf"(?<![0-9A-Za-z])(?<!\d\.)(?:{each})(?![0-9A-Za-z])", re.IGNORECASE)


@contextmanager
def _striking(db: Database, pattern: re.Pattern[str]) -> Iterator[None]:
    """SQL has two functions more: for a text, and for the texts of a structure."""

    def strike(text: str | None) -> str | None:
        return text and pattern.sub(STRUCK, text)

    def strike_json(body: str | None) -> str | None:
        if not body or not pattern.search(body):
            return body
        return write_json(_struck(read_json(body), pattern))

    made: dict[str, Change] = {"strike": strike, "strike_json": strike_json}
    for name, change in made.items():
        db.conn.create_function(name, 1, change, deterministic=True)
    try:
        yield
    finally:
        for name in made:
            db.conn.create_function(name, 1, None)


def _struck(value: Any, pattern: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return pattern.sub(STRUCK, value)
    if isinstance(value, list):
        return [_struck(each, pattern) for each in value]
    if isinstance(value, dict):
        return {
            name: each if AN_ID.search(name) else _struck(each, pattern)
            for name, each in value.items()
        }
    return value


@contextmanager
def _without_triggers(db: Database) -> Iterator[None]:
    """Nobody else sees them gone: a transaction's changes of the schema are seen when it is over,
    and undone with it (https://www.sqlite.org/lang_transaction.html)."""
    tables = write_json([*TEXTS, *STRUCTURES])
    found = db.execute(UPDATING, [tables]).fetchall()
    for name, _ in found:
        db.execute(f"DROP TRIGGER {name}")
    yield
    for _, sql in found:
        db.execute(sql)


def _strike(db: Database, function: str, table: str, columns: Collection[str]) -> int:
    return sum(
        db.execute(
            f"UPDATE {table} SET {each} = {function}({each})"  # noqa: S608 (names of this file)
            f" WHERE {each} <> '' AND {function}({each}) <> {each} AND {NOT_YET.get(table, 'TRUE')}"
        ).rowcount
        for each in columns
    )
