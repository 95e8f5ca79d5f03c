"""Tracked values and pools are read now and then, whole, and within a few calls."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import httpx

from bot.loss_reading import LossReader
from checks.patchworks import Patchworks
from checks.reconcile.showing import Keys
from checks.runs import Flow
from tests.checks.patchworks_double import client_of, listing

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FLOW = Flow(id="5", name="Orders", enabled=True, deployed=True, pool_ids=("31",))
numbers = count(1)


class Platform:
    """Serves tracked values as they are asked for; `fails` says how it answers instead."""

    def __init__(self, *rows: dict[str, object]) -> None:
        self.rows, self.asked = list(rows), [httpx.URL("/")][:0]
        self.fails: httpx.Response | None = None
        self.total: int | None = None

    def answer(self, request: httpx.Request) -> object:
        self.asked.append(request.url)
        if self.fails is not None:
            return self.fails
        path = request.url.path
        if path.endswith("/deduped-data"):
            return listing({"id": 1}, total=1234)
        if path.endswith("/data-pool"):
            return listing({"id": 31, "name": "Sent orders"})
        if self.total is not None:
            page = int(request.url.params["page"])
            some = [value(NOW - MINUTE * 10) for _ in range(100)]
            return listing(*some, total=self.total, page=page)
        return listing(*self.rows)

    def reader(self, known: datetime | None = None, keys: Keys = Keys.FULL) -> LossReader:
        patchworks: Patchworks = client_of(self.answer)
        return LossReader(patchworks, lambda: known, keys)


def value(at: datetime, direction: str = "Receive", **changes: object) -> dict[str, object]:
    row = {
        "id": next(numbers),
        "created_at": at.isoformat(),
        "flow_id": 5,
        "flow_run_id": 900,
        "entity_type_id": 3,
        "value": "SO-10423",
        "direction": direction,
        "success": True,
    }
    return row | changes


async def test_what_was_tracked_since_the_last_look_is_read_and_known_until_then():
    platform = Platform(value(NOW - 9 * MINUTE), value(NOW - 5 * MINUTE, "Send"))
    found = await platform.reader(NOW - 10 * MINUTE).read(NOW, ())
    received, sent = found.tracked
    assert (received.key, received.run_id) == ("SO-10423", "900")
    assert (received.received_at, received.sent_at) == (NOW - 9 * MINUTE, None)
    assert (sent.received_at, sent.sent_at) == (None, NOW - 5 * MINUTE)
    assert found.tracked_until == NOW - MINUTE
    asked = platform.asked[0].params
    since = NOW - 10 * MINUTE - timedelta(seconds=1)
    assert asked["filter[created_after]"] == str(int(since.timestamp() * 1000))


async def test_what_was_sent_without_success_was_not_sent():
    platform = Platform(value(NOW - 5 * MINUTE, "Send", success=False))
    (row,) = (await platform.reader(NOW - HOUR).read(NOW, ())).tracked
    assert row.sent_at is None


async def test_keys_leave_as_the_setting_allows():
    platform = Platform(value(NOW - 5 * MINUTE))
    (row,) = (await platform.reader(NOW - HOUR, Keys.MASKED).read(NOW, ())).tracked
    assert row.shown == "*****423"


async def test_it_asks_no_more_often_than_it_must():
    platform = Platform()
    reader = platform.reader(NOW - 10 * MINUTE)
    for minute in range(6):
        await reader.read(NOW + minute * MINUTE, ())
    assert len(platform.asked) == 2


async def test_a_window_too_full_to_be_read_whole_is_halved_and_claims_nothing():
    platform = Platform()
    platform.total = 5000
    reader = platform.reader(NOW - 40 * MINUTE)
    found = await reader.read(NOW, ())
    assert (found.tracked, found.tracked_until) == ((), None)
    assert found.blind
    assert len(platform.asked) == 5
    platform.total = None
    again = await reader.read(NOW, ())
    assert again.tracked_until == NOW - 40 * MINUTE + timedelta(minutes=19, seconds=30)
    assert not again.blind


async def test_what_is_not_permitted_is_not_asked_for_every_minute():
    platform = Platform()
    platform.fails = httpx.Response(403)
    reader = platform.reader(NOW - 10 * MINUTE)
    for minute in range(0, 60, 5):
        found = await reader.read(NOW + minute * MINUTE, ())
        assert (found.tracked_until, "403" in found.blind) == (None, True)
    assert len(platform.asked) == 1


async def test_pools_that_flows_write_are_counted_once_an_hour():
    platform = Platform()
    reader = platform.reader(NOW - 10 * MINUTE)
    found = await reader.read(NOW, (FLOW,))
    (told,) = found.pools
    assert (told.subject, told.value) == ("pool/31", 1234)
    assert found.pool_names == {"31": "Sent orders"}
    assert not (await reader.read(NOW + 59 * MINUTE, (FLOW,))).pools
