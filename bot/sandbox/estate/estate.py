"""The simulated company: its flows, its queue, who changed what, and what a scenario does to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random

from bot.sandbox.estate.arrivals import schedule_times, webhook_times
from bot.sandbox.estate.chance import draws
from bot.sandbox.estate.company import FLOWS, INSTANCES, TO_THE_ERP
from bot.sandbox.estate.losses import Losses, payload_of
from bot.sandbox.estate.model import Activity, Flow, Instance, Run, Trigger
from bot.sandbox.estate.options import AS_DOCUMENTED, EstateOptions
from bot.sandbox.estate.run_queue import RunQueue
from bot.sandbox.estate.trade import Trade
from bot.sandbox.estate.vendors.books import RecordedBooks
from bot.sandbox.estate.volumes import NO_GROWTH, Growth, Lift, Volumes

COLLEAGUE = ("Tom Reyes", "tom.reyes@fellandharbour.example")
"""Who, in the dashboard of the made-up company, presses what a scenario needs pressed."""

_WARM_UP = timedelta(minutes=10)
_LONG = 4  # times the usual: what a new scenario does not leave running


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that a scenario makes happen, `after` so much sandbox time from its start."""

    after: timedelta
    happens: str
    do: Callable[[Estate], object]


class Estate:
    """One company on the look-alike platform. It moves only when told; all times are UTC.

    `opens` says, for each recording, which of its moments is replayed at `now`; the hours and
    weekdays run on from there, and the history before `now` is what was recorded before it.
    `growth` says by a flow's name what is otherwise than recorded.
    """

    def __init__(
        self,
        *,
        now: datetime,
        opens: Mapping[str, datetime],
        options: EstateOptions = AS_DOCUMENTED,
        flows: Sequence[Flow] = FLOWS,
        growth: Mapping[str, Growth] = NO_GROWTH,
    ) -> None:
        self.options = options
        self.flows = {flow.id: flow for flow in flows}
        self.activities: list[Activity] = []
        self.renewed_at: dict[int, datetime] = {}
        """Instance id to when a colleague last re-authorised it."""
        self.deployed_at: dict[int, list[datetime]] = {}
        """Flow id to when a colleague deployed it again, oldest first."""
        self.volumes = Volumes(now, opens, growth)
        self._play_number = 0
        self.began_at = start = now - max(timedelta(days=options.history_days), _WARM_UP)
        """Before it no run was simulated."""
        self.queue = RunQueue(
            allowance=options.concurrent_flows,
            cap=options.queue_cap,
            start=start,
            seed=options.seed,
        )
        books = RecordedBooks(self.volumes.shift)
        self.losses = Losses(books, TO_THE_ERP.id)
        self.queue.records = partial(self.losses.records, self.volumes.records)
        for flow in flows:
            if flow.deployed:
                self._feed(flow, start, draws(options.seed, flow.id, "arrivals"))
        self.queue.advance(now)
        # The vendors open only now: whatever the history holds, they had served it.
        self.trade = Trade(books)
        self.queue.drag, self.queue.settle = self.trade.drag, self._settle

    @property
    def now(self) -> datetime:
        return self.queue.now

    @property
    def instances(self) -> tuple[Instance, ...]:
        """Those that the company has always had, and those that new flows brought."""
        ends = (end for flow in self.flows.values() for end in (flow.source, flow.target))
        return tuple({instance.id: instance for instance in (*INSTANCES, *ends)}.values())

    def advance(self, to: datetime) -> None:
        """Live until `to`, and forget what nobody may see any more."""
        self.queue.advance(to)
        kept = max(self.options.run_retention, self.options.tracked_retention)
        self.queue.forget(self.now - kept)

    def flow(self, name: str) -> Flow:
        """Find a flow by its name. Raises KeyError for a name that the company does not use."""
        return {flow.name: flow for flow in self.flows.values()}[name]

    def play(self, steps: Sequence[Step]) -> None:
        """Start a scenario now: whatever an earlier one did is undone, its rest is dropped."""
        self._play_number += 1
        self.calm()
        for step in steps:
            happen = partial(self._take, step, self._play_number)
            self.queue.at(self.now + step.after, happen)

    def calm(self) -> None:
        """Bring everything back to health: what hangs or drags is over within seconds."""
        queue = self.queue
        self.trade.calm(self.now)
        self.losses.clear()
        self.volumes.lifts.clear()
        queue.slowness.clear()
        queue.endless.clear()
        for flow_id in sorted(queue.disabled):
            self.enable(self.flows[flow_id].name)
        for run in list(queue.running.values()):
            if run.ends_at is None:
                self.stop(run)
            elif run.ends_at - self.now > _LONG * run.flow.usual:
                queue.hurry(run.id, within=run.flow.usual)
        queue.release()

    def stall(self) -> None:
        """The platform stops picking from the queue, whatever slots are free."""
        self.queue.stalled = True

    def release(self) -> None:
        """The platform picks again."""
        self.queue.release()

    def hang(self, name: str) -> Run:
        """A run of the flow starts and never ends by itself."""
        return self.queue.hang(self.flow(name))

    def stop(self, run: Run) -> None:
        """A colleague stops a run in the dashboard."""
        if self.queue.stop(run.id, by=COLLEAGUE[0]):
            self._record("stopped", f"Stopped run {run.id} of {run.flow.name}", "Flow", run.flow.id)

    def stop_hanging(self) -> None:
        """A colleague stops every run that hangs."""
        for run in [run for run in self.queue.running.values() if run.ends_at is None]:
            self.stop(run)

    def slow_down(self, times: float) -> None:
        """From now on every run takes so many times its usual length (1: as usual)."""
        self.queue.slowness = dict.fromkeys(self.flows, times)

    def burst(self, names: Sequence[str], jobs: int, over: timedelta) -> None:
        """So many webhook calls, taking turns among the flows, evenly spread over a while."""
        for number in range(jobs):
            flow = self.flow(names[number % len(names)])
            call = partial(self.queue.enqueue, flow, Trigger.WEBHOOK)
            self.queue.at(self.now + over * number / jobs, call)

    def resync(self, name: str, chains: int) -> None:
        """A paged re-sync: so many runs of a flow, each of which queues its next page."""
        self.queue.endless.add(self.flow(name).id)
        for _ in range(chains):
            self.queue.enqueue(self.flow(name), Trigger.SHAPE)

    def end_resync(self, name: str) -> None:
        """The re-sync has no further page."""
        self.queue.endless.discard(self.flow(name).id)

    def disable(self, name: str) -> None:
        """A colleague switches a flow off."""
        flow = self.flow(name)
        self.queue.disabled.add(flow.id)
        self._record("disabled", f"Disabled flow {name}", "Flow", flow.id)

    def enable(self, name: str) -> None:
        """A colleague switches a flow on again."""
        flow = self.flow(name)
        self.queue.disabled.discard(flow.id)
        self._record("enabled", f"Enabled flow {name}", "Flow", flow.id)

    def deploy(self, name: str) -> None:
        """A colleague deploys a flow once more."""
        flow = self.flow(name)
        self.deployed_at.setdefault(flow.id, []).append(self.now)
        self._record("deployed", f"Deployed flow {name}", "Flow", flow.id)

    def bring(self, flow: Flow) -> None:
        """A colleague deploys a new flow, unless the company has it; its runs begin now."""
        if flow.id not in self.flows:
            self.flows[flow.id] = flow
            self._feed(flow, self.now, draws(self.options.seed, flow.id, "arrivals"))
        self.deploy(flow.name)

    def put_right(self) -> None:
        """A colleague corrects what the orders lost on their way, and sends the lost ones again."""
        if late := self.losses.put_right(self.now):
            self.queue.start_now(TO_THE_ERP, Trigger.MANUAL, payload_of(late))
        self.deploy(TO_THE_ERP.name)

    def lapse(self, name: str, *, platforms: bool = True) -> None:
        """A system accepts the platform's credential (or the monitor's) no more."""
        self.trade.lapse(name, platforms=platforms)

    def renew(self, name: str) -> None:
        """Every credential of a system is good again; if the platform's was not, by a colleague."""
        if self.trade.renew(name):
            system = self.trade.shop(name).system
            for instance in self.instances:
                if instance.system.name == system:
                    self.renewed_at[instance.id] = self.now
                    says = f"Re-authorised {instance.name}"
                    self._record("updated", says, "Connector", instance.id)

    def crowd(self, name: str, share: float) -> None:
        """Somebody else uses this share (0 to 1) of a system's allowance from now on."""
        self.trade.crowd(name, share, self.now)

    def lift(self, times: float, since: datetime, until: datetime) -> None:
        """From `since` to `until` everything that customers do comes `times` as often."""
        self.volumes.lifts.append(Lift(since=since, until=until, times=times))

    def _settle(self, run: Run, now: datetime) -> Run:
        settled = self.trade.settle(run, now)
        return self.losses.settle(settled) if settled.has_ended(now) else settled

    def _take(self, step: Step, play_number: int) -> None:
        if play_number == self._play_number:
            step.do(self)

    def _record(self, event: str, description: str, subject: str, subject_id: int) -> None:
        name, email = COLLEAGUE
        self.activities.append(
            Activity(
                id=9001 + len(self.activities),
                at=self.now,
                event=event,
                description=description,
                subject=subject,
                subject_id=subject_id,
                by=name,
                email=email,
            )
        )

    def _feed(self, flow: Flow, start: datetime, random: Random) -> None:
        if flow.cron is not None:
            self.queue.feed(flow, Trigger.SCHEDULE, schedule_times(flow.cron, start))
        elif flow.per_minute:
            times = webhook_times(partial(self.volumes.per_minute, flow), start, random)
            self.queue.feed(flow, Trigger.WEBHOOK, times)
