"""What the owner decides about odd flows; thresholds are proposals, not platform rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.policy import CheckPolicy, NofM, parse_n_of_m

Count = Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)]


class Policy(CheckPolicy):
    """Thresholds of `[checks.odd_flow]`; the defaults are proposals to be tuned.

    A drift of 8 and a spread of 5 were chosen on made-up hours of several kinds of noise: fewer
    than one false alarm a flow in a year, and a rise to 1.5 times over two days found in nearly
    every case within four; `tests/forecasting/test_oddness.py` measures both.
    """

    opens_after: Count = Field(
        default=NofM(needed=1, of=1),
        description="troubled rounds of the last rounds before an incident opens; one, because "
        "whole hours are judged, and two of three must be odd",
    )
    stay_clear: Duration = Field(
        default=timedelta(hours=2),
        description="how long a flow must be as usual before its incident closes",
    )
    reopen_after: Duration = Field(
        default=timedelta(days=1),
        description="how long a flow may stay odd after a person resolved it before we say so",
    )
    spreads: float = Field(
        default=5.0,
        gt=1,
        description="an hour is odd when it lies so many usual spreads above what is usual",
    )
    times: float = Field(
        default=1.5,
        gt=1,
        description="sudden: and so many times what is usual, in two of the last three hours",
    )
    drift: float = Field(
        default=8.0,
        gt=0,
        description="slow: when the excess of the past week, in spreads, adds up to so much",
    )
    drift_times: float = Field(
        default=1.25,
        gt=1,
        description="slow: and the past half day was so many times what is usual",
    )
    least_slower: Duration = Field(
        default=timedelta(seconds=1),
        description="a run that takes less than this longer is never told",
    )
    least_deeper: int = Field(
        default=5,
        ge=1,
        description="a queue in which fewer than so many more runs wait is never told",
    )
    failed: int = Field(
        default=3,
        ge=1,
        description="fewest failed runs of an hour that can be told",
    )
    chance: float = Field(
        default=0.001,
        gt=0,
        lt=1,
        description="so many failed runs are odd when they come about with less than this chance",
    )
    together: int = Field(
        default=3,
        ge=2,
        description="so many slow flows of one instance, when they are most of its flows, are told "
        "once, for the instance",
    )
    fresh: Duration = Field(
        default=timedelta(hours=3),
        description="when the newest hour weighed ended longer ago, nothing is known",
    )
