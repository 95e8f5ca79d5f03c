"""What the owner decides about allowances; thresholds are proposals, not any vendor's rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.policy import CheckPolicy, NofM, parse_n_of_m


class Policy(CheckPolicy):
    """Thresholds of `[checks.rate_limit]`; the defaults are proposals to be tuned."""

    opens_after: Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)] = Field(
        default=NofM(needed=2, of=3),
        description="troubled rounds of the last rounds before an incident opens",
    )
    stay_clear: Duration = Field(
        default=timedelta(minutes=10),
        description="how long an allowance must be well before its incident closes",
    )
    high: float = Field(
        default=0.85,
        gt=0,
        le=1,
        description="warn when this share of an allowance is used",
    )
    full: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="from this share on the warning says when it will be used up at the last "
        "hour's pace, if that is before the allowance starts anew",
    )
    within: Duration = Field(
        default=timedelta(minutes=15),
        description="how long a refused run counts",
    )
    warned: int = Field(
        default=3,
        ge=1,
        description="warn when so many runs were refused within that time and ended well all the "
        "same",
    )
    slower: float = Field(
        default=2.0,
        ge=1,
        description="held back: warn when an operation takes so many times what 19 in 20 usually "
        "stay under",
    )
    bursts: Duration = Field(
        default=timedelta(minutes=1),
        description="an allowance that refills within this time is never called used up by one "
        "look at it",
    )
