"""The seam for scale: heavy jobs run in worker processes or on a Dask cluster, never on the loop.

A job that fails, hangs or loses its worker is told as "no answer", in one sentence; whoever asked
goes on with what it has.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from datetime import timedelta
from typing import Protocol, TypeVar, TypeVarTuple

from bot.forecast_settings import PROCESSES, ForecastSettings
from bot.foresight.worker_cluster import Cluster, ClusterLane, NoCluster
from bot.foresight.worker_process import NICENESS, ProcessLane, new_pool
from checks.durations import say_duration
from checks.words import plain

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
log = logging.getLogger(__name__)

SAID_FITS = 200


class NoAnswer(Exception):
    """A job gave no answer; the text says why, in one clause without a full stop."""


class NoWorkers(NoAnswer):
    """The job was not even begun: nobody is there to do it."""


class Lane(Protocol):
    """A place for one job at a time."""

    async def submit(
        self, job: Callable[[*Ts], T], args: tuple[*Ts], timeout: timedelta
    ) -> Future[T]: ...

    async def end(self) -> None:
        """End whatever runs here; the next job finds the lane as new."""
        ...


class Workers:
    """Runs jobs, as many at a time as there are lanes; the others wait their turn.

    A job is a function that can be imported, with arguments that can be pickled.
    """

    def __init__(
        self, lanes: Sequence[Lane], timeout: timedelta, close: Callable[[], None] = lambda: None
    ) -> None:
        self._lanes, self._timeout, self._close = lanes, timeout, close
        self._free: asyncio.Queue[Lane] = asyncio.Queue()
        self._failing: set[str] = set()
        for lane in lanes:
            self._free.put_nowait(lane)

    @property
    def size(self) -> int:
        """How many jobs run at a time."""
        return len(self._lanes)

    async def run(self, job: Callable[[*Ts], T], *args: *Ts, timeout: timedelta | None = None) -> T:
        """What the job returns. It is ended when it takes longer than `timeout`.

        Raises NoAnswer. That is logged when a kind of job begins to fail, not every time.
        """
        lane = await self._free.get()
        name = getattr(job, "__name__", "a job").strip("_").replace("_", " ")
        try:
            answer = await _ask(lane, job, args, timeout or self._timeout)
        except NoAnswer as error:
            self._log_failing(name, error)
            raise
        finally:
            self._free.put_nowait(lane)
        self._log_answering(name)
        return answer

    async def close(self) -> None:
        """End every job and worker."""
        await asyncio.gather(*(lane.end() for lane in self._lanes))
        await asyncio.to_thread(self._close)

    def _log_failing(self, name: str, error: NoAnswer) -> None:
        if name not in self._failing:
            self._failing.add(name)
            log.warning("no answer from the job to %s: %s", name, error)
        log.debug("the job to %s", name, exc_info=error)

    def _log_answering(self, name: str) -> None:
        if name in self._failing:
            self._failing.discard(name)
            log.info("the job to %s is answered again", name)


async def _ask(lane: Lane, job: Callable[[*Ts], T], args: tuple[*Ts], timeout: timedelta) -> T:
    """Raises NoAnswer; whatever the lane was left with has then been ended."""
    try:
        answer = asyncio.wrap_future(await _submit(lane, job, args, timeout))
        answer.add_done_callback(_heed)
        await asyncio.wait([answer], timeout=timeout.total_seconds())
    except NoCluster as error:
        raise NoWorkers(str(error).rstrip(".")) from error
    except (BrokenExecutor, OSError) as error:
        await lane.end()
        raise NoWorkers(f"no worker can be started ({_said(error)})") from error
    except asyncio.CancelledError:
        await lane.end()
        raise
    if not answer.done() or answer.cancelled():
        lost = answer.cancelled()
        await lane.end()
        answer.cancel()
        why = "its worker was lost" if lost else f"it took longer than {say_duration(timeout)}"
        raise NoAnswer(why)
    return await _told(lane, answer)


async def _submit(
    lane: Lane, job: Callable[[*Ts], T], args: tuple[*Ts], timeout: timedelta
) -> Future[T]:
    """A worker may have died while nothing was asked of it: its successor is asked."""
    try:
        return await lane.submit(job, args, timeout)
    except BrokenExecutor:
        await lane.end()
        return await lane.submit(job, args, timeout)


def _heed(answer: asyncio.Future[T]) -> None:
    """What became of a job that was given up is nobody's business any more."""
    if not answer.cancelled():
        answer.exception()


async def _told(lane: Lane, answer: asyncio.Future[T]) -> T:
    try:
        return answer.result()
    except BrokenExecutor as error:
        await lane.end()
        raise NoAnswer("its worker ended before it had answered") from error
    except Exception as error:
        raise NoAnswer(f"it failed with {_said(error)}") from error


def _said(error: Exception) -> str:
    return plain(f"{type(error).__name__}: {error}".rstrip(": ."), SAID_FITS)


def make_workers(settings: ForecastSettings) -> Workers:
    """Workers for heavy jobs, by the settings; they are started when they are first needed."""
    lanes: list[Lane]
    if settings.executor == PROCESSES:
        lanes = [ProcessLane(NICENESS) for _ in range(settings.at_once)]
        return Workers(lanes, settings.timeout)
    cluster = Cluster(settings.executor)
    lanes = [ClusterLane(cluster) for _ in range(settings.at_once)]
    return Workers(lanes, settings.timeout, cluster.close)


def make_quick_worker(settings: ForecastSettings) -> Workers:
    """One worker on this machine for what is wanted soon: it never waits behind learning."""
    return Workers([ProcessLane(NICENESS)], settings.timeout)


@contextmanager
def open_executor(executor: str, workers: int) -> Iterator[Executor]:
    """For commands without a loop: a plain executor of the same kinds. Raises NoCluster."""
    if executor != PROCESSES:
        cluster = Cluster(executor)
        try:
            yield cluster.executor()
        finally:
            cluster.close()
        return
    folder = tempfile.mkdtemp(prefix="seamwatch-worker-")
    try:
        with new_pool(workers, folder) as pool:
            yield pool
    finally:
        shutil.rmtree(folder, ignore_errors=True)
