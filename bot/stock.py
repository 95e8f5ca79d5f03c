"""Stock: what the estate is made of and what people changed in it, read now and then."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TypeVar

from checks.fetch import Unreadable
from checks.patchworks import Patchworks
from checks.runs import Changed, Flow, Instance, Pool

log = logging.getLogger(__name__)

T = TypeVar("T")

STOCK_EVERY = timedelta(minutes=10)
CHANGES_EVERY = timedelta(seconds=90)
"""Less than what a credential has to be accepted for before its incident ends, so that what was
done to end it is known when the end is told."""
ALLOWANCES_EVERY = timedelta(hours=1)
CHANGES_OF = timedelta(days=3)
ALSO_DEPLOYED = timedelta(minutes=2)
"""The activity log and the list of deployments tell of one deployment within this time."""

CannotRead = Callable[[str, Unreadable], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """As last read. `flows` is None while they cannot be read; the rest stays as it was.

    `changes` are newest first; `changes_blind` says why the activity log could not be read.
    `allowances` are as told, under dotted names.
    """

    flows: tuple[Flow, ...] | None = None
    instances: tuple[Instance, ...] = ()
    pools: tuple[Pool, ...] = ()
    changes: tuple[Changed, ...] = ()
    changes_blind: str = ""
    allowances: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


class Stocktaker:
    """Reads each part when it is due again."""

    def __init__(self, patchworks: Patchworks) -> None:
        self._patchworks = patchworks
        self._stock = Stock()
        self._read_at: dict[str, datetime] = {}

    async def take(self, now: datetime, cannot_read: CannotRead) -> Stock:
        """Never raises for a part that cannot be read; what matters to sight is told."""
        if self._is_due("flows", STOCK_EVERY, now):
            await self._take_flows(now, cannot_read)
        if self._is_due("instances", STOCK_EVERY, now):
            await self._take_instances(now, cannot_read)
        if self._is_due("changes", CHANGES_EVERY, now):
            self._read_at["changes"] = now
            await self._take_changes(now - CHANGES_OF)
        if self._is_due("allowances", ALLOWANCES_EVERY, now):
            await self._take_allowances(now)
        return self._stock

    def _is_due(self, part: str, every: timedelta, now: datetime) -> bool:
        return part not in self._read_at or now - self._read_at[part] >= every

    async def _take_flows(self, now: datetime, cannot_read: CannotRead) -> None:
        try:
            flows = await self._patchworks.flows()
        except Unreadable as error:
            cannot_read("flows", error)
            self._stock = replace(self._stock, flows=None)
        else:
            self._stock = replace(self._stock, flows=flows)
            self._read_at["flows"] = now

    async def _take_instances(self, now: datetime, cannot_read: CannotRead) -> None:
        try:
            instances = await self._patchworks.instances()
        except Unreadable as error:
            cannot_read("instances", error)
            return
        pools = await self._or_none("connection pools", self._patchworks.pools)
        known = self._stock.pools if pools is None else pools
        self._stock = replace(self._stock, instances=instances, pools=known)
        self._read_at["instances"] = now

    async def _take_allowances(self, now: datetime) -> None:
        """When they cannot be read, they are not known, and asked for again with the rest."""
        told = await self._or_none("allowances", self._patchworks.allowances)
        self._stock = replace(self._stock, allowances=told or {})
        self._read_at["allowances"] = now if told else now - ALLOWANCES_EVERY + STOCK_EVERY

    async def _take_changes(self, since: datetime) -> None:
        """Who did what stands in the activity log; without it, deployments at least."""
        blind = ""
        acts: tuple[Changed, ...] = ()
        try:
            acts = await self._patchworks.changes(since)
        except Unreadable as error:
            blind = error.what
            log.info("the activity log cannot be read: %s", blind)

        async def deployments() -> tuple[Changed, ...]:
            return await self._patchworks.deployments(since)

        deployed = await self._or_none("deployments", deployments)
        changes = together(acts, deployed or ())
        self._stock = replace(self._stock, changes=changes, changes_blind=blind)

    async def _or_none(self, what: str, read: Callable[[], Awaitable[T]]) -> T | None:
        """What may well not be permitted, or not offered: then it is simply not known."""
        try:
            return await read()
        except Unreadable as error:
            log.info("the %s cannot be read: %s", what, error.what)
            return None


def together(acts: tuple[Changed, ...], deployments: tuple[Changed, ...]) -> tuple[Changed, ...]:
    """Both lists as one, newest first; a deployment that the activity log tells too stands once."""
    new = [
        deployment
        for deployment in deployments
        if not any(
            act.flow_id == deployment.flow_id and abs(act.at - deployment.at) <= ALSO_DEPLOYED
            for act in acts
        )
    ]
    return tuple(sorted((*acts, *new), key=lambda change: change.at, reverse=True))
