"""What a look-alike estate can be told to do differently, for tests and drills."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateOptions:
    """How the look-alike behaves. The defaults are what Patchworks documents, where it does.

    The tier limits (10 concurrent flows, 240 calls a minute) are those of the smallest plan:
    https://doc.wearepatchworks.com/product-documentation/getting-started/subscription-tier-limits.
    The cap of the queue exists but is not published; 100 is our choice.
    """

    concurrent_flows: int = 10
    queue_cap: int = 100
    calls_per_minute: int = 240
    retry_after: bool = True
    """Whether a 429 says how long to wait."""
    object_shape: Literal["flat", "attributes"] = "flat"
    """Flat objects as in the OpenAPI pages, or JSON:API objects as Patchworks' own client reads."""
    status_form: Literal["int", "string", "digits"] = "int"
    """A run's status as 3, "FAILURE" or "3"."""
    token_lifetime: timedelta = timedelta(hours=24)
    run_retention: timedelta = timedelta(days=7)
    payload_retention: timedelta = timedelta(hours=72)
    tracked_retention: timedelta = timedelta(days=15)
    history_days: int = 7
    """Days of finished runs that exist when the estate starts."""
    seed: int = 1


AS_DOCUMENTED = EstateOptions()
