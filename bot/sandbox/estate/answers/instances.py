"""Systems, instances (the API calls them connectors) and connection pools.

https://doc.wearepatchworks.com/product-documentation/api-reference/connectors-and-instances
"""

from __future__ import annotations

from datetime import UTC, datetime

from bot.sandbox.estate.company import POOLS
from bot.sandbox.estate.listing import Listing, Row, names, stamp
from bot.sandbox.estate.model import Instance, System
from bot.sandbox.estate.query import Query

_ADDED_AT = stamp(datetime(2025, 5, 12, 14, 5, tzinfo=UTC))
_IMPLEMENTATION = "authenticationImplementation"


def show_system(system: System) -> Row:
    return {
        "id": system.id,
        "name": system.name,
        "label": system.name,
        "protocol": "HTTP",
        "rate_limit_unit": "minute",
        "rate_limit_duration": 240,
        "created_at": _ADDED_AT,
        "updated_at": _ADDED_AT,
    }


def show_instance(instance: Instance, query: Query) -> Row:
    """An instance; nothing on it tells when its credential ends, as on the platform itself."""
    row: Row = {
        "id": instance.id,
        "name": instance.name,
        "timezone": "Europe/London",
        "date_format": "Y-m-d H:i:s",
        "rate_limit_unit": instance.rate_limit_unit,
        "rate_limit_duration": instance.rate_limit,
        "connection_pool_id": instance.pool_id,
        "system_id": instance.system.id,
        "created_at": _ADDED_AT,
        "updated_at": stamp(query.estate.renewed_at.get(instance.id)) or _ADDED_AT,
    }
    if _IMPLEMENTATION in query.include:
        row["authentication_implementation"] = _implementation(instance, query)
    return row


def _implementation(instance: Instance, query: Query) -> Row:
    nested = query.within(_IMPLEMENTATION)
    row: Row = {"id": instance.id + 100, "name": instance.system.auth_type}
    if "authenticationType" in nested.include:
        row["authentication_type"] = {"id": 1, "name": instance.system.auth_type}
    if "system" in nested.include:
        row["system"] = show_system(instance.system)
    return row


def _show_pool(pool: tuple[int, str, int], query: Query) -> Row:
    pool_id, name, limit = pool
    users = [instance for instance in query.estate.instances if instance.pool_id == pool_id]
    return {
        "id": pool_id,
        "name": name,
        "limit": limit,
        "timeout": 60,
        "connectors": [{"id": instance.id, "name": instance.name} for instance in users],
        "created_at": _ADDED_AT,
        "updated_at": _ADDED_AT,
    }


SYSTEM_LIST = Listing(
    kind="systems",
    select=lambda query: [
        instance.system
        for instance in query.estate.instances
        if (query.value("name") or "").lower() in instance.system.name.lower()
    ],
    show=lambda system, _query: show_system(system),
    filters=frozenset({"name"}),
)

INSTANCE_LIST = Listing(
    kind="connectors",
    select=lambda query: [
        instance
        for instance in sorted(query.estate.instances, key=lambda instance: instance.name)
        if str(instance.system.id) in query.filters.get("system", str(instance.system.id))
    ],
    show=show_instance,
    filters=frozenset({"system"}),
    includes=names(
        f"{_IMPLEMENTATION}.authenticationType {_IMPLEMENTATION}.system variables certificate"
    ),
    sorts=frozenset({"name"}),
)

POOL_LIST = Listing(
    kind="connection-pools",
    select=lambda _query: [(number, *pool) for number, pool in POOLS.items()],
    show=_show_pool,
    key=lambda pool: pool[0],
)
