"""What the owner decides about promises besides the promises; thresholds are proposals."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.policy import CheckPolicy, NofM, parse_n_of_m

Count = Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)]


class Policy(CheckPolicy):
    """Thresholds of `[checks.broken_promise]`; the defaults are proposals to be tuned."""

    opens_after: Count = Field(
        default=NofM(needed=3, of=5),
        description="troubled rounds of the last rounds before an incident opens; three, so that "
        "what fails or is odd is told by its own check first",
    )
    stay_clear: Duration = Field(
        default=timedelta(minutes=30),
        description="how long a promise must be kept again before its incident closes",
    )
    reopen_after: Duration = Field(
        default=timedelta(days=1),
        description="how long a promise may stay broken after a person resolved it before we say "
        "so",
    )
    enough: int = Field(
        default=20, ge=1, description="with fewer runs in its span a promise is not judged"
    )
    least: int = Field(
        default=2, ge=1, description="fewest runs that failed or were late before we speak"
    )
    early: float = Field(
        default=0.75,
        gt=0,
        le=1,
        description="warn when this share of what a promise allows to fail or to be late is spent",
    )
    known: float = Field(
        default=0.9,
        gt=0,
        le=1,
        description="with less of its span observed a promise is not judged",
    )
