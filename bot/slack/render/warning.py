"""What an incident says of a limit that is foreseen to be reached: how likely, when, what next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from bot.incidents.model import Alert
from bot.slack.render.text import ago, foreign, when
from checks.durations import say_duration
from checks.model import FORESEEN, Fact

SHORT = 60


def is_warning(alert: Alert | None) -> bool:
    return alert is not None and alert.signal == FORESEEN


def warning_facts(alert: Alert, now: datetime) -> Iterator[tuple[str, str]]:
    """Label and value, the moment first; what a forecast does not tell is left out."""
    if not is_warning(alert):
        return
    facts = alert.facts
    yield "Limit reached", _moment(facts, now)
    yield "How likely", _chances(facts)
    yield "Why", _why(facts)


def next_step(alert: Alert | None) -> str:
    """What to try before it happens."""
    if alert is None or not is_warning(alert):
        return ""
    name = foreign(str(alert.facts.get("system") or ""), SHORT).replace("`", "'")
    made = _at(alert.facts, "forecast_made_at")
    age = f" Forecast made {ago(made)}." if made else ""
    return (
        f"Try what would help: `/seam whatif {name} volume x0.5`. "
        f"The forecast in full: `/seam forecast {name}`.{age}"
    )


def _moment(facts: Mapping[str, Fact], now: datetime) -> str:
    """ "in 5 h 20 min, ... (between ... and ...)", in the reader's own zone; past ones as past."""
    middle, soonest, latest = (_at(facts, name) for name in ("expected_at", "soonest", "latest"))
    if middle is None:
        return ""
    if middle <= now:
        return _any_moment(latest, now)
    left = f"in {say_duration(middle - now)}, {when(middle)}"
    if not (soonest and latest) or soonest == latest:
        return left
    span = f"between {when(soonest)} and" if soonest > now else "before"
    return f"{left} ({span} {when(latest)})"


def _any_moment(latest: datetime | None, now: datetime) -> str:
    """The likeliest moment is over, and it was not reached so far as we know."""
    if latest is None or latest > now:
        return f"any moment now{f', before {when(latest)}' if latest else ''}"
    return f"it was expected before {when(latest)}"


def _chances(facts: Mapping[str, Fact]) -> str:
    told = ((facts.get("chance_72"), "72 h"), (facts.get("chance_24"), "24 h"))
    said = (f"{foreign(str(chance), SHORT)} within {span}" for chance, span in told if chance)
    return ", ".join(said)


def _why(facts: Mapping[str, Fact]) -> str:
    """Growth, which a decline is not, and the days that are named; who spends it is a measure of
    its own."""
    growth = str(facts.get("growth") or "")
    grows = growth.startswith("+") and not growth.startswith("+0 ")
    told = (growth if grows else None, facts.get("occasions"))
    return ", ".join(foreign(str(each), 2 * SHORT) for each in told if each)


def _at(facts: Mapping[str, Fact], name: str) -> datetime | None:
    """A moment among the facts, where ISO 8601 stands; None for anything else."""
    told = facts.get(name)
    try:
        at = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None
