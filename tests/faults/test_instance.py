"""Two engines for one database, one that was asleep, and one that is told to stop twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.store import lease, open_store
from tests.faults.scene import Folder, a_round, sending, until_all_is_sent

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]

Run = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def begin(tmp_path: Path, outside: Folder) -> Iterator[Run]:
    started: list[subprocess.Popen[str]] = []

    def run(what: str) -> subprocess.Popen[str]:
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "tests.faults.stopping", what,
                 str(tmp_path / "a.db"), str(outside.path)],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )
        )  # fmt: skip
        return started[-1]

    yield run
    for each in started:
        each.kill()
        each.communicate()


def says(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_one_that_was_asleep_wakes_up_and_writes_nothing(tmp_path, begin):
    sleeper = begin("paused")
    assert says(sleeper) == "holding"
    sleeper.send_signal(signal.SIGSTOP)
    store = open_store(tmp_path / "a.db")
    assert lease.take_lease(store, lease.this_process(), time.time() + 2) == 2
    assert sleeper.stdin is not None
    sleeper.stdin.write("\n")
    sleeper.stdin.flush()
    sleeper.send_signal(signal.SIGCONT)
    assert says(sleeper).startswith("Another Seamwatch has taken over")
    assert store.db.execute("SELECT count(*) FROM incidents").fetchone()[0] == 0
    a_round(store)
    assert store.db.execute("SELECT count(*) FROM incidents").fetchone()[0] == 1
    store.close()


async def test_a_second_sigterm_in_the_middle_ends_it_at_once_and_the_message_stands_once(
    tmp_path, begin, outside, hurried
):
    engine = begin("stopped")
    assert says(engine) == "sending"
    engine.send_signal(signal.SIGTERM)
    assert says(engine) == "stopping"
    engine.send_signal(signal.SIGTERM)
    assert engine.wait(timeout=20) == -signal.SIGTERM
    store = open_store(tmp_path / "a.db")
    lease.take_lease(store, lease.this_process())
    async with sending(store, outside):
        await until_all_is_sent(store)
    assert outside.standing() == ["root"]
    store.close()
