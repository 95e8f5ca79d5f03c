"""Nothing fails yet: three credentials end within the month, and people hear of each in time."""

from __future__ import annotations

from bot.sandbox.scenarios.scenario import Scenario

SCENARIO = Scenario(
    name="ending_soon",
    title="Credentials end soon",
    ends_in_days={"NetSuite certificate": 12, "dotdigital": 5, "klaviyo": 25},
)
