"""What a scenario is, and the recorded moments at which the sandbox opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from bot.sandbox.estate.estate import Step
from bot.sandbox.estate.model import Flow
from bot.sandbox.estate.volumes import Growth
from bot.sandbox.promotion import Promotion

# A Wednesday, at the hour at which the people behind each recording had a busy morning. The
# series come from different zones, so that the hour in UTC differs.
BUSY_MORNING: Mapping[str, datetime] = MappingProxyType(
    {
        "shop_api_nov_dec": datetime(2017, 11, 15, 17, tzinfo=UTC),
        "purchases_04": datetime(2018, 4, 18, 15, tzinfo=UTC),
        "orders_bike_spring12": datetime(2012, 4, 18, 8, tzinfo=UTC),
        "gate_southern_cross": datetime(2015, 4, 14, 22, tzinfo=UTC),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Something that happens to the estate: `steps` in sandbox time from the scenario's start.

    `opens` (recording to moment, UTC) says what is replayed when a sandbox starts with it; a
    scenario that begins later leaves the recording where it is. `ends_in_days` says, by a system's
    kind or a credential's name, which ends the settings of such a sandbox declare for soon;
    `promotion` is a sale that they declare. `growth` says, by a flow's name, what is otherwise
    than recorded in such a sandbox, and `flows` has what it has besides, with a past.
    """

    name: str
    title: str
    steps: tuple[Step, ...] = ()
    opens: Mapping[str, datetime] = field(default_factory=lambda: BUSY_MORNING)
    ends_in_days: Mapping[str, int] = field(default_factory=dict)
    growth: Mapping[str, Growth] = field(default_factory=dict)
    flows: tuple[Flow, ...] = ()
    promotion: Promotion | None = None
