"""Patchworks' run queue as a simulation: what waits, what runs, what ran, at any moment told.

The rules are those of the platform's page on the run queue (working-with-your-run-queue under
https://doc.wearepatchworks.com/product-documentation/process-flows/) and of the flow settings:

- automatic runs wait in a queue of limited length, whatever is more is held back outside it;
- every 5 seconds the platform picks as many as there are free slots, highest priority first,
  first queued first within a priority;
- manual runs and retries do not queue, but each takes a slot while it runs.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from bot.sandbox.estate.arrivals import on_tick
from bot.sandbox.estate.chance import Fates
from bot.sandbox.estate.line import Line
from bot.sandbox.estate.model import Flow, Job, Run, Status, Trigger

PICK_EVERY = timedelta(seconds=5)
_NO_TIME = timedelta(0)
_INSTANT = timedelta(microseconds=1)
_CHANGE, _FINISH, _ARRIVE, _PICK = range(4)  # the order of things that happen at the same moment


class RunQueue:
    """The queue and the runs of one company. It moves only when told, and always the same way.

    How often `advance` is called makes no difference to what happens. All times are UTC.
    """

    def __init__(self, *, allowance: int, cap: int, start: datetime, seed: int) -> None:
        self.allowance, self.cap, self.now = allowance, cap, start
        self.waiting = Line()
        self.held: deque[Job] = deque()
        self.running: dict[int, Run] = {}
        self.runs: dict[int, Run] = {}
        """Every run known, in the order in which they started."""
        self.stalled = False
        """Whether the platform has stopped picking, although slots may be free."""
        self.slowness: dict[int, float] = {}
        """Flow id to how many times its usual the next runs take."""
        self.disabled: set[int] = set()
        """Ids of flows that no schedule and no webhook starts."""
        self.endless: set[int] = set()
        """Ids of flows whose finished runs queue a successor, as a paged re-sync does."""
        self.drag: Callable[[Flow], float] = lambda _flow: 1.0
        """How many times its usual a flow's next run takes for what its systems are like."""
        self.settle: Callable[[Run, datetime], Run] = lambda run, _now: run
        """What becomes of a run that is about to end: as it was, failed, or with a later end."""
        self.records: Callable[[Flow, datetime], int | None] = lambda _flow, _now: None
        """How many records a job of the flow that is queued now finds; None: any number."""
        self._fates = Fates(seed)
        self._agenda: list[tuple[datetime, int, int, Callable[[], object]]] = []
        self._steps, self._job_ids, self._run_ids = count(), count(510_001), count(81_000_001)
        self._pick_planned = False

    def advance(self, to: datetime) -> None:
        """Let everything happen that is due until `to`; time never goes back."""
        while self._agenda and self._agenda[0][0] <= to:
            self.now, _, _, happen = heapq.heappop(self._agenda)
            happen()
        self.now = max(self.now, to)

    def at(self, moment: datetime, happen: Callable[[], object]) -> None:
        """Have something happen at a moment, before everything else of that moment."""
        self._plan(moment, _CHANGE, happen)

    def feed(self, flow: Flow, trigger: Trigger, times: Iterator[datetime]) -> None:
        """Queue a job of the flow at each of the times, unless the flow is disabled then."""
        if (at := next(times, None)) is not None:
            self._plan(at, _ARRIVE, partial(self._arrive, flow, trigger, times))

    def enqueue(self, flow: Flow, trigger: Trigger, payload: str | None = None) -> Job:
        """Add a job now: to the queue, or outside it when the queue is full."""
        job = self._job(flow, trigger, payload)
        if self.held or len(self.waiting) >= self.cap:
            self.held.append(job)
        else:
            self.waiting.join(job)
        self._expect_pick()
        return job

    def start_now(
        self, flow: Flow, trigger: Trigger, payload: str | None = None, retry_of: int | None = None
    ) -> Run:
        """Start a run past the queue; it takes a slot all the same."""
        fate = self._fate(self._job(flow, trigger, payload))
        return self._start(replace(fate, retry_of=retry_of))

    def hang(self, flow: Flow) -> Run:
        """Start a run of the flow (its oldest waiting job, else a new call) that never ends."""
        job = self.waiting.withdraw(flow.id) or self._job(flow, Trigger.WEBHOOK, None)
        return self._start(replace(self._fate(job), ends_at=None))

    def stop(self, run_id: int, by: str) -> Run | None:
        """Stop a run now. Answers None when it is not running."""
        run = self.running.pop(run_id, None)
        if run is None:
            return None
        stopped = replace(run, ends_at=self.now, outcome=Status.STOPPED, stopped_by=by)
        self.runs[run_id] = stopped
        self._expect_pick()
        return stopped

    def hurry(self, run_id: int, within: timedelta) -> None:
        """Have a running run end after `within` at the latest; a hanging one too."""
        run, latest = self.running[run_id], self.now + within
        if run.ends_at is None or run.ends_at > latest:
            self._start(replace(run, ends_at=latest))

    def release(self) -> None:
        """Let a stalled platform pick again."""
        self.stalled = False
        self._expect_pick()

    def forget(self, before: datetime) -> None:
        """Drop the runs that started first, as far as they ended before a moment."""
        old: list[int] = []
        for run in self.runs.values():
            if not run.has_ended(before):
                break
            old.append(run.id)
        for run_id in old:
            del self.runs[run_id]

    def _plan(self, at: datetime, rank: int, happen: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (at, rank, next(self._steps), happen))

    def _arrive(self, flow: Flow, trigger: Trigger, times: Iterator[datetime]) -> None:
        if flow.id not in self.disabled:
            self.enqueue(flow, trigger)
        self.feed(flow, trigger, times)

    def _expect_pick(self, after: timedelta = _NO_TIME) -> None:
        if self._pick_planned or self.stalled or not self.waiting:
            return
        if len(self.running) < self.allowance:
            self._pick_planned = True
            self._plan(on_tick(self.now + after, PICK_EVERY), _PICK, self._pick)

    def _pick(self) -> None:
        self._pick_planned = False
        if self.stalled:
            return
        for job in self.waiting.take(self.allowance - len(self.running)):
            self._start(self._fate(job))
        self._let_in()
        self._expect_pick(_INSTANT)

    def _let_in(self) -> None:
        while self.held and len(self.waiting) < self.cap:
            self.waiting.join(replace(self.held.popleft(), queued_at=self.now))

    def _job(self, flow: Flow, trigger: Trigger, payload: str | None) -> Job:
        return Job(
            id=next(self._job_ids),
            run_id=next(self._run_ids),
            flow=flow,
            trigger=trigger,
            queued_at=self.now,
            payload=payload,
            records=self.records(flow, self.now),
        )

    def _fate(self, job: Job) -> Run:
        slowness = self.slowness.get(job.flow.id, 1.0) * self.drag(job.flow)
        return self._fates.of(job, self.now, slowness)

    def _start(self, run: Run) -> Run:
        self.runs[run.id] = self.running[run.id] = run
        if run.ends_at is not None:
            self._plan(run.ends_at, _FINISH, partial(self._finish, run))
        return run

    def _finish(self, run: Run) -> None:
        if self.running.get(run.id) is not run:  # it was stopped or hurried meanwhile
            return
        settled = self.settle(run, self.now)
        if not settled.has_ended(self.now):
            self._start(settled)
            return
        self.runs[run.id] = settled
        del self.running[run.id]
        if run.flow.id in self.endless:
            self.enqueue(run.flow, Trigger.SHAPE)
        self._expect_pick()
