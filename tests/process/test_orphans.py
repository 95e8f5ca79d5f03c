"""kill -9 of the bot: its workers, what they started, and their files go with it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.waiting import until

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]
PARENT = """
import asyncio, sys
from datetime import timedelta
from bot.foresight.worker_process import ProcessLane
from bot.foresight.workers import Workers
from tests.bot import worker_jobs as jobs

async def main():
    workers = Workers([ProcessLane()], timedelta(minutes=10))
    await workers.run(jobs.litter)
    await workers.run(jobs.hang, sys.argv[1])

asyncio.run(main())
"""


def is_alive(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
async def test_nothing_survives_the_bot(tmp_path, number):
    notes, folder = tmp_path / "notes", tmp_path / "tmp"
    folder.mkdir()
    environ = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(notes), cwd=ROOT, env=environ
    )
    await until(notes.exists)
    assert list(folder.iterdir())
    pids = list(map(int, notes.read_text().split()))
    assert all(map(is_alive, pids))
    parent.send_signal(number)
    await parent.wait()
    await until(lambda: not any(map(is_alive, pids)))
    await until(lambda: not list(folder.iterdir()))
