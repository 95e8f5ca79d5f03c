"""One engine per database: a lease with a fencing number, so that a second instance refuses.

Transport time: the machine's clock, in seconds. A lease of a dead process on this machine is
taken at once; one from another machine only after it has run out.
"""

from __future__ import annotations

import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from bot.store import LEASE_SECONDS, Store, StoreRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process that can be told from a later one with the same number."""

    host: str
    pid: int
    started: str


def this_process() -> Process:
    pid = os.getpid()
    return Process(host=socket.gethostname(), pid=pid, started=_process_started(pid))


def take_lease(store: Store, me: Process, now: float | None = None) -> int:
    """Become the engine of this database; returns the fencing number, which `store` then guards.

    Raises StoreRefused when another engine holds it.
    """
    now = time.time() if now is None else now
    with store.writing() as db:
        row = db.execute(
            "SELECT fence, host, pid, process_started, expires FROM lease WHERE id = 1"
        ).fetchone()
        if row is not None:
            holder = Process(host=row[1], pid=row[2], started=row[3])
            if _holds(holder, row[4], me, now):
                raise StoreRefused(_refusal(store, holder))
        fence = (row[0] if row else 0) + 1
        db.execute(
            "INSERT INTO lease (id, fence, host, pid, process_started, expires)"
            " VALUES (1, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET fence = excluded.fence,"
            " host = excluded.host, pid = excluded.pid, expires = excluded.expires,"
            " process_started = excluded.process_started",
            [fence, me.host, me.pid, me.started, now + LEASE_SECONDS],
        )
    store.fence = fence
    return fence


def renew_lease(store: Store, now: float | None = None) -> None:
    """Keep it for another while. Raises StoreRefused when another engine has taken it."""
    now = time.time() if now is None else now
    with store.writing() as db:
        store.renew_lease(db, now)


def give_up_lease(store: Store) -> None:
    """Let the next engine start at once."""
    with store.writing() as db:
        db.execute("UPDATE lease SET expires = 0 WHERE fence = ?", [store.fence])


def _holds(holder: Process, expires: float, me: Process, now: float) -> bool:
    if holder.host == me.host:
        return expires > 0 and _is_alive(holder)
    return expires > now


def _refusal(store: Store, holder: Process) -> str:
    if holder.host == socket.gethostname():
        return (
            f"Another Seamwatch (process {holder.pid}) already runs on the database {store.path}; "
            "stop it first, or give this one a database of its own."
        )
    return (
        f"Another Seamwatch on {holder.host} (process {holder.pid}) holds the database "
        f"{store.path}; stop it and wait {LEASE_SECONDS:.0f} seconds, or use another database."
    )


def _is_alive(process: Process) -> bool:
    try:
        os.kill(process.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, under another user
    return _process_started(process.pid) == process.started


def _process_started(pid: int) -> str:
    """The kernel's start time of a process, so that a reused number is noticed; "" elsewhere."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "gone" if fields[0] == "Z" else fields[19]
