"""One allowance in words: how much of it is used, whose it is, who spends it, how old that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.inventory import JudgedAllowance
from bot.slack.render.queue import LEVELS
from bot.slack.render.status import OLD
from bot.slack.render.text import ago, count, foreign, when
from checks.declare import Whose
from checks.durations import say_duration
from checks.limits import Allowance, Pace, SizeFrom, Spend

NAME = 60
SENTENCE = 400
SPENDERS = 5
NO_LIMIT = "no published limit"
PERIODS = {
    timedelta(seconds=1): "a second",
    timedelta(minutes=1): "a minute",
    timedelta(hours=1): "an hour",
    timedelta(days=1): "a day",
}
SIZES = {
    SizeFrom.READ: "read from the system",
    SizeFrom.PLATFORM: "set in Patchworks",
    SizeFrom.DECLARED: "declared in the settings",
    SizeFrom.PUBLISHED: "published by the vendor; this account's plan may differ",
    SizeFrom.NOBODY: f"{NO_LIMIT}; refusals are watched",
}
SHORT = {Whose.SHARED: "the account's", Whose.OWN: "own bucket", Whose.NOBODYS: ""}


def share_of(allowance: Allowance) -> float | None:
    """How much of it the present window has used, 1.0 being all; None where not known."""
    if allowance.used is None or not allowance.size:
        return None
    return allowance.used / allowance.size


def one_line(judged: JudgedAllowance, at: datetime) -> str:
    """For the list; `at` is when the round was."""
    allowance = judged.allowance
    parts = (
        _used(allowance),
        _up_to(allowance),
        f"usually {_amount(allowance.usual.middle)}" if allowance.usual else "",
        SHORT[allowance.whose],
        "use worked out from Patchworks" if allowance.derived else "",
        _anew(allowance),
        _age(allowance, at),
    )
    return f"{LEVELS[judged.level]} {_name(allowance)}: {' · '.join(filter(None, parts))}"


def in_full(judged: JudgedAllowance) -> Iterator[str]:
    """All that is known, in short lines; what its check said comes second."""
    allowance = judged.allowance
    yield f"{LEVELS[judged.level]} {_name(allowance)}: {_used(allowance)}"
    yield from filter(
        None,
        (
            foreign(judged.sentence, SENTENCE),
            _capital(foreign(allowance.note, SENTENCE)),
            _usual(allowance),
            _capital(_up_to(allowance)),
            f"Size: {SIZES[allowance.size_from]}",
            f"Whose: {_whose(allowance)}",
            _spenders(allowance.spends),
            _pace(allowance.pace) if allowance.pace else "",
            _capital(_anew(allowance)),
            f"Read {when(allowance.at)} ({ago(allowance.at)})",
            f"⚪ Nothing newer: {foreign(allowance.blind, 200)}" if allowance.blind else "",
        ),
    )


def _name(allowance: Allowance) -> str:
    return f"*{foreign(allowance.system, NAME)}* {foreign(allowance.name, NAME)}"


def _used(allowance: Allowance) -> str:
    """ "38 of 40 calls a minute (95 %)"; what is not told is said to be unknown, never zero."""
    unit = f"{foreign(allowance.unit, 40)} {say_per(allowance)}".strip()
    used = "use not known" if allowance.used is None else _amount(allowance.used)
    if allowance.size is None:
        of = NO_LIMIT if allowance.size_from is SizeFrom.NOBODY else "size not known"
        return of if allowance.used is None else f"{used} {unit}, {of}"
    if allowance.used is None:
        return f"{used}, {_amount(allowance.size)} {unit} allowed"
    share = share_of(allowance)
    full = f" ({share * 100:,.0f} %)" if share is not None else ""
    return f"{used} of {_amount(allowance.size)} {unit}{full}"


def say_per(allowance: Allowance) -> str:
    if allowance.per is None:
        return "" if allowance.unit.endswith("at a time") else "at a time"
    return PERIODS.get(allowance.per) or f"in {say_duration(allowance.per)}"


def _usual(allowance: Allowance) -> str:
    usual = allowance.usual
    if usual is None:
        return ""
    basis = f" ({foreign(usual.basis, 60)})" if usual.basis else ""
    return f"Usually {_amount(usual.middle)}, up to {_amount(usual.high)}{basis}"


def _up_to(allowance: Allowance) -> str:
    """The fullest window of the last hour, when it says more than the present one."""
    if allowance.worst is None or allowance.worst < (share_of(allowance) or 0.0) + 0.05:
        return ""
    return f"up to {allowance.worst * 100:,.0f} % in the last hour"


def _whose(allowance: Allowance) -> str:
    """In a sentence that says what the number leaves out."""
    match allowance.whose, allowance.derived:
        case Whose.OWN, True:
            return (
                "own bucket of our credential, so the platform's use is worked out from "
                "Patchworks; what others spend is not in it"
            )
        case Whose.OWN, False:
            return (
                "own bucket of our credential; the platform spends another one, which this does "
                "not show"
            )
        case _, True:
            return "worked out from Patchworks; what others spend is not in it"
        case Whose.SHARED, False:
            return "the account's; everybody's use is in it"
        case _:
            return "nothing about its use is told"


def _spenders(spends: Sequence[Spend]) -> str:
    if not spends:
        return ""
    first = sorted(spends, key=lambda spend: -spend.amount)
    named = [
        f"{foreign(spend.flow_name or spend.flow_id, 50)} {_amount(spend.amount)}"
        for spend in first[:SPENDERS]
    ]
    more = [f"and {len(first) - SPENDERS} more"] if len(first) > SPENDERS else []
    return f"Spent in the last hour: {', '.join([*named, *more])}"


def _pace(pace: Pace) -> str:
    usual = _seconds(pace.usual.p50.total_seconds())
    runs = count(pace.runs, "run")
    return f"Pace: {_seconds(pace.lately)} an operation over {runs} (usually {usual})"


def _anew(allowance: Allowance) -> str:
    ahead = allowance.resets_at is not None and allowance.resets_at > allowance.at
    return f"anew {when(allowance.resets_at)}" if ahead and allowance.resets_at else ""


def _age(allowance: Allowance, at: datetime) -> str:
    """Of a reading that the newest round could not renew."""
    if allowance.blind:
        return f"out of sight, read {ago(allowance.at)}"
    return f"read {ago(allowance.at)}" if at - allowance.at > OLD else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _amount(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def _seconds(value: float) -> str:
    return f"{value:.2f} s" if value < 1 else f"{value:,.1f} s"
