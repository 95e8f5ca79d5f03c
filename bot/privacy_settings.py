"""`[privacy]`: how keys of orders and customers are shown, and how long differences are kept."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, field_validator

from bot.section import Section
from checks.durations import Duration
from checks.reconcile.showing import Keys

LONGEST = timedelta(days=730)


class PrivacySettings(Section):
    """Names, addresses and the like are never shown nor stored, whatever stands here."""

    keys: Keys = Field(
        default=Keys.FULL,
        description='keys of orders and customers in Slack, files and feeds: "full", "masked" or '
        '"none"',
    )
    differences_for: Duration = Field(
        default=timedelta(days=30), description="so long single differences are kept"
    )

    @field_validator("differences_for")
    @classmethod
    def _not_for_ever(cls, told: timedelta) -> timedelta:
        if not timedelta(hours=1) <= told <= LONGEST:
            raise ValueError("expected between 1h and 730d")
        return told
