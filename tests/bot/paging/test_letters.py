"""A digest by mail, through the real outbox and over real SMTP on loopback."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime

import pytest

from bot.clock import SystemClock
from bot.outbox import Outbox
from bot.paging.destination import PagerDestination
from bot.paging.making import make_pager
from bot.paging.model import Mail
from bot.store import outbox
from bot.store.outbox import Purpose
from tests.bot.paging.scene import a_page, section
from tests.bot.paging.test_email import section as mail_section
from tests.waiting import PATIENCE

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)


def letter(row, **changes):
    told = {
        "subject": "Digest of Saturday 21 November 2026 · Acme Outdoors",
        "text": "All quiet: 12 runs, 100 % well, nothing open.\n",
        "page": "<!doctype html>\n<p>All quiet · 12 runs</p>\n",
        "name": "digest-2026-11-21.html",
        "at": AT,
        "row_id": row.id,
    }
    return Mail(**(told | changes))


async def sent(store, pager, write=letter):
    """What the outbox makes of one row of a digest."""
    with store.writing() as db:
        outbox.enqueue(
            db,
            topic="digest/2026-11-21",
            destination="pager/mail",
            purpose=Purpose.PAGE,
            created_at=AT,
            due=time.time(),
            step=0,
        )
    destination = PagerDestination(pager=pager, compose=lambda _: a_page(), write=write)
    sender = Outbox(store, SystemClock(), lambda _: destination, asyncio.Event())
    task = asyncio.create_task(sender.run())
    deadline, state, problem = time.monotonic() + PATIENCE, "pending", ""
    while state != "sent" and "[[pager]]" not in problem:
        assert time.monotonic() < deadline, (state, problem)
        await asyncio.sleep(0.02)
        state, problem = store.db.execute("SELECT state, problem FROM outbox").fetchone()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return state, problem


async def test_it_is_text_and_page_and_file_in_one(server, store):
    assert await sent(store, make_pager(mail_section(server), None)) == ("sent", "")
    [mail] = server.board.mails
    headers = mail["headers"]
    assert headers["Subject"] == "Seamwatch: Digest of Saturday 21 November 2026 · Acme Outdoors"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "Importance" not in headers
    assert "References" not in headers
    assert mail["text"] == "All quiet: 12 runs, 100 % well, nothing open.\n"
    assert mail["page"] == "<!doctype html>\n<p>All quiet · 12 runs</p>\n"
    assert mail["files"] == ["digest-2026-11-21.html"]


async def test_a_foreign_name_adds_no_header(server, store):
    def evil(row):
        return letter(row, subject="Acme\r\nBcc: evil@example.com")

    await sent(store, make_pager(mail_section(server), None), evil)
    [mail] = server.board.mails
    assert "Bcc" not in mail["headers"]


async def test_a_pager_that_only_calls_people_says_what_to_correct(server, http, store):
    pager = make_pager(section(server, "pagerduty"), http)
    state, problem = await sent(store, pager)
    assert state == "pending"
    assert 'name one of kind "email"' in problem
    assert server.board.alerts == []


@pytest.mark.parametrize("stage", ["END", "MAIL"])
async def test_what_the_mail_server_puts_off_comes_later(server, store, stage, monkeypatch):
    monkeypatch.setattr("bot.outbox.FIRST_BACK_OFF", 0.01)
    server.faults.order("email", {"stage": stage, "status": 451})
    state, _ = await sent(store, make_pager(mail_section(server), None))
    assert state == "sent"
    assert len(server.board.mails) == 1
