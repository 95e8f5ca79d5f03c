"""What the owner decides about silent data loss; thresholds are proposals, not platform rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.policy import CheckPolicy, NofM, parse_n_of_m

Count = Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)]


class Policy(CheckPolicy):
    """Thresholds of `[checks.silent_loss]`; the defaults are proposals to be tuned."""

    opens_after: Count = Field(
        default=NofM(needed=1, of=1),
        description="troubled rounds of the last rounds before an incident opens; one, because "
        "whole runs and whole hours are judged",
    )
    stay_clear: Duration = Field(
        default=timedelta(minutes=30),
        description="how long nothing may seem lost before the incident closes",
    )
    reopen_after: Duration = Field(
        default=timedelta(hours=6),
        description="how long a loss may go on after a person resolved it before we say so",
    )
    remembered: Duration = Field(
        default=timedelta(days=4),
        description="a run that lost records counts for so long, or until a person resolves it or "
        "tracked data show that all of it was sent since",
    )
    deadline_near: Duration = Field(
        default=timedelta(hours=12),
        description="critical when Patchworks deletes the first payload within this time",
    )
    tolerated: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="share of a flow's usual runs a day that may end in part, and as many with an "
        "error in a good run's log, before it is told; 0: each is told, as what is let pass is "
        "lost all the same",
    )
    unsent: Count = Field(
        default=NofM(needed=3, of=5),
        description="so many of so many newest runs received something and sent nothing",
    )
    chance: float = Field(
        default=0.005,
        gt=0,
        lt=1,
        description="unusual: what comes about with less than this chance by the flow's own past",
    )
    short: float = Field(
        default=0.75,
        gt=0,
        lt=1,
        description="the newest runs sent less than this share of what usually comes of so much",
    )
    least_received: int = Field(
        default=20,
        ge=1,
        description="fewer received or tracked than this tell nothing about the share sent on",
    )
    low: float = Field(
        default=0.3,
        gt=0,
        lt=1,
        description="a volume below this share of the usual is low",
    )
    least_volume: int = Field(
        default=20,
        ge=1,
        description="what usually moves less than this in three hours is not judged by volume",
    )
    pool_growth: int = Field(
        default=20,
        ge=1,
        description="a de-dupe pool that gains fewer entries while nothing is sent is not told",
    )
    fresh: Duration = Field(
        default=timedelta(hours=3),
        description="when the newest hour weighed ended longer ago, volumes are not known",
    )
