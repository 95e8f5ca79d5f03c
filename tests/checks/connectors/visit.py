"""Visits a system that a handler plays, with the real fetcher between it and the connector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

import httpx
from pydantic import SecretStr

from checks.budget import Budget
from checks.declare import SAMPLED_AT, Connector, Count
from checks.system import System
from checks.transport import Patience

Handler = Callable[[httpx.Request], httpx.Response]
AT_ONCE = Patience(first_retry=timedelta(milliseconds=1))


def system_of(
    connector: Connector,
    handler: Handler,
    settings: Mapping[str, str],
    secrets: Mapping[str, str],
) -> System:
    """A configured system whose far end is `handler`."""
    return System(
        httpx.AsyncClient(transport=httpx.MockTransport(handler)),
        name="theirs",
        connector=connector,
        auth=connector.auths[0],
        settings=settings,
        secrets={name: SecretStr(secret) for name, secret in secrets.items()},
        budget=Budget(10_000),
        concurrency=2,
        now=lambda: SAMPLED_AT,
        patience=AT_ONCE,
    )


def count_of(connector: Connector, entity: str) -> Count:
    """The connector's count of an entity."""
    counts = connector.counts
    assert isinstance(counts, tuple)
    return next(count for count in counts if count.entity == entity)
