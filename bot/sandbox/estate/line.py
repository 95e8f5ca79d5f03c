"""Jobs in the order in which the platform picks them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from bot.sandbox.estate.model import Job

PRIORITIES = range(1, 6)
"""1 is highest, 3 is what a flow has unless told otherwise."""


class Line:
    """Jobs by priority, first come first served within one; iterates in that order."""

    def __init__(self) -> None:
        self._classes: dict[int, deque[Job]] = {priority: deque() for priority in PRIORITIES}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Job]:
        for jobs in self._classes.values():
            yield from jobs

    def join(self, job: Job) -> None:
        """Add a job behind those of its priority."""
        self._classes[job.flow.priority].append(job)
        self._length += 1

    def take(self, most: int) -> list[Job]:
        """Take out the next jobs, `most` at most; a class only after all higher ones are empty."""
        taken: list[Job] = []
        for jobs in self._classes.values():
            while jobs and len(taken) < most:
                taken.append(jobs.popleft())
        self._length -= len(taken)
        return taken

    def withdraw(self, flow_id: int) -> Job | None:
        """Take out the oldest job of a flow, if there is one."""
        job = next((job for job in self if job.flow.id == flow_id), None)
        if job is not None:
            self._classes[job.flow.priority].remove(job)
            self._length -= 1
        return job
