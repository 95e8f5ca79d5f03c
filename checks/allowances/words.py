"""How amounts of an allowance are said: "38 of 40 calls a minute (95 %)"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from checks.allowances.look import BUCKETS, is_platforms, kind_of, share_now
from checks.declare import Shape, Whose
from checks.durations import say_duration
from checks.limits import Allowance, Spend
from checks.words import flow_name, plain, say_number

FLOWS_NAMED = 3
PER = {
    timedelta(seconds=1): "a second",
    timedelta(minutes=1): "a minute",
    timedelta(hours=1): "an hour",
    timedelta(days=1): "a day",
}
UNIT_FITS = 30
MOST = 100.0  # times its size; a share beyond is no share


def system_name(limit: Allowance) -> str:
    return plain(limit.system) or "a system without a name"


def say_amount(value: float) -> str:
    """400000 -> "400,000"; small ones keep a decimal that says something."""
    return f"{value:,.0f}" if value >= 100 else say_number(value)


def say_share(share: float) -> str:
    """0.999 -> "99 %": what is not yet full is never said to be."""
    return f"{math.floor(min(share, MOST) * 100 + 1e-9):,} %"


def say_per(limit: Allowance) -> str:
    """ "a minute", "in 20 s", "at the same time"; "" where the unit or the bucket says enough."""
    if limit.shape in BUCKETS and not limit.derived:
        return ""  # the size of a bucket; `per` is then how fast it refills
    if limit.per is None:
        together = limit.shape is Shape.CONCURRENCY and " at a" not in limit.unit
        return "at the same time" if together else ""
    if timedelta(days=28) <= limit.per <= timedelta(days=31):
        return "a month"
    return PER.get(limit.per) or f"in {say_duration(limit.per)}"


def say_units(limit: Allowance) -> str:
    """ "calls a minute"."""
    return f"{plain(limit.unit, UNIT_FITS)} {say_per(limit)}".strip()


def say_size(limit: Allowance) -> str:
    """ "40 calls a minute"; "no published limit"."""
    return f"{say_amount(limit.size)} {say_units(limit)}" if limit.size else "no published limit"


def say_used(limit: Allowance) -> str | None:
    """ "38 of 40 calls a minute (95 %)", "31 calls a minute"; None where it is not known."""
    if limit.used is None:
        return None
    share = share_now(limit)
    if share is None:
        return f"{say_amount(limit.used)} {say_units(limit)}"
    return f"{say_amount(limit.used)} of {say_size(limit)} ({say_share(share)})"


def say_usually(limit: Allowance) -> str:
    """ ", usually 12", to follow what is used; says so where it is not known yet."""
    if limit.usual is None:
        return ", what is usual is not known yet"
    return f", usually {say_amount(limit.usual.middle)}"


def say_usual(limit: Allowance) -> str | None:
    """ "12, up to 20 on Mondays at this hour"; None when not known yet."""
    usual = limit.usual
    if usual is None:
        return None
    return f"{say_amount(usual.middle)}, up to {say_amount(usual.high)} on {usual.basis}"


def ranked(spends: Sequence[Spend]) -> Sequence[Spend]:
    """Those that spend anything, the heaviest first."""
    spending = (spend for spend in spends if spend.amount > 0)
    return sorted(spending, key=lambda spend: (-spend.amount, spend.flow_name, spend.flow_id))


def say_spenders(spends: Sequence[Spend]) -> str | None:
    """ "Dispatch to ShipStation (31), Stock (4)"; None when no flow is known to spend."""
    named = ranked(spends)[:FLOWS_NAMED]
    said = (f"{plain(_name(spend), 40)} ({say_amount(spend.amount)})" for spend in named)
    return ", ".join(said) or None


def say_heaviest(limit: Allowance) -> str:
    """A clause about the flow that spends most; "" when none is known to."""
    spending = ranked(limit.spends)
    if not spending:
        return ""
    first = spending[0]
    amount = f"{say_amount(first.amount)} in the last hour"
    if len(spending) == 1:
        return f"; of the flows only {_name(first)} spends it ({amount})"
    return f"; of the flows {_name(first)} spends most ({amount})"


def _name(spend: Spend) -> str:
    return flow_name(spend.flow_id, spend.flow_name)


PLATFORMS_OWN = {
    "instance": "the instance's own limit in Patchworks, which holds calls back",
    "pool": "the pool's in Patchworks, which several instances may share",
    "platform": "the company's with Patchworks, which everything in it shares",
}


def say_whose(limit: Allowance) -> str:
    """Whose quota this is, and whose use the figure holds."""
    if not is_platforms(limit):
        return "our own credential's, not the platform's, whose use is not known"
    if limit.size and kind_of(limit) in PLATFORMS_OWN:
        ours = "; only our own calls are counted" if limit.whose is Whose.OWN else ""
        return PLATFORMS_OWN[kind_of(limit)] + ours
    use = f"{say_amount(limit.used)} {say_units(limit)}" if limit.used is not None else ""
    derived = use and f"; the platform's use is derived from Patchworks ({use})"
    if limit.whose is Whose.OWN:
        return f"each credential has its own; we can read only ours{derived}"
    shared = limit.whose is Whose.SHARED
    whose = "the account's, which others share" if shared else "not told"
    return f"{whose}{derived}, without what others spend" if limit.derived and use else whose
