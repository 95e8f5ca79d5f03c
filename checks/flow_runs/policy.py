"""What the owner decides about failing flows; thresholds are proposals, not platform rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.policy import CheckPolicy, NofM, parse_n_of_m

Count = Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)]


class Policy(CheckPolicy):
    """Thresholds of `[checks.failing_flow]`; the defaults are proposals to be tuned."""

    opens_after: Count = Field(
        default=NofM(needed=2, of=3),
        description="troubled rounds of the last rounds before an incident opens; two, because a "
        "busy flow fails many times within one short outage",
    )
    failed: Count = Field(
        default=NofM(needed=3, of=5),
        description="so many failed of so many newest runs are trouble when that is unusual; "
        "so many in a row are a breach",
    )
    chance: float = Field(
        default=0.005,
        gt=0,
        lt=1,
        description="unusual: a flow that fails as often as it always did would fail so often "
        "with less than this chance",
    )
    recovered: int = Field(
        default=2,
        ge=1,
        le=30,
        description="so many newest runs that succeeded in a row end the trouble",
    )
    partial_counts: bool = Field(
        default=False,
        description="whether a run that Patchworks calls a partial success counts as failed",
    )
    fresh: Duration = Field(
        default=timedelta(hours=24),
        description="when no run ended for this long, whether the flow fails is not known",
    )
    rare: Duration = Field(
        default=timedelta(hours=6),
        description="one failed run is a breach for a time-sensitive flow whose runs are usually "
        "this far apart or further",
    )
    rare_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="but not for one of which more than this share fails as a rule",
    )
    undecided: Duration = Field(
        default=timedelta(minutes=10),
        description="how long after the first failure we wait for other flows to show whether the "
        "credential is rejected",
    )
    refused_within: Duration = Field(
        default=timedelta(minutes=15),
        description="refusals of this time explain failures by a used-up allowance",
    )
