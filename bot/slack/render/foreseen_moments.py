"""When a limit is reached and a peak is due, in words; what has passed is told as past.

A forecast knows the bin (an hour, mostly) in which something happens, and not when in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.foresight.foreseen import ForeseenAllowance
from bot.slack.render.allowance import NAME
from bot.slack.render.text import foreign, when
from checks.allowances.outlook import range_end
from checks.allowances.words import ranked, say_share
from forecasting.model import Crossing, Forecast

SURE = "8 times in 10"


def reached(each: ForeseenAllowance, now: datetime) -> str:
    """When the limit is most likely reached within the longest horizon, with its range; why it is
    a single hour, where it is one; "" where no moment is told."""
    far = each.far
    latest = range_end(far, each.forecast) if far else None
    if far is None or not (far.middle and far.soonest and latest):
        return ""
    if each.is_reached:
        return "It is reached now"
    if latest <= now:
        return f"It was most likely to be reached {when(far.middle)}, which has passed"
    most = when(far.middle)
    if far.middle <= now:
        most = "now" if now < far.middle + each.forecast.step else "any moment"
    span = f"between {when(far.soonest)} and {when(latest)}"
    span = f"before {when(latest)}" if far.soonest <= now else span
    alone = _alone(each) if far.soonest == far.latest else ""
    return f"If it is reached: most likely {most}, {span} ({SURE}){alone}"


def likeliest(crossing: Crossing, forecast: Forecast, now: datetime) -> str:
    """ ", likeliest ..." to follow a chance; "" where the moment is not told."""
    middle = crossing.middle
    if middle is None:
        return ""
    if middle + forecast.step <= now:
        return f", likeliest {when(middle)}, which has passed"
    return ", likeliest now" if middle <= now else f", likeliest {when(middle)}"


def peak_due(at: datetime, step: timedelta, now: datetime) -> str:
    """ "its peak is due ..."; a peak in the bin that begins `at` (UTC) is over after its `step`."""
    if at + step <= now:
        return f"its peak was due {when(at)}"
    return "its peak is due now" if at <= now else f"its peak is due {when(at)}"


def _alone(each: ForeseenAllowance) -> str:
    """Why it is always the same hour, where that is known: a daily job, as a rule."""
    spending = ranked(each.allowance.peak_spends)
    if not spending:
        return ""
    first, total = spending[0], sum(spend.amount for spend in spending)
    name, share = foreign(first.flow_name, NAME), say_share(first.amount / total)
    return f"; always then, because {name} usually spends most at that time ({share})"
