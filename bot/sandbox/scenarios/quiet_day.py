"""Nothing happens but business: what health looks like."""

from __future__ import annotations

from bot.sandbox.scenarios.scenario import Scenario

SCENARIO = Scenario(name="quiet_day", title="A quiet day")
