"""Says a rehearsed peak, and how full it makes a limit. Names in it are foreign, not escaped."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bot.foresight.rehearsal import Rehearsal, Rehearsed
from checks.allowances.outlook import say_number_of, say_odds
from checks.allowances.words import say_amount, say_size
from checks.words import plain, say_count, say_number
from forecasting.advice import HOLDS

NAMED = 2  # promotions; of more their number is told
HOLDING = f"chance under {say_number_of(HOLDS)}"
"""What "holds" means wherever a rehearsal says it."""


def say_days(told: Rehearsal, zone: ZoneInfo) -> str:
    """ "on Friday 27 November", "from Fri 27 to Mon 30 November", "over the next 3 days"."""
    wanted = told.wanted
    if wanted.first is None or wanted.last is None:
        return "over the next 3 days"
    first, last = (f"{day:%A} {day.day} {day:%B}" for day in (wanted.first, wanted.last))
    days = f"on {first}" if first == last else f"from {first} to {last}"
    today = told.since.astimezone(zone)
    rest = f" (from {today:%H:%M})" if today.hour and today.date() == wanted.first else ""
    return f"{days}{rest}"


def say_peak(told: Rehearsal, zone: ZoneInfo) -> str:
    """ "3 times the usual volume of Stock sync on Friday 27 November"; names are not escaped.

    A promotion of these days is named with its multiple: ", Spring sale (2 times) included", or
    " in place of its own 2 times".
    """
    whose = told.flow or (told.systems[0] if told.wanted.system and told.systems else "")
    of = f" of {plain(whose)}" if whose else ""
    called = f" ({plain(told.wanted.occasion)})" if told.wanted.occasion else ""
    usual = f"{told.wanted.times:g} times the usual volume{of}"
    return f"{usual} {say_days(told, zone)}{called}{_replaced(told)}{_included(told)}"


def _replaced(told: Rehearsal) -> str:
    own = " and ".join(f"{each.times:g}" for each in told.replaced)
    return f" in place of its own {own} times" if own else ""


def _included(told: Rehearsal) -> str:
    """ ", Spring sale (2 times) included"; "" without a promotion."""
    named = [f"{plain(each.name, 40)} ({each.times:g} times)" for each in told.included]
    if len(named) > NAMED:
        named[NAMED:] = [say_count(len(named) - NAMED, "more promotion")]
    return f", {' and '.join(named)} included" if named else ""


def say_fullest(each: Rehearsed) -> str:
    """ "At its fullest 118 of 100 calls a minute: 18 too many"."""
    highest, size = each.highest, each.allowance.size
    if highest is None or not size:
        return "How full it gets is not known"
    over = f": {say_amount(round(highest - size))} too many" if round(highest) > size else ""
    return f"At its fullest {say_amount(round(highest))} of {say_size(each.allowance)}{over}"


def say_chances(each: Rehearsed) -> str:
    """ "chance 83 % (without the peak 4 %)", "holds, chance 12 %"; with few judged forecasts of its
    series a word in place of the number."""
    odds = f"chance {say_odds(each.chance or 0.0, each.judged)}"
    if not each.breaks:
        return f"holds, {odds}"
    return f"{odds} (without the peak {say_odds(each.usual, each.judged)})" if each.usual else odds


def say_hold(each: Rehearsed) -> str:
    """ "Holds up to about 2.1 times the usual"; "" where that is not known, or no time."""
    if each.holds_until is None:
        return ""
    return f"Holds ({HOLDING}) up to about {say_number(each.holds_until)} times the usual"


def say_share(each: Rehearsed) -> str:
    """ "80 %" of its limit at its fullest."""
    return f"{(each.share or 0.0) * 100:,.0f} %"
