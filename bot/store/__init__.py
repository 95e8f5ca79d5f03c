"""The database: one SQLite file in WAL mode, one connection a thread, one writer of record."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.store.database import Database as Database
from bot.store.migrations import MIGRATIONS

BUSY_SECONDS = 10.0
LEASE_SECONDS, LEASE_RENEWED_SECONDS = 15.0, 5.0
"""How long the lease on a database holds, and how often it is renewed."""


class StoreRefused(Exception):
    """The database cannot be used; the message is one sentence for a person, with what to do."""


class Store:
    """Connections to one database file. Safe to share between threads.

    Reads go through `db`; writes through `writing()`, which is one transaction and, once
    `fence` is set by the lease, fails when another engine has taken over.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.fence: int | None = None
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @property
    def db(self) -> Database:
        """This thread's connection."""
        found: Database | None = getattr(self._local, "db", None)
        if found is None:
            found = self._local.db = self._connect()
        return found

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """One write transaction: all of it or nothing. One that is long renews the lease itself,
        because nobody else can write meanwhile: neither the renewal nor another engine.

        Raises StoreRefused when this engine has lost its lease to another one.
        """
        db = self.db
        db.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        try:
            self._guard(db)
            yield db
            if time.monotonic() - began > LEASE_RENEWED_SECONDS:
                self.renew_lease(db, time.time())
            db.commit()
        except BaseException:
            db.rollback()  # also of a commit that the disk refused: else it stays locked
            raise

    def renew_lease(self, db: Database, now: float) -> None:
        """In the open transaction; one that was given up stays so. `now` is the machine's clock."""
        db.execute(
            "UPDATE lease SET expires = ? WHERE fence = ? AND expires > 0",
            [now + LEASE_SECONDS, self.fence],
        )

    def close(self) -> None:
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._local = threading.local()

    def _guard(self, db: Database) -> None:
        if self.fence is None:
            return
        row = db.execute("SELECT fence FROM lease WHERE id = 1").fetchone()
        if row is None or row[0] != self.fence:
            raise StoreRefused(
                f"Another Seamwatch has taken over {self.path}; this one stops writing to it."
            )

    def _connect(self) -> Database:
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")  # what was said must survive a power cut
        connection.execute("PRAGMA foreign_keys = ON")
        with self._lock:
            self._connections.append(connection)
        return Database(connection)


def open_store(path: Path) -> Store:
    """Open the database at `path`, make it if there is none, bring it to this version's schema.

    Raises StoreRefused when it cannot be opened, is not ours, or is from a newer Seamwatch.
    """
    store = Store(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # what stands in it is for nobody else on this machine
            path.touch(mode=0o600)
        _refuse_newer(store)
        _migrate(store)
    except (sqlite3.Error, OSError) as error:
        store.close()
        raise StoreRefused(_unusable(path, error)) from error
    except StoreRefused:
        store.close()
        raise
    return store


def open_to_read(path: Path) -> Store:
    """Open a database that is there, without changing anything in it.

    Raises StoreRefused when there is none, when it is not of this version, or cannot be read.
    """
    store = Store(path)
    try:
        if not path.exists():
            raise StoreRefused(f"There is no database {path} yet; `seamwatch run` makes it.")
        _refuse_newer(store)
        if MIGRATIONS.pending(store.db):
            raise StoreRefused(
                f"The database {path} is of an older Seamwatch; `seamwatch run` brings it up to "
                "date."
            )
    except (sqlite3.Error, OSError) as error:
        store.close()
        raise StoreRefused(f"The database {path} cannot be read ({error}).") from error
    except StoreRefused:
        store.close()
        raise
    return store


@contextmanager
def one_sentence_of(store: Store) -> Iterator[None]:
    """What the database refuses for good, within, is a StoreRefused that says what to do."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise StoreRefused(_unusable(store.path, error)) from error


def _unusable(path: Path, error: Exception) -> str:
    why = (error.strerror if isinstance(error, OSError) else None) or error
    return (
        f"The database {path} cannot be used ({why}); check that the file is a Seamwatch "
        "database, that its folder can be written to and that the disk is not full."
    )


def _migrate(store: Store) -> None:
    """All missing steps in one transaction. Foreign keys are checked at its end and not before,
    because a step that makes a table anew has to drop the old one."""
    if not MIGRATIONS.pending(store.db):
        return
    store.db.execute("PRAGMA foreign_keys = OFF")
    try:
        with store.writing() as db:
            MIGRATIONS.apply(db)
            if broken := db.execute("PRAGMA foreign_key_check").fetchone():
                raise sqlite3.IntegrityError(f"a row of {broken[0]} points nowhere")
    finally:
        store.db.execute("PRAGMA foreign_keys = ON")


def _refuse_newer(store: Store) -> None:
    known = {migration.name for migration in MIGRATIONS.pending(Database(memory=True))}
    applied = {migration.name for migration in MIGRATIONS.applied(store.db)}
    if newer := sorted(applied - known):
        raise StoreRefused(
            f"The database {store.path} was written by a newer Seamwatch (it has the step "
            f"{newer[-1]!r}, which this version does not know); install that version or newer."
        )
