"""One worker process: it runs a job at a time, can be killed at any moment, and leaves nothing.

Every worker leads a process group of its own, so that what it starts (Stan's binary, say) goes with
it, and works in a temporary folder of its own, because Prophet's fit leaves files behind
(https://github.com/facebook/prophet/issues/2668). When the bot ends, however it ends, the worker
sees a pipe close, removes the folder and kills its group. A job that does not even let that thread
run is ended by a timer of the C library's.
"""

from __future__ import annotations

import asyncio
import faulthandler
import os
import shutil
import signal
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import suppress
from datetime import timedelta
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Thread
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

NICENESS = 10  # the watch comes first
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Libraries that each take every core slow each other down."""
GRACE = timedelta(seconds=30)
START_SECONDS = 60.0


class ProcessLane:
    """A place for one job at a time, in a process that is started when it is first needed, and
    gives way to others by `niceness`."""

    def __init__(self, niceness: int = NICENESS) -> None:
        self._niceness = niceness
        self._pool: ProcessPoolExecutor | None = None
        self._process: BaseProcess | None = None
        self._folder = ""

    async def submit(
        self, job: Callable[[*Ts], T], args: tuple[*Ts], timeout: timedelta
    ) -> Future[T]:
        """Begin a job; the caller ends the lane when it takes longer than `timeout`.

        Raises OSError when no process can be started, BrokenExecutor when it ends at once.
        """
        pool = self._pool or await self._start()
        return pool.submit(_do, job, args, self._folder, timeout + GRACE)

    async def end(self) -> None:
        """Kill the process, whatever it does; the next job gets a new one."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        if self._process is not None and self._process.is_alive():
            with suppress(ProcessLookupError):  # it has not come to lead a group yet
                os.killpg(self._process.pid or 0, signal.SIGKILL)
            self._process.kill()
        self._process = None
        await asyncio.to_thread(_clear_up, pool, self._folder)

    async def _start(self) -> ProcessPoolExecutor:
        """A process that is ready, so that its start does not count as a job's time."""
        self._folder = tempfile.mkdtemp(prefix="seamwatch-worker-")
        pool = self._pool = new_pool(1, self._folder, self._niceness)
        before = {child.pid for child in active_children()}
        ready = asyncio.wrap_future(pool.submit(os.getpid))
        self._process = next(child for child in active_children() if child.pid not in before)
        async with asyncio.timeout(START_SECONDS):  # its TimeoutError is an OSError
            await ready
        return pool


def _clear_up(pool: ProcessPoolExecutor, folder: str) -> None:
    pool.shutdown(wait=True, cancel_futures=True)
    shutil.rmtree(folder, ignore_errors=True)


def new_pool(workers: int, folder: str, niceness: int = NICENESS) -> ProcessPoolExecutor:
    """Worker processes with `folder` for their temporary files. They are spawned and not forked:
    a fork copies locks that other threads hold."""
    context = get_context("spawn")
    return ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(folder, niceness))


def _begin(folder: str, niceness: int) -> None:
    """In the worker, before its first job."""
    os.setpgid(0, 0)
    os.nice(niceness)
    os.environ.update(ONE_THREAD, TMPDIR=folder)
    tempfile.tempdir = folder
    Thread(target=_end_with_parent, args=(folder,), daemon=True).start()


def _end_with_parent(folder: str) -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
    shutil.rmtree(folder, ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


def _do(job: Callable[[*Ts], T], args: tuple[*Ts], folder: str, at_most: timedelta) -> T:
    """In the worker: the job, and clearing up after it."""
    faulthandler.dump_traceback_later(at_most.total_seconds(), exit=True)
    try:
        return job(*args)
    finally:
        faulthandler.cancel_dump_traceback_later()
        clear(Path(folder))


def clear(folder: Path) -> None:
    """Remove what jobs left. Empty folders at the top stay: a library that made itself one when it
    was imported goes on using it."""
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            for left in each.iterdir():
                _remove(left)
        else:
            _remove(each)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
