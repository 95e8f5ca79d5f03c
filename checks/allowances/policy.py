"""What the owner decides about allowances; thresholds are proposals, not any vendor's rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

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
    likely: float = Field(
        default=0.4,
        gt=0,
        lt=1,
        description="warn when a forecast gives the limit this chance or more of being reached",
    )
    unlikely: float = Field(
        default=0.3,
        gt=0,
        lt=1,
        description="such a warning ends when the chance falls below this; at most as high as "
        "likely",
    )
    floor: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="no forecast warns of an allowance that has not been used to this share of "
        "late",
    )
    forecast_fresh: Duration = Field(
        default=timedelta(hours=3),
        description="how old a forecast may be and still warn",
    )

    @model_validator(mode="after")
    def _ends_below_its_start(self) -> Self:
        if self.unlikely > self.likely:
            raise ValueError("expected unlikely to be at most as high as likely")
        return self
