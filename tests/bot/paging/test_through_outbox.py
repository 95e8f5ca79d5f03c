"""The real outbox before a pager: what fails comes about all the same, once."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from bot.clock import SystemClock
from bot.outbox import Outbox
from bot.paging.destination import PagerDestination
from bot.paging.making import make_pager
from bot.paging.model import PageAct
from bot.store import outbox
from bot.store.outbox import Purpose
from tests.bot.paging.scene import a_page, section
from tests.waiting import PATIENCE

ACTS = list(PageAct)


@pytest.fixture(autouse=True)
def _hurried(monkeypatch):
    for name in ("SETTLE_SECONDS", "PERSON_BACK_OFF", "FIRST_BACK_OFF"):
        monkeypatch.setattr(f"bot.outbox.{name}", 0.01)
    monkeypatch.setattr("bot.paging.destination.SECONDS_BETWEEN_PAGES", 0.0)


@asynccontextmanager
async def sending(store, pager):
    """An outbox with one pager behind it."""
    destination = PagerDestination(
        pager=pager, compose=lambda row: a_page(ACTS[row.step], row_id=row.id)
    )
    sender = Outbox(store, SystemClock(), lambda name: destination, asyncio.Event())
    task = asyncio.create_task(sender.run())
    yield sender
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def intend(store, name, noon, *acts):
    with store.writing() as db:
        for act in acts:
            outbox.enqueue(
                db,
                topic="drill/42",
                destination=f"pager/{name}",
                purpose=Purpose.PAGE,
                created_at=noon,
                due=time.time(),
                step=ACTS.index(act),
            )


FAULTS = {
    "busy": {"status": 429, "headers": {"Retry-After": "0"}, "times": 3},
    "in trouble": {"status": 503, "times": 3},
    "lost on the way": {"lost": True, "times": 2},
    "lost after it was taken": {"lost": True, "after": True, "times": 2},
    "refused until a person acts": {"status": 403, "times": 3},
}


@pytest.mark.parametrize("name", ["pagerduty", "opsgenie", "webhook"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
async def test_trouble_delays_pages_and_changes_neither_their_number_nor_their_order(
    store, server, http, noon, name, fault
):
    server.faults.order(name, fault)
    async with sending(store, make_pager(section(server, name), http)) as sender:
        intend(store, name, noon, *PageAct)
        async with asyncio.timeout(PATIENCE):
            while outbox.waiting_count(store.db):
                await sender.flush(1)
    [alert] = server.board.alerts
    assert alert.state == "resolved"
    told = [each["act"] for each in alert.told]
    assert list(dict.fromkeys(told)) == [act.value for act in PageAct]
    if name == "webhook":
        assert told == [act.value for act in PageAct]
