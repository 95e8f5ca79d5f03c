"""Business grows: the usual peak of the day has come so near to an allowance that it passes it."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sandbox.estate.volumes import Growth
from bot.sandbox.scenarios.scenario import BUSY_MORNING, Scenario

# Eight hours before a busy morning of the recording. Of those of the weeks before, all but the
# busiest of the last days stayed below Dotdigital's 2,000 calls an hour.
_THE_EVENING_BEFORE = datetime(2015, 4, 20, 14, tzinfo=UTC)

SCENARIO = Scenario(
    name="near_limit",
    title="A growing peak, a limit",
    opens={**BUSY_MORNING, "gate_southern_cross": _THE_EVENING_BEFORE},
    growth={"Consents to Dotdigital": Growth(times=2.08, a_week=0.04)},
)
