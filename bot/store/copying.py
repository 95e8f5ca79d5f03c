"""A copy of a database to think with: what is written to it never reaches the original."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import Store, StoreRefused, open_store, open_to_read


@contextmanager
def copied_store(path: Path) -> Iterator[Store]:
    """A store that remembers what the database at `path` does, or nothing when there is none.

    The original may be in use by a running bot. The copy is gone afterwards. Raises StoreRefused.
    """
    with TemporaryDirectory(prefix="seamwatch-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "copy.db"
        if path.exists():
            _copy(path, copy)
        with closing(open_store(copy)) as store:
            yield store


def _copy(path: Path, copy: Path) -> None:
    with closing(open_to_read(path)) as original, closing(sqlite3.connect(copy)) as target:
        try:
            original.db.conn.backup(target)
        except sqlite3.Error as error:
            raise StoreRefused(
                f"The database {path} cannot be copied ({error}); check that there is room for a "
                f"copy of it in {copy.parent.parent}."
            ) from error
