"""The feeds read by a client of OData that is not ours (python-odata), with types intact."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
from odata import ODataService
from odata.property import DecimalProperty

from tests.bot.export import scene
from tests.bot.web.seen import TOKEN, seen


@pytest.fixture
async def door(tmp_path):
    store = scene.filled(tmp_path / "filled.db")
    async with seen(store, token=TOKEN) as opened:
        yield opened
    store.close()


async def read(door, ask):
    """In a thread, because the client waits for its answers."""

    def run():
        with requests.Session() as session:
            session.trust_env = False
            session.auth = ("anybody", TOKEN)
            service = ODataService(
                door.url + "/feeds/", session=session, reflect_entities=True, quiet_progress=True
            )
            return ask(service)

    return await asyncio.to_thread(run)


async def test_entities_are_reflected_and_values_come_as_their_types(door):
    def ask(service):
        entity = service.entities["incidents"]
        query = service.query(entity)
        query = query.filter(entity.opened_at >= datetime(2026, 11, 20, tzinfo=UTC))
        return list(query.order_by(entity.id.asc()))

    found = await read(door, ask)
    assert [each.id for each in found] == [1, 2, 3, 4, 5]
    first = found[0]
    assert first.opened_at.astimezone(UTC) == datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
    assert first.resolved_at is None
    assert first.is_drill is False
    assert float(first.seconds_to_acknowledge) == 240.0
    assert first.check_name == "failing_flow"


async def test_sums_of_money_are_reflected_as_decimals(door):
    def ask(service):
        entity = service.entities["reconciled_sums"]
        query = service.query(entity).filter(entity.source_sum == Decimal("9.1"))
        return type(entity.source_sum), [(each.currency, each.source_sum) for each in query]

    kind, found = await read(door, ask)
    assert kind is DecimalProperty
    assert found == [("EUR", Decimal("9.1"))]


async def test_it_follows_the_links_to_the_end(door):
    def ask(service):
        entity = service.entities["runs"]
        return [each.id for each in service.query(entity)]

    found = await read(door, ask)
    assert len(found) == len(set(found)) > 5000
