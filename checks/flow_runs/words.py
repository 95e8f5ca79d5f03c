"""What is said of a flow whose runs fail: the sentence, the measures, the facts of the runbook."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from checks.declare import Cause
from checks.durations import say_duration
from checks.failures import FlowRuns
from checks.flow_runs.tally import Tally, ended_at
from checks.flow_runs.trouble import Trouble, name_of
from checks.model import Fact, Measure
from checks.words import plain, say_count

FACTS = (
    "signal",
    "flow",
    "flow_id",
    "failed",
    "of",
    "usual_failed",
    "first_error",
    "step",
    "instance",
    "system",
    "system_kind",
    "cause",
    "records",
    "first_failed_at",
    "last_failed_at",
    "last_good_at",
    "last_good_run_id",
    "run_id",
    "retry",
    "payload_deadline",
    "logs_deadline",
)
# How long Patchworks keeps what a repair needs:
# https://doc.wearepatchworks.com/product-documentation/process-flows/error-reporting-and-exception-handling/run-logs-and-queue
PAYLOADS_KEPT = timedelta(hours=72)
LOGS_KEPT = timedelta(days=7)
QUOTE_FITS = 160
KNOWN_FROM = 20  # fewer runs of before do not tell what is usual
RETRY = {
    Cause.PASSING: "worth trying",
    Cause.LIMIT: "worth trying",
    Cause.LASTING: "fails again",
    Cause.CREDENTIAL: "fails again",
    Cause.NOT_PERMITTED: "fails again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One flow as judged. `name` is ready to read."""

    flow: FlowRuns
    name: str
    counted: Tally
    trouble: Trouble


def say_trouble(look: Look, now: datetime) -> str:
    """One plain sentence of what is wrong, since when and beside usual; then what the log says."""
    counted = look.counted
    first = counted.first_failed_at
    ago = _ago(first, now)
    if len(counted.runs) == 1:
        happened = f"The newest run of {look.name} failed{f' {ago}' if ago else ''}"
    else:
        happened = (
            f"{len(counted.failed)} of the last {len(counted.runs)} runs of {look.name} failed"
            f"{f', the first {ago}' if ago else ''}"
        )
    usual = usual_failed(look.flow)
    fails = "fail" if usual.endswith("in 100") else "fails"
    usually = f"usually {usual} {fails}" if usual else "what is usual is not known yet"
    return f"{happened}; {usually}. {_say_why(look.trouble)}"


def say_calm(look: Look, *, undecided: bool) -> str:
    """For a flow that does not fail unusually; `undecided`: it is not well either."""
    failed, runs = len(look.counted.failed), len(look.counted.runs)
    if not failed:
        newest = "run" if runs == 1 else say_count(runs, "run")
        return f"The newest {newest} of {look.name} ended well."
    means = "which is not decided yet" if undecided else "which is no trouble by itself"
    return f"{failed} of the last {runs} runs of {look.name} failed, {means}."


def usual_failed(flow: FlowRuns) -> str:
    """How much usually fails: "1 in 160", "60 in 100", "none of 90"; "" while little is known."""
    if flow.before < KNOWN_FROM:
        return ""
    if flow.before_failed <= 0:
        return f"none of {flow.before}"
    one_in = flow.before / flow.before_failed
    return f"1 in {one_in:.0f}" if one_in >= 2 else f"{100 / one_in:.0f} in 100"


def _say_why(trouble: Trouble) -> str:
    if trouble.first is None:
        return "Why is not known: no log of these runs could be read."
    quote = plain(trouble.first.line, QUOTE_FITS).rstrip(". ")
    instance = name_of(trouble.instance)
    means = {
        Cause.LASTING: ", which fails again until something is changed",
        Cause.PASSING: ", which may pass by itself",
        Cause.LIMIT: f": the allowance of {instance} was used up, which passes with time",
        Cause.CREDENTIAL: f": {instance} may not accept the platform's credential any more",
        Cause.NOT_PERMITTED: f": a person must give the platform a right in {instance}",
        Cause.UNKNOWN: "",
    }[trouble.cause]
    return f'The log says "{quote}"{means}.'


def measures(look: Look, now: datetime) -> tuple[Measure, ...]:
    """What is shown beside the sentence."""
    counted, trouble = look.counted, look.trouble
    good = ended_at(counted.last_good) if counted.last_good else None
    found = [
        Measure(
            label="Failed",
            measured=f"{len(counted.failed)} of {len(counted.runs)}",
            usual=usual_failed(look.flow) or None,
        ),
        Measure(
            label="Last good run",
            measured=(_ago(good, now) or "just now") if good else "none known",
        ),
    ]
    if trouble.records is not None:
        more = "" if trouble.all_records else " or more"
        found.append(Measure(label="Records affected", measured=f"{trouble.records}{more}"))
    if counted.apart:
        found.append(Measure(label="Runs", measured=f"every {say_duration(counted.apart)}"))
    return tuple(found)


def facts(look: Look, signal: str) -> dict[str, Fact]:
    """Every key of FACTS; None for what does not apply or is not known. Times are ISO, UTC."""
    return dict.fromkeys(FACTS) | {
        "signal": signal,
        "flow": look.name,
        "flow_id": look.flow.flow_id,
        "failed": len(look.counted.failed),
        "of": len(look.counted.runs),
        "usual_failed": usual_failed(look.flow) or None,
        **_when(look.counted),
        **(_why(look.trouble) if look.counted.failed else {}),
    }


def _when(counted: Tally) -> dict[str, Fact]:
    first, good = counted.first_failed_at, counted.last_good
    return {
        "first_failed_at": _iso(first),
        "last_failed_at": _iso(counted.last_failed_at),
        "last_good_at": _iso(ended_at(good)) if good else None,
        "last_good_run_id": good.id if good else None,
        "run_id": counted.failed[0].id if counted.failed else None,
        "payload_deadline": _iso(first + PAYLOADS_KEPT) if first else None,
        "logs_deadline": _iso(first + LOGS_KEPT) if first else None,
    }


def _why(trouble: Trouble) -> dict[str, Fact]:
    first, instance = trouble.first, trouble.instance
    return {
        "first_error": first.line if first else None,
        "step": (first.step or None) if first else None,
        "instance": name_of(instance) if instance else None,
        "system": (plain(instance.system) or None) if instance else None,
        "system_kind": (instance.kind or None) if instance else None,
        "cause": trouble.cause.value,
        "records": trouble.records,
        "retry": RETRY.get(trouble.cause),
    }


def _ago(at: datetime | None, now: datetime) -> str:
    """ "23 min ago"; "" for right now and for what is not known."""
    age = now - at if at else timedelta(0)
    return f"{say_duration(age)} ago" if age >= timedelta(seconds=1) else ""


def _iso(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
