"""What the owner decides about credentials: the ladder of days, what is urgent, what is not."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainSerializer

from checks.durations import Duration
from checks.policy import CheckPolicy, NofM, parse_n_of_m

Rung = Annotated[int, Field(ge=0, le=730)]


class Policy(CheckPolicy):
    """Thresholds of `[checks.token_expiry]`; the defaults are proposals to be tuned."""

    opens_after: Annotated[NofM, BeforeValidator(parse_n_of_m), PlainSerializer(str)] = Field(
        default=NofM(needed=1, of=1),
        description="troubled rounds of the last rounds before an incident opens; one, because a "
        "date does not flicker and a rejection is told only when it is certain",
    )
    stay_clear: Duration = Field(
        default=timedelta(minutes=2),
        description="how long a credential must be accepted again before its incident closes",
    )
    reopen_after: Duration = Field(
        default=timedelta(days=1),
        description="how long a credential may stay unrenewed after a person resolved its "
        "incident before we say so",
    )
    ladder: tuple[Rung, ...] = Field(
        default=(30, 14, 7, 3, 1, 0),
        description="so many days before a credential ends we speak, once each; for lives of less "
        "than 60 days only those below half of the life",
    )
    urgent: Duration = Field(
        default=timedelta(days=3),
        description="from so long before its end on, an ending credential is grave",
    )
    refused_for: Duration = Field(
        default=timedelta(minutes=2),
        description="a breach when our own credential was refused for this long",
    )
    ignore: tuple[str, ...] = Field(
        default=(),
        description="credentials and dated events, by their id in the register, whose date is not "
        "judged; that one is refused is told all the same",
    )
