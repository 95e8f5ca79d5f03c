"""What a forecast says of an allowance, in words and numbers, and how its warnings turned out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from checks.allowances.words import say_amount, say_units
from checks.durations import say_duration
from checks.limits import Allowance, TrackRecord
from checks.model import Fact, Measure
from checks.words import plain, say_number
from forecasting.model import DAY, HORIZONS, Crossing, Forecast

FACTS = (
    "chance_72",
    "chance_24",
    "expected_at",
    "soonest",
    "latest",
    "headroom",
    "peak",
    "usual_peak",
    "growth",
    "occasions",
    "model",
    "skill",
    "record",
    "forecast_made_at",
)
JUDGED = 8
"""Of a series with fewer judged forecasts the chance is told in words: whether its figures can be
believed is not known yet."""
WORDS = (
    (0.85, "very likely"),
    (0.5, "likely"),
    (0.4, "about as likely as not"),
    (0.3, "possible"),
    (0.1, "unlikely"),
)
OCCASIONS_NAMED = 2
OCCASION_FITS = 40
HOUR = timedelta(hours=1)


def likeliest(forecast: Forecast) -> float:
    """The chance that the limit is reached within any horizon; 0.0 where nothing is foreseen."""
    return max((each.chance for each in forecast.crossings), default=0.0)


def opening(forecast: Forecast, likely: float) -> Crossing | None:
    """What a warning goes by: the farthest horizon within which it is likely; None where none."""
    far = (each for each in reversed(forecast.crossings) if each.chance >= likely)
    return next(far, None)


def telling(forecast: Forecast, likely: float) -> Crossing | None:
    """What tells the moment: the nearest horizon within which it is likely, else the farthest."""
    near = (each for each in forecast.crossings if each.chance >= likely)
    return next(near, forecast.crossings[-1] if forecast.crossings else None)


def range_end(crossing: Crossing, forecast: Forecast) -> datetime | None:
    """Before which moment nine in ten such firsts lie: the end of the latest bin, since a forecast
    knows in which of them (an hour, mostly) a limit is reached, and not when in it."""
    return crossing.latest + forecast.step if crossing.latest is not None else None


def say_word(chance: float) -> str:
    """ "likely"."""
    return next((word for least, word in WORDS if chance >= least), "very unlikely")


def say_number_of(chance: float) -> str:
    """ "83 %"; what is not certain is never said to be."""
    if chance < 0.01:
        return "under 1 %"
    return "over 99 %" if chance > 0.99 else f"{round(chance * 100)} %"


def say_odds(chance: float, judged: int) -> str:
    """ "83 %", or "likely" while so few forecasts of the series have been judged. Every chance that
    people read is said by this."""
    return say_number_of(chance) if judged >= JUDGED else say_word(chance)


def say_chance(chance: float, forecast: Forecast) -> str:
    """The same of a forecast."""
    return say_odds(chance, forecast.skill.forecasts)


def say_likely(crossing: Crossing, forecast: Forecast) -> str:
    """ "likely (83 % within 72 h)", or "likely" alone."""
    word, said = say_word(crossing.chance), say_chance(crossing.chance, forecast)
    return word if said == word else f"{word} ({said} within {crossing.horizon / HOUR:.0f} h)"


def say_occasions(forecast: Forecast) -> str:
    """ "Black Friday, Cyber Monday", as the operator calls them; "" for none."""
    return _say_named(forecast.reasons.occasions)


def say_days(forecast: Forecast) -> Iterator[str]:
    """ "today: Spring sale", "ahead: Black Friday"; nothing where there is none."""
    today, ahead = forecast.reasons.under_way, forecast.reasons.occasions
    if now := _say_named(today):
        yield f"today: {now}"
    if later := _say_named([name for name in ahead if name not in today]):
        yield f"ahead: {later}"


def say_under_way(limit: Allowance, fresh: timedelta, now: datetime) -> str:
    """ " Today: Spring sale.", to follow a sentence; "" where no forecast as `fresh` knows of
    one."""
    forecast = limit.forecast
    if forecast is None or now - forecast.made_at > fresh:
        return ""
    named = _say_named(forecast.reasons.under_way)
    return f" Today: {named}." if named else ""


def _say_named(names: Sequence[str]) -> str:
    said = (plain(name, OCCASION_FITS) for name in names[:OCCASIONS_NAMED])
    return ", ".join(filter(None, said))


def say_record(record: TrackRecord, now: datetime) -> str:
    """ "last 30 days: 9 of 11 right, median lead 2 h 10 min, 1 averted, 2 missed"."""
    judged = record.right + record.false
    parts = [f"{record.right} of {judged} right" if judged else "no warning judged yet"]
    if record.median_lead is not None:
        parts.append(f"median lead {say_duration(record.median_lead)}")
    parts += [f"{record.averted} averted"] if record.averted else []
    parts += [f"{record.missed} missed"] if record.missed else []
    days = max(1, round((now - record.since) / DAY))
    return f"last {days} days: {', '.join(parts)}"


def forecast_measures(limit: Allowance, now: datetime) -> tuple[Measure, ...]:
    """The expected peak beside the usual one, and the record of earlier warnings."""
    reasons = limit.forecast.reasons if limit.forecast else None
    found = []
    if reasons is not None and reasons.peak is not None:
        usual = reasons.usual_peak
        found.append(
            Measure(
                label="Peak expected",
                measured=f"{say_amount(reasons.peak)} {say_units(limit)}",
                usual=f"{say_amount(usual)} on that weekday" if usual is not None else None,
            )
        )
    if limit.record is not None:
        found.append(Measure(label="Track record", measured=say_record(limit.record, now)))
    return tuple(found)


def forecast_facts(limit: Allowance, likely: float, now: datetime) -> Mapping[str, Fact]:
    """Every key of FACTS: amounts as people read them, times as ISO 8601 in UTC, None for what is
    not foreseen."""
    forecast = limit.forecast
    record = {"record": say_record(limit.record, now) if limit.record else None}
    if forecast is None:
        return dict.fromkeys(FACTS) | record
    crossing, reasons = telling(forecast, likely), forecast.reasons
    return dict.fromkeys(FACTS) | {
        "chance_72": _chance_within(forecast, HORIZONS[-1]),
        "chance_24": _chance_within(forecast, DAY),
        **_moments(crossing, forecast, now),
        "headroom": _signed(crossing.headroom) if crossing else None,
        "peak": say_amount(reasons.peak) if reasons.peak is not None else None,
        "usual_peak": say_amount(reasons.usual_peak) if reasons.usual_peak is not None else None,
        "growth": _say_growth(reasons.growth),
        "occasions": say_occasions(forecast) or None,
        "model": forecast.model,
        "skill": _say_skill(forecast),
        "forecast_made_at": forecast.made_at.isoformat(timespec="seconds"),
        **record,
    }


def expected(moment: datetime | None, now: datetime) -> datetime | None:
    """A foreseen moment, which does not lie before `now` however old the forecast is."""
    return max(now, moment) if moment is not None else None


def _chance_within(forecast: Forecast, horizon: timedelta) -> str | None:
    crossing = forecast.within(horizon)
    return say_chance(crossing.chance, forecast) if crossing else None


def _moments(crossing: Crossing | None, forecast: Forecast, now: datetime) -> dict[str, Fact]:
    if crossing is None:
        return {}
    told = {
        "expected_at": crossing.middle,
        "soonest": crossing.soonest,
        "latest": range_end(crossing, forecast),
    }
    later = {name: expected(moment, now) for name, moment in told.items()}
    return {name: at.isoformat(timespec="seconds") if at else None for name, at in later.items()}


def _signed(amount: float) -> str:
    return f"-{say_amount(-amount)}" if amount < 0 else say_amount(amount)


def _say_growth(growth: float | None) -> str | None:
    """ "+12 % a week"."""
    return None if growth is None else f"{growth * 100:+.0f} % a week"


def _say_skill(forecast: Forecast) -> str | None:
    """ "0.29 from 40 forecasts": 1 is perfect, 0 no better than the frequency of the past."""
    skill = forecast.skill
    if skill.brier is None:
        return None
    return f"{skill.brier:.2f} from {say_number(skill.forecasts)} forecasts"
