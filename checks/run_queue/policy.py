"""What the owner decides about the run queue; thresholds are proposals, not platform rules."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator

from checks.durations import Duration
from checks.policy import CheckPolicy


class Policy(CheckPolicy):
    """Thresholds of `[checks.stalled_queue]`; the defaults are proposals to be tuned."""

    stall_after: Duration = Field(
        default=timedelta(seconds=60),
        description="stall: nothing has started for this long although runs wait and slots are "
        "free (Patchworks picks every 5 seconds)",
    )
    full_share: float = Field(
        default=0.8,
        gt=0,
        le=1,
        description="saturation: share of the allowance that counts as all slots taken, because "
        "a slot stands empty between two picks",
    )
    saturated_early: Duration = Field(
        default=timedelta(minutes=5),
        description="saturation: warn when the oldest run has waited this long for a slot",
    )
    saturated_breach: Duration = Field(
        default=timedelta(minutes=15),
        description="saturation: a breach when the oldest run has waited this long for a slot",
    )
    grown_by: int = Field(
        default=5,
        ge=1,
        description="saturation: so many more waiting runs count as a growing queue",
    )
    fills_within: Duration = Field(
        default=timedelta(hours=1),
        description="saturation: a breach when the queue reaches its cap within this time",
    )
    drains_within: Duration = Field(
        default=timedelta(hours=2),
        description="saturation: a breach when the queue needs longer than this to drain",
    )
    plateau_min: int = Field(
        default=20,
        ge=1,
        description="plateau: fewest waiting runs at which a constant number is suspicious",
    )
    plateau_samples: int = Field(
        default=5, ge=3, description="plateau: so many readings in a row must be equal"
    )
    ageing_floor: Duration = Field(
        default=timedelta(minutes=10),
        description="ageing: no waiting run is reported before this age; low priority doubles it, "
        "lowest quadruples it",
    )
    hog_floor: Duration = Field(
        default=timedelta(minutes=30),
        description="slot hog: no run is reported before this time (one attempt of a shape may "
        "take 30 minutes)",
    )
    hog_unknown: Duration = Field(
        default=timedelta(hours=2),
        description="slot hog: the limit for a flow whose usual time is not known yet (four "
        "attempts of one shape, 30 minutes each)",
    )
    enough_runs: int = Field(
        default=20,
        ge=1,
        description="runs of a flow that must be known before its own usual time sets a limit",
    )
    missed_margin: Duration = Field(
        default=timedelta(minutes=10),
        description="missed schedule: how late a scheduled run may be",
    )
    missed_memory: Duration = Field(
        default=timedelta(days=1),
        description="missed schedule: how long a flow that was disabled or undeployed is reported",
    )
    schedule_zone: str = Field(
        default="UTC", description="time zone in which Patchworks reads the schedules"
    )

    @field_validator("schedule_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError('expected an IANA time zone such as "Europe/London"') from None
        return name
