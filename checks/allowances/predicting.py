"""Signal "foreseen": a forecast makes it so likely that an allowance is used up that we warn.

It opens on the probability within 72 hours and not on a point, with the first forecast that says
so: asking for a second one trades as a higher threshold does, and costs lead. The nearer horizon
sharpens the moment. Between the two thresholds nothing opens, and nothing that a forecast opened
closes.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from checks.allowances.filling import current_share
from checks.allowances.findings import Finding
from checks.allowances.look import Look, is_platforms, share_now
from checks.allowances.outlook import (
    HOUR,
    expected,
    likeliest,
    range_end,
    say_chance,
    say_days,
    say_likely,
    telling,
)
from checks.allowances.policy import Policy
from checks.allowances.words import ranked, say_amount, say_share, say_size, system_name
from checks.durations import say_duration
from checks.limits import Allowance
from checks.model import FORESEEN, Foreseen, Level
from checks.words import flow_name, plain
from forecasting.model import Crossing, Forecast

WITHOUT_SKILL = "foreseen_without_skill"
WHY_FITS = 300
GROWS = 0.05  # a week; less is no reason
HIGH_PEAK = 0.85  # of the limit: that the weekday always peaks so is then a reason
VAGUE = timedelta(minutes=45)  # forecasts know hours, not minutes


def predicted(look: Look, policy: Policy, now: datetime) -> tuple[Finding, ...]:
    """At most one finding; none where nothing is foreseen, or nothing may be said of it.

    A forecast that has shown no skill on the past of its own series raises no trouble: it is told
    at the level OK, for whoever asks.
    """
    limit, forecast = look.allowance, look.allowance.forecast
    if forecast is None:
        return ()
    chance, brier = likeliest(forecast), forecast.skill.brier
    skilled = brier is None or brier > 0
    if why_silent(limit, policy, now):
        keeps = skilled and _is_outdated(limit, forecast, policy, now)
        return (_outdated(limit, forecast, now),) if keeps else ()
    if chance >= policy.likely:
        return (
            _foreseen(limit, forecast, policy, now) if skilled else _unskilled(limit, forecast),
        )
    return (_undecided(limit, forecast),) if skilled and chance >= policy.unlikely else ()


def why_silent(limit: Allowance, policy: Policy, now: datetime) -> str:
    """Why no forecast may warn of it, as a sentence; "" when one may.

    What is passed already is observed, and what stays far below its limit whatever is foreseen
    needs no warning.
    """
    forecast = limit.forecast
    if not limit.size:
        return "Its limit is not known, so nothing can be foreseen."
    if forecast is None:
        return "No forecast has been made of it yet."
    if forecast.withheld or not forecast.crossings:
        why = plain(forecast.withheld, WHY_FITS).rstrip(". ") or "the reason is not told"
        return f"No forecast is given: {why}."
    if now - forecast.made_at > policy.forecast_fresh:
        age = say_duration(now - forecast.made_at)
        return f"The newest forecast is {age} old, so it does not warn."
    if limit.record and limit.record.reached_at and forecast.made_at <= limit.record.reached_at:
        return "It was reached after the newest forecast, so the next one says how it goes on."
    if likeliest(forecast) >= 1 or (current_share(limit, policy, now) or 0.0) >= 1:
        return "It is used up already, so there is nothing to foresee."
    return _below_floor(limit, forecast, policy)


def _below_floor(limit: Allowance, forecast: Forecast, policy: Policy) -> str:
    most = _most_of_late(limit, forecast)
    if most >= policy.floor:
        return ""
    return f"At most {say_share(most)} of it has been used of late, so no forecast warns."


def _most_of_late(limit: Allowance, forecast: Forecast) -> float:
    """The highest use of late that is known, as a share of the limit; 0.0 when none is."""
    seen = (share_now(limit), limit.worst) if is_platforms(limit) else ()
    peak = forecast.reasons.usual_peak
    usual = peak / forecast.amount if peak is not None and forecast.amount > 0 else None
    return max((share for share in (*seen, usual) if share is not None), default=0.0)


def _foreseen(limit: Allowance, forecast: Forecast, policy: Policy, now: datetime) -> Finding:
    crossing = telling(forecast, policy.likely) or forecast.crossings[-1]
    chance = say_likely(crossing, forecast)
    soon = _say_when(crossing, now)
    because = "".join(f"; {each}" for each in _reasons(limit, forecast))
    return Finding(
        signal=FORESEEN,
        level=Level.EARLY,
        sentence=f"{system_name(limit)} is {chance} to reach its limit of {say_size(limit)}"
        f"{soon}{_say_range(crossing, forecast, now)}{because}.",
        expected_at=expected(crossing.middle, now),
        also=f"It is {chance} to be reached{soon}.",
        foreseen=Foreseen.LIKELY,
    )


def _unskilled(limit: Allowance, forecast: Forecast) -> Finding:
    return Finding(
        signal=WITHOUT_SKILL,
        level=Level.OK,
        sentence=f"A forecast has {system_name(limit)} reach its limit of {say_size(limit)} within "
        f"{_say_span(forecast)}, but forecasts of it have been no better so far than knowing how "
        "often it happens, so nobody is warned.",
    )


def _is_outdated(limit: Allowance, forecast: Forecast, policy: Policy, now: datetime) -> bool:
    """Whether it is too old to warn, and what it spoke of may still come: after a jump of the clock
    or while no forecast can be made, that nothing is foreseen anew is no sign that it is over."""
    spoke_of = (each.horizon for each in forecast.crossings if each.chance >= policy.unlikely)
    age = now - forecast.made_at
    return bool(limit.size) and policy.forecast_fresh < age <= max(spoke_of, default=timedelta(0))


def _outdated(limit: Allowance, forecast: Forecast, now: datetime) -> Finding:
    """It opens nothing, and closes nothing that a forecast opened."""
    return Finding(
        signal="undecided",
        level=Level.OK,
        sentence=f"Whether {system_name(limit)} reaches its limit of {say_size(limit)} is not "
        f"known just now: the newest forecast is {say_duration(now - forecast.made_at)} old.",
        foreseen=Foreseen.UNDECIDED,
    )


def _undecided(limit: Allowance, forecast: Forecast) -> Finding:
    chance = say_chance(likeliest(forecast), forecast)
    return Finding(
        signal="undecided",
        level=Level.OK,
        sentence=f"That {system_name(limit)} reaches its limit of {say_size(limit)} within "
        f"{_say_span(forecast)} is neither likely nor unlikely (chance: {chance}).",
        foreseen=Foreseen.UNDECIDED,
    )


def _say_span(forecast: Forecast) -> str:
    return f"{forecast.crossings[-1].horizon / HOUR:.0f} h"


def _say_when(crossing: Crossing, now: datetime) -> str:
    """ " in about 5 h", " within the hour"; "" where the moment is not told."""
    at = expected(crossing.middle, now)
    if at is None:
        return ""
    return " within the hour" if at - now < VAGUE else f" in about {_say_hours(at - now)}"


def _say_range(crossing: Crossing, forecast: Forecast, now: datetime) -> str:
    """Between which moments four in five of such firsts lie: " (between 3 h and 12 h from now)"; ""
    where they all lie in one hour."""
    soonest, latest = expected(crossing.soonest, now), expected(crossing.latest, now)
    ends = expected(range_end(crossing, forecast), now)
    if soonest is None or latest is None or ends is None:
        return ""
    if _say_hours(latest - now) == _say_hours(soonest - now):
        return ""
    start = "now" if soonest - now < VAGUE else _say_hours(soonest - now)
    return f" (between {start} and {_say_hours(ends - now)} from now)"


def _say_hours(left: timedelta) -> str:
    """To the hour, since a forecast knows no better; a full day and more in days and hours."""
    hours = max(1, round(left / HOUR))
    return say_duration(hours * HOUR)


def _reasons(limit: Allowance, forecast: Forecast) -> Iterator[str]:
    """Why: who spends it at that time, or at least now; what lies ahead, growth, the usual peak of
    that weekday."""
    then = ranked(limit.peak_spends)
    if spending := then or ranked(limit.spends):
        first, total = spending[0], sum(spend.amount for spend in spending)
        name, share = flow_name(first.flow_id, first.flow_name), say_share(first.amount / total)
        told = f"usually spends most then ({share})"
        yield f"{name} {told if then else f'spends most ({share} in the last hour)'}"
    reasons = forecast.reasons
    yield from say_days(forecast)
    if reasons.growth is not None and reasons.growth >= GROWS:
        yield f"it grows by {round(reasons.growth * 100)} % a week"
    elif reasons.usual_peak is not None and reasons.usual_peak >= HIGH_PEAK * forecast.amount:
        yield f"that weekday usually peaks at {say_amount(reasons.usual_peak)}"
