"""An empty database, migrated once a process and copied for each test that wants one."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store import Store, open_store


def new_store(path: Path) -> Store:
    """What `open_store` makes where there is nothing yet, without its fifty milliseconds."""
    assert not path.exists(), f"{path} is there already"
    path.write_bytes(_empty())
    return Store(path)


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        store = open_store(path)
        store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        return path.read_bytes()
