"""kill -9 at one moment each: what stands afterwards is what would have stood without it."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from bot.store import lease, open_store
from bot.store.migrations import MIGRATIONS
from tests.bot.store.test_migrations import RELEASED, STEPS, database, fill
from tests.faults.scene import Folder, a_round, sending, until_all_is_sent

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]


def killed(path: Path, outside: Folder, moment: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.dying", str(path), str(outside.path), moment],
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL


def forget_its_own_step(path: Path) -> None:
    """The dying process has one at the end, which is how it dies among the others."""
    db = sqlite3.connect(path)
    db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE 'm999%'")
    db.commit()
    db.close()


@pytest.mark.parametrize(
    ("moment", "stands"),
    [
        ("before intent", []),
        ("after intent", []),
        ("after send", ["root"]),
        ("after record", ["root"]),
    ],
)
async def test_killed(tmp_path, outside, hurried, moment, stands):
    path = tmp_path / "seamwatch.db"
    killed(path, outside, moment)
    assert outside.standing() == stands, "it died where it was meant to"
    forget_its_own_step(path)
    store = open_store(path)
    lease.take_lease(store, lease.this_process())
    a_round(store)
    async with sending(store, outside):
        await until_all_is_sent(store)
    assert outside.standing() == ["root"]
    assert store.db.execute("SELECT count(*) FROM incidents").fetchone()[0] == 1
    store.close()


def test_killed_in_a_migration_the_database_is_as_it_was_and_the_next_start_makes_it(
    tmp_path, outside
):
    path = tmp_path / "seamwatch.db"
    before = database(path, RELEASED)
    fill(before)
    dump = list(before.iterdump())
    before.close()
    killed(path, outside, "in migration")
    store = sqlite3.connect(path)
    assert list(store.iterdump()) == dump
    store.close()
    after = open_store(path)
    assert [each.name for each in MIGRATIONS.applied(after.db)] == STEPS
    after.close()


def test_killed_while_it_renews_its_lease_the_next_one_takes_it_at_once(tmp_path, outside):
    path = tmp_path / "seamwatch.db"
    killed(path, outside, "in renewal")
    forget_its_own_step(path)
    store = open_store(path)
    assert lease.take_lease(store, lease.this_process()) == 2
    store.close()
