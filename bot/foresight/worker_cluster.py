"""Jobs on a Dask cluster instead of this machine: for estates that outgrow it (an optional extra).

The package must be installed on the cluster's workers too, in the same version.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar, TypeVarTuple
from uuid import uuid4

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

CONNECT_SECONDS = 5
RESTART_SECONDS = 20


class NoCluster(Exception):
    """The cluster cannot be used; one sentence that says what to do."""


class Cluster:
    """A connection to one scheduler, made when it is first needed and again when it was lost."""

    def __init__(self, address: str) -> None:
        self._address = address.removeprefix("dask://")
        self._lock = threading.Lock()
        self._client: Any = None

    def connect(self) -> Any:
        """The client, in a thread: it waits for the scheduler. Raises NoCluster."""
        with self._lock:
            if self._client is None or self._client.status != "running":
                self.close()
                self._client = self._new_client()
            return self._client

    def executor(self) -> Executor:
        """The cluster as an executor of the standard library. Raises NoCluster."""
        found: Executor = self.connect().get_executor(pure=False)
        return found

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _new_client(self) -> Any:
        try:
            from distributed import Client
        except ImportError:
            raise NoCluster(
                "Dask is not installed here: `pip install seamwatch[dask]`, or set [forecast] "
                'executor = "processes".'
            ) from None
        try:
            return Client(f"tcp://{self._address}", timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise NoCluster(
                f"No Dask scheduler answers at {self._address} ({type(error).__name__}): start it, "
                "or correct [forecast] executor."
            ) from error


class ClusterLane:
    """A place for one job at a time on the cluster."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._key = ""
        self._future: Future[Any] | None = None

    async def submit(
        self,
        job: Callable[[*Ts], T],
        args: tuple[*Ts],
        timeout: timedelta,  # noqa: ARG002 (it is the caller who ends a lane of this kind)
    ) -> Future[T]:
        """Begin a job. Raises NoCluster."""
        key = f"seamwatch-{uuid4()}"
        executor: Any = await asyncio.to_thread(self._cluster.executor)
        future: Future[T] = executor.submit(job, *args, key=key)
        self._key, self._future = key, future
        return future

    async def end(self) -> None:
        """Restart the worker that is still busy with this lane's job: Dask cannot stop a job."""
        future, self._future = self._future, None
        if future is not None and not future.done():
            await asyncio.to_thread(self._free, self._key, future)

    def _free(self, key: str, future: Future[Any]) -> None:
        """Cancelled first, or the job would begin anew on the next worker."""
        with suppress(OSError, ValueError, RuntimeError, TimeoutError):  # then it is out of reach
            client = self._cluster.connect()
            busy = [worker for worker, keys in client.processing().items() if key in keys]
            future.cancel()
            if busy:
                client.restart_workers(busy, timeout=RESTART_SECONDS, raise_for_error=False)
