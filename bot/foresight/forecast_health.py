"""How old forecasts are and what they were learned from, for the doctor. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.facts import LearningFacts
from bot.finding import Finding, State
from checks.durations import say_duration
from checks.limits import Allowance
from checks.words import plain, say_count
from forecasting.model import Forecast

OLD = timedelta(hours=3)
"""A forecast as old as this warns of nothing any more."""


def say_forecasts(
    allowances: Iterable[Allowance],
    forecasts: Mapping[str, Forecast],
    learning: LearningFacts | None,
    now: datetime,
) -> Iterator[Finding]:
    """How learning stands, and a line for each system of which something is to be foreseen."""
    if learning is not None:
        yield _learning(learning, now)
    systems: dict[str, list[tuple[Allowance, Forecast]]] = {}
    for each in allowances:
        if forecast := forecasts.get(each.id):
            systems.setdefault(each.system, []).append((each, forecast))
    for system, told in sorted(systems.items()):
        yield _system(system, told, now)


def _learning(facts: LearningFacts, now: datetime) -> Finding:
    parts = [f"{facts.learned} of {facts.of} series learned"]
    if facts.refreshed_at is not None:
        age, took = say_duration(now - facts.refreshed_at), facts.took_seconds
        parts.append(f"everything foreseen {age} ago, which took {took:.1f} s")
    if facts.trouble:
        parts.append(f"the plain baseline speaks for what gave no answer: {facts.trouble}")
    state = State.TROUBLE if facts.trouble else State.WELL
    return Finding(about="Forecasts", state=state, sentence=f"{'; '.join(parts)}.")


def _system(system: str, told: Sequence[tuple[Allowance, Forecast]], now: datetime) -> Finding:
    withheld = [(allowance, each) for allowance, each in told if each.withheld]
    spoken = [each for _, each in told if not each.withheld]
    parts = [*_ages(spoken, now)]
    parts += [f"{plain(allowance.name)}: {each.withheld}" for allowance, each in withheld]
    old = any(now - each.made_at >= OLD for each in spoken)
    if old:
        parts.append("too old to warn of anything; is `seamwatch run` running?")
    state = State.TROUBLE if old else State.UNKNOWN if withheld else State.WELL
    return Finding(
        about=f"Forecasts: {plain(system)}",
        state=state,
        sentence=_sentence(parts),
    )


def _sentence(parts: Sequence[str]) -> str:
    said = "; ".join(part.rstrip(".") for part in parts)
    return said if said.endswith("?") else f"{said}."


def _ages(forecasts: Sequence[Forecast], now: datetime) -> Iterator[str]:
    """By the oldest of them."""
    if not forecasts:
        return
    made = say_duration(now - min(each.made_at for each in forecasts))
    yield f"{say_count(len(forecasts), 'limit')} foreseen from what was known {made} ago"
    fitted = [each.fitted_at for each in forecasts if each.fitted_at is not None]
    if fitted:
        yield f"learned from what was known {say_duration(now - min(fitted))} ago"
    plainly = len(forecasts) - len(fitted)
    if plainly:
        yield f"{plainly} by the plain baseline alone" if fitted else "by the plain baseline alone"
