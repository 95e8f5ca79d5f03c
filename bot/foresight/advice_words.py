"""Says what would keep a limit from being reached, in one sentence a change."""

from __future__ import annotations

from datetime import timedelta

from checks.allowances.outlook import say_odds
from checks.allowances.words import say_amount, say_units
from checks.limits import Allowance, SizeFrom
from checks.words import flow_name
from forecasting.advice import Advice, Move, Way

FULLEST = {
    timedelta(seconds=1): "the busiest minute",
    timedelta(minutes=1): "the busiest minute",
    timedelta(hours=1): "the fullest hour",
    timedelta(days=1): "the fullest day",
}


def say_advice(advice: Advice, allowance: Allowance) -> str:
    """ "Move `Stock sync` (cron `0 * * * *` to `20 * * * *`): the busiest minute falls from 118 to
    74 of 100 calls; chance 81 % -> 12 %." Names are foreign and not escaped."""
    return f"{_what(advice, allowance)}: {_effect(advice, allowance)}."


def _what(advice: Advice, allowance: Allowance) -> str:
    match advice.way:
        case Way.BATCH:
            (move,) = advice.moves
            return (
                f"If the steps of {_name(move)} can send {advice.records} records a call in place "
                f"of one (its runs make about {say_amount(round(advice.per_run))} calls each)"
            )
        case Way.RAISE:
            needed = say_amount((advice.needed or 0.0) * _scale(advice, allowance))
            size = say_amount(allowance.size or advice.amount)
            wanted = f"{_raise(allowance)} {needed} {say_units(allowance)}"
            return f"{wanted} (now {size})"
        case _:
            return f"Move {' and '.join(map(_moved, advice.moves))}"


def _raise(allowance: Allowance) -> str:
    """Whose limit it is says who can raise it."""
    if allowance.id.startswith("instance/") and allowance.size_from is SizeFrom.PLATFORM:
        return "Where the vendor allows it, a rate limit in Patchworks of"
    if allowance.size_from is SizeFrom.PLATFORM:
        return "A limit in Patchworks of"
    return "A plan with"


def _effect(advice: Advice, allowance: Allowance) -> str:
    before, after = (say_odds(each, advice.judged) for each in (advice.before, advice.after))
    chance = f"chance {before} → {after}"
    if advice.way is Way.RAISE:
        return chance
    scale = _scale(advice, allowance)
    full, less = (
        say_amount(round(each * scale)) for each in (advice.highest_before, advice.highest_after)
    )
    fullest = FULLEST.get(allowance.per or timedelta(0), "the fullest moment")
    size = f"{say_amount(allowance.size or advice.amount)} {allowance.unit}"
    return f"{fullest} falls from {full} to {less} of {size}; {chance}"


def _scale(advice: Advice, allowance: Allowance) -> float:
    """From the unit of the forecast to that of the allowance."""
    return (allowance.size or advice.amount) / advice.amount if advice.amount else 1.0


def _moved(move: Move) -> str:
    return f"{_name(move)} (cron `{move.cron}` to `{move.instead}`)"


def _name(move: Move) -> str:
    name = flow_name(move.flow_id, move.flow_name).replace("`", "'")
    return f"`{name}`"
