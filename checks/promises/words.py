"""What is said of a promise: the sentence, the measures beside it, the facts of its runbook."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor

from checks.durations import say_duration
from checks.model import Fact, Measure
from checks.promises.budget import Budget, Judged, Standing
from checks.promises.model import Kept, Promise, Served
from checks.words import flow_name, say_count

FACTS = (
    "signal",
    "flow",
    "flow_id",
    "promise",
    "over",
    "failed",
    "runs",
    "allowed",
    "success",
    "usual_success",
    "late",
    "timed",
    "allowed_late",
    "within",
    "p95",
    "usual_p95",
    "from_queue",
)
P95 = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A flow with its promise, and how its two halves stand."""

    kept: Kept
    success: Judged
    time: Judged

    @property
    def name(self) -> str:
        return flow_name(self.kept.flow_id, self.kept.flow_name)


def say_share(share: float) -> str:
    """0.9999 -> "99.99 %"; never rounded up to more than it is."""
    return f"{floor(share * 10_000 + 1e-6) / 100:g} %"


def say_promise(promise: Promise) -> str:
    """ "99 % succeed and 95 % are done within 10 min, over 1 d"."""
    parts = []
    if promise.success is not None:
        parts.append(f"{say_share(promise.success)} succeed")
    if promise.within is not None:
        parts.append(f"{say_share(promise.share)} are done within {say_duration(promise.within)}")
    return f"{' and '.join(parts)}, over {say_duration(promise.over)}"


def say_trouble(look: Look) -> str:
    """What was promised and what came instead: of the graver half first, then of the other."""
    halves = [(look.success, _say_failed), (look.time, _say_late)]
    troubled = (Standing.NEARLY, Standing.BROKEN)
    told = [say(look) for judged, say in halves if judged.standing in troubled]
    if look.time.standing is Standing.BROKEN and look.success.standing is Standing.NEARLY:
        told.reverse()
    return " ".join(told)


def say_calm(look: Look, standing: Standing) -> str:
    promise = say_promise(look.kept.promise)
    if standing is Standing.OVER:
        return f"{look.name} keeps its promise again ({promise})."
    return f"{look.name} keeps its promise ({promise})."


def say_unjudged(look: Look, standing: Standing, enough: int) -> str:
    """Why it cannot be said how the promise stands."""
    if standing is Standing.SILENT:
        return f"Whether {look.name} keeps its promise again is not known: no run ended of late."
    runs, over = look.kept.served.runs, say_duration(look.kept.promise.over)
    return (
        f"Whether {look.name} keeps its promise is not known: {say_count(runs, 'run')} ended "
        f"within {over}, and it takes {enough}."
    )


def measures(look: Look) -> tuple[Measure, ...]:
    """Measured beside usual, and the promise."""
    kept, before = look.kept, look.kept.before
    found = []
    if kept.promise.success is not None and kept.served.success is not None:
        usual = _share(before)
        measured = say_share(kept.served.success)
        found.append(Measure(label="Succeeded", measured=measured, usual=usual))
    if kept.promise.within is not None and (p95 := _p95(kept.served)):
        found.append(Measure(label="19 in 20 done within", measured=p95, usual=_p95(before)))
    found.append(Measure(label="Promised", measured=say_promise(kept.promise)))
    return tuple(found)


def facts(look: Look, signal: str) -> dict[str, Fact]:
    """Every key of FACTS; None for what does not apply or is not known."""
    kept, promise = look.kept, look.kept.promise
    found: dict[str, Fact] = dict.fromkeys(FACTS) | {
        "signal": signal,
        "flow": look.name,
        "flow_id": kept.flow_id,
        "promise": say_promise(promise),
        "over": say_duration(promise.over),
    }
    if promise.success is not None and kept.served.success is not None:
        found |= {
            "failed": kept.served.bad,
            "runs": kept.served.runs,
            "allowed": say_allowed(look.success.budget),
            "success": say_share(kept.served.success),
            "usual_success": _share(kept.before),
        }
    if promise.within is not None:
        found |= {
            "late": look.time.budget.spent,
            "timed": look.time.budget.of,
            "allowed_late": say_allowed(look.time.budget),
            "within": say_duration(promise.within),
            "p95": _p95(kept.served),
            "usual_p95": _p95(kept.before),
            "from_queue": "yes" if kept.from_queue else None,
        }
    return found


def say_allowed(budget: Budget) -> str:
    """How many whole runs may go wrong."""
    return str(floor(budget.allowed + 1e-9)) if budget.allowed >= 1 else "none"


def _say_failed(look: Look) -> str:
    promise, budget = look.kept.promise, look.success.budget
    rule = f"{say_share(promise.success or 0)} are to succeed"
    said = f"{budget.spent} of {say_count(budget.of, 'run')} of {look.name} failed"
    return _spent(said, look.success, rule, look.kept)


def _say_late(look: Look) -> str:
    promise, budget = look.kept.promise, look.time.budget
    within = say_duration(promise.within) if promise.within else ""
    waits = " with their wait in the queue" if look.kept.from_queue else ""
    rule = f"{say_share(promise.share)} are to be done within {within}"
    said = (
        f"{budget.spent} of {say_count(budget.of, 'run')} of {look.name} took longer than {within}"
        f"{waits}"
    )
    return _spent(said, look.time, rule, look.kept)


def _spent(said: str, judged: Judged, rule: str, kept: Kept) -> str:
    """Broken: more than it allows; nearly: how much of what it allows."""
    over, allowed = say_duration(kept.promise.over), say_allowed(judged.budget)
    if judged.standing is Standing.NEARLY:
        return f"{said} within {over}; its promise allows no more than {allowed} ({rule})."
    return f"{said} within {over}, more than the {allowed} that its promise allows ({rule})."


def _share(served: Served | None) -> str | None:
    return say_share(served.success) if served and served.success is not None else None


def _p95(served: Served | None) -> str | None:
    found = served.quantile(P95) if served else None
    return say_duration(found) if found is not None else None
