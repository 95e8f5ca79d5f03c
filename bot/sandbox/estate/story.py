"""What a run can tell of itself: its summary, its log lines and its measures, made from its id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.estate.model import Flow, Instance, Refusal, Run, Status

STEPS = ("Trigger", "Receive", "Map", "Send")
ATTEMPTS = 4
"""A step that fails is tried up to three more times.

https://doc.wearepatchworks.com/product-documentation/process-flows/building-process-flows/process-flow-shapes
"""
AGAIN_AFTER = timedelta(seconds=10)
"""How long the platform waits before it tries again; it does not publish it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a run's log. `at` is UTC; `step` counts from 0 along STEPS."""

    id: int
    at: datetime
    level: str
    text: str
    step: int


def step_id(flow: Flow, step: int) -> int:
    return flow.id * 10 + step


def step_name(flow: Flow, step: int) -> str:
    suffix = {1: f" from {flow.source.name}", 3: f" to {flow.target.name}"}
    return f"{STEPS[step]} {flow.entity}{suffix.get(step, '')}" if step else "Trigger"


def payload_id(run: Run) -> int:
    return run.id * 10 + 1


def first_tracked(run: Run) -> int:
    """The id of the first value that a run has tracked; the others follow."""
    return run.id * 10_000


def records(run: Run) -> int:
    """How many records a run carries: one for a call, a batch for a schedule."""
    return any_amount(run.flow, _mixed(run.id)) if run.records is None else run.records


def any_amount(flow: Flow, number: int) -> int:
    """The records of a run for which none are recorded; a `number` stands for its luck."""
    return 1 if flow.cron is None else 20 + number % 180


