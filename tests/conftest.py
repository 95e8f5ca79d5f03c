"""For every test: hypothesis has no deadline (machines are busy), and CI tries the same cases;
sixty of each property, where nothing else is said, or as many as SEAMWATCH_EXAMPLES says.

The rest is speed: databases in memory where there is room for them, and no looking through
everything that was collected for rubbish, again and again.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile(
    "seamwatch",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    max_examples=int(os.environ.get("SEAMWATCH_EXAMPLES", "60")),
)
settings.load_profile("seamwatch")

MEMORY = Path("/dev/shm")  # noqa: S108 (pytest makes its own folder in it, for one user)
ROOM = 2 * 2**30  # several times what a whole run leaves behind

# A commit waits for the disk six milliseconds, and there are thousands. Nothing here can tell
# whether it did: only a power cut could.
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def pytest_collection_finish() -> None:
    """Thousands of tests stay till the end: the garbage collector need not visit them."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def terminal_may_close() -> Iterator[None]:
    """A hangup means to new processes what it usually means, also when the tests run under nohup:
    a signal that is ignored stays ignored in whatever is started."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)