def failed_records(run: Run) -> int:
    """How many of them the target refused, once the run is over."""
    share = {Status.FAILURE: 1.0, Status.PARTIAL_SUCCESS: 0.1}.get(run.outcome, 0.0)
    return -int(-records(run) * share // 1) if share else 0


def requests(run: Run) -> tuple[int, int]:
    """The requests that a run makes, to its source and to its target."""
    return requests_for(run.flow, records(run))


def requests_for(flow: Flow, amount: int) -> tuple[int, int]:
    """What so many records take, from the source and to the target.

    Whoever looks and finds nothing has asked for a page all the same.
    """
    return max(1, -(-amount // flow.per_page)), -(-amount // flow.per_call)


def operations(run: Run) -> tuple[int, int]:
    """Requests received from and sent to endpoints, as the platform counts them afterwards.

    Those that were refused count as well; a credential that is not accepted ends the run at the
    first, and how often the platform counts one that it repeats is not published, so once:
    https://doc.wearepatchworks.com/product-documentation/company-management/company-insights/company-insights-overview/about-operations
    """
    received, sent = requests(run)
    sent = 0 if run.filtered else sent
    refusal = run.refusal if run.outcome is Status.FAILURE else None
    if refusal is None:
        return received, sent
    if refusal.step == 1:
        return 1 if refusal.credential else received, 0
    return received, 1 if refusal.credential else sent


def has_warnings(run: Run, now: datetime) -> bool:
    """Partial successes warn, and so does a success in which something was refused or repeated,
    which is one in a hundred."""
    if not run.has_ended(now):
        return False
    repeated = run.refusal is not None or run.refused > 0 or _mixed(run.id) % 100 == 0
    ended_well = run.outcome is Status.SUCCESS and repeated
    return ended_well or run.outcome is Status.PARTIAL_SUCCESS


def summary(run: Run, now: datetime) -> str | None:
    """Why a run ended badly; None while it runs and when it went well."""
    complaint = run.flow.target.system.complaint
    match run.status(now):
        case Status.FAILURE if run.refusal:
            return _refused_summary(run, run.refusal)
        case Status.FAILURE:
            return f"{step_name(run.flow, 3)} failed after 4 attempts: {complaint}"
        case Status.PARTIAL_SUCCESS:
            return f"{failed_records(run)} of {records(run)} payloads failed: {complaint}"
        case Status.STOPPED:
            return f"Stopped by {run.stopped_by}"
        case _:
            return None


def _refused_summary(run: Run, refusal: Refusal) -> str:
    step = step_name(run.flow, refusal.step)
    if refusal.credential:
        return f"{step} failed: re-authentication was not successful: {refusal.says}"
    return f"{step} failed after {refusal.attempts} attempts: {refusal.says}"


def log_lines(run: Run, now: datetime) -> list[LogLine]:
    """What the log of a run says at a moment; a run that hangs has stopped talking."""
    first_id = run.id * 100
    told = (line for line in _whole_log(run) if line[0] <= now)
    return [
        LogLine(id=first_id + number, at=at, level=level, text=text, step=step)
        for number, (at, level, text, step) in enumerate(told)
    ]


def _whole_log(run: Run) -> Iterator[tuple[datetime, str, str, int]]:
    flow, amount, refusal = run.flow, records(run), run.refusal
    end = run.ends_at or datetime.max.replace(tzinfo=run.started_at.tzinfo)
    lasts = min(end - run.started_at, flow.usual)
    yield run.started_at, "INFO", f"Flow run started by {run.trigger}", 0
    if refusal is None or refusal.step > 1 or run.outcome is not Status.FAILURE:
        yield run.started_at + lasts * 0.1, "INFO", f"Received {amount} {flow.entity}", 1
        yield run.started_at + lasts * 0.3, "INFO", f"Mapped {amount} payloads", 2
        sending = f"Sending to {flow.target.name}: {flow.target.system.entry}"
        yield run.started_at + lasts * 0.4, "INFO", sending, 3
    if refusal is not None:
        yield from _refusing(run, refusal, end)
    yield from _ending(run, end)


def _refusing(
    run: Run, refusal: Refusal, end: datetime
) -> Iterator[tuple[datetime, str, str, int]]:
    """The lines about what a vendor said; the last attempt of a failed run is an error."""
    just_before, step = end - timedelta(milliseconds=40), refusal.step
    has_failed = run.outcome is Status.FAILURE
    if refusal.credential:
        yield just_before, "ERROR", refusal.says, step
        said = f"Re-authentication with {_called(run, step).name} was not successful"
        yield just_before, "ERROR", said, step
        return
    for attempt in range(1, refusal.attempts + 1):
        waits = refusal.attempts - attempt + (0 if has_failed else 1)
        level = "ERROR" if has_failed and not waits else "WARNING"
        says = f"{refusal.says} (attempt {attempt} of {ATTEMPTS})"
        yield just_before - AGAIN_AFTER * waits, level, says, step


def _called(run: Run, step: int) -> Instance:
    return run.flow.source if step == 1 else run.flow.target


def _ending(run: Run, end: datetime) -> Iterator[tuple[datetime, str, str, int]]:
    amount, complaint = records(run), run.flow.target.system.complaint
    just_before = end - timedelta(milliseconds=40)
    match run.outcome:
        case Status.FAILURE if run.refusal:
            yield end, "ERROR", "Flow run failed", run.refusal.step
        case Status.FAILURE:
            yield just_before, "ERROR", f"{complaint} (attempt 4 of 4)", 3
            yield end, "ERROR", "Flow run failed", 3
        case Status.PARTIAL_SUCCESS:
            yield just_before, "WARNING", f"{failed_records(run)} payloads failed: {complaint}", 3
            yield end, "INFO", "Flow run partially succeeded", 3
        case Status.STOPPED:
            yield end, "WARNING", f"Flow run stopped by {run.stopped_by}", 3
        case _:
            yield from _succeeding(run, end)
            sent = 0 if run.filtered else amount - run.refused
            yield end, "INFO", f"Sent {sent} of {amount} {run.flow.entity}", 3


def _succeeding(run: Run, end: datetime) -> Iterator[tuple[datetime, str, str, int]]:
    """What a run says that ends well all the same; the step may be told to tolerate a refusal."""
    at = end - timedelta(milliseconds=40)
    if run.filtered:
        yield at, "INFO", f"0 of {records(run)} payloads passed the filter", 2
    for _ in range(run.refused):
        says = f"{run.flow.target.system.complaint}; unsuccessful statuses are allowed, carrying on"
        yield at, "ERROR", says, 3
    if not run.refused and has_warnings(run, end):
        yield at, "WARNING", "The answer was slow; the request was repeated", 3


def _mixed(number: int) -> int:
    return number * 2_654_435_761 % 2**32 >> 7  # Knuth's multiplicative hash
