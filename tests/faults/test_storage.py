"""A database that is locked, read-only, full, damaged or old: nothing is lost, nothing stands
twice, and whoever has to act is told in a sentence."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta
from pathlib import Path

import pytest

from bot import facts
from bot.absence import tell_absence
from bot.build import Bot
from bot.clock import SystemClock
from bot.schedule import Timetable
from bot.store import StoreRefused, lease, one_sentence_of, open_store
from tests.faults.scene import HERE, NOON, a_round, sending, until_all_is_sent
from tests.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.fixture
def other(store):
    """Another program that has the database open."""
    opened = sqlite3.connect(store.path, isolation_level=None)
    yield opened
    opened.close()


def test_locked_for_a_while_a_round_waits_and_is_recorded(store, other):
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(a_round, store)
        assert wait([waiting], timeout=0.2).not_done
        other.execute("COMMIT")
        waiting.result()
    assert store.db.execute("SELECT count(*) FROM incidents").fetchone()[0] == 1


async def test_locked_for_ever_messages_and_jobs_wait_and_each_is_done_once_when_it_ends(
    store, other, outside, hurried, monkeypatch, caplog
):
    monkeypatch.setattr("bot.schedule.TICK_SECONDS", 0.01)
    monkeypatch.setattr("bot.store.BUSY_SECONDS", 0.02)
    store.close()
    done = []

    async def job() -> None:
        with store.writing() as db:
            db.execute("DELETE FROM readings")
        done.append("job")

    timetable = Timetable(SystemClock())
    timetable.every("job", timedelta(milliseconds=50), job)
    async with sending(store, outside) as awake:
        await asyncio.sleep(0)
        a_round(store)
        other.execute("BEGIN IMMEDIATE")
        awake.set()
        timetable.start()
        await until(lambda: "takes nothing" in caplog.text and "the job job failed" in caplog.text)
        assert (outside.standing(), done) == ([], [])
        other.execute("COMMIT")
        await until_all_is_sent(store)
        await until(lambda: done)
    await timetable.stop()
    assert outside.standing() == ["root"]


def test_read_only_it_does_not_start_and_says_what_to_do(store):
    store.db.execute("PRAGMA query_only = ON")
    with pytest.raises(StoreRefused, match=r"readonly.*can be written to"), one_sentence_of(store):
        lease.take_lease(store, lease.this_process())
    with pytest.raises(StoreRefused, match=r"\(No such file or directory\).*can be written to"):
        open_store(Path("/proc/1/seamwatch.db"))


@pytest.mark.process
def test_full_while_a_message_goes_out_it_stands_once_when_there_is_room(tmp_path, outside):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.filling", str(tmp_path / "a.db"), str(outside.path)],
        cwd=ROOT,
        timeout=60,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "sent and not recorded: claimed\n"
    assert "the database takes nothing (" in ended.stderr
    assert len(ended.stderr.splitlines()) < 10, "it is said, and not again and again"
    assert outside.standing() == ["root"]


MARK = "a mark that pages of readings hold"


def damage(path: Path) -> None:
    """Overwrite the beginning of every page that holds readings, and of no other."""
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    for at in range(size, len(content), size):
        if MARK.encode() in content[at : at + size]:
            content[at : at + 64] = b"\xff" * 64
    path.write_bytes(content)


def filled(path: Path) -> None:
    store = open_store(path)
    with store.writing() as db:
        for second in range(500):
            db.execute("INSERT INTO readings VALUES (?, 'm', ?, 1)", [MARK, str(second)])
    store.close()


async def test_damaged_what_needs_it_fails_by_name_and_the_rest_goes_on(
    tmp_path, outside, hurried, monkeypatch, caplog
):
    monkeypatch.setattr("bot.schedule.TICK_SECONDS", 0.01)
    path = tmp_path / "seamwatch.db"
    filled(path)
    damage(path)
    store = open_store(path)
    timetable = Timetable(SystemClock())

    async def roll_up() -> None:
        store.db.execute("SELECT sum(value) FROM readings").fetchone()

    timetable.every("roll up", timedelta(seconds=1), roll_up)
    timetable.start()
    a_round(store)
    async with sending(store, outside):
        await until_all_is_sent(store)
        await until(lambda: "the job roll up failed" in caplog.text)
    await timetable.stop()
    assert "malformed" in caplog.text
    assert outside.standing() == ["root"]
    store.close()


async def test_damaged_under_a_loop_that_cannot_do_without_the_bot_ends_in_a_sentence(tmp_path):
    path = tmp_path / "seamwatch.db"
    filled(path)
    damage(path)
    store = open_store(path)

    async def loop() -> None:
        store.db.execute("SELECT sum(value) FROM readings").fetchone()

    nothing = object()
    bot = Bot(
        store=store,
        clock=SystemClock(),
        timetable=Timetable(SystemClock()),
        living=(loop,),
        **dict.fromkeys(("desk", "heartbeat", "outbox", "watch"), nothing),  # type: ignore[arg-type]
    )
    with pytest.raises(ExceptionGroup) as caught:
        await bot.run(asyncio.Event())
    assert caught.group_contains(StoreRefused, match=r"malformed.*check that")
    store.close()


async def test_restored_from_an_old_copy_it_says_since_when_it_knows_nothing(
    tmp_path, outside, hurried, caplog
):
    path, copy = tmp_path / "seamwatch.db", tmp_path / "copy.db"
    store = open_store(path)
    a_round(store)
    async with sending(store, outside):
        await until_all_is_sent(store)
    with store.writing() as db:
        seen = facts.RoundFacts(at=NOON, took_seconds=1.0, judged=1, troubled=1, unknown=0)
        facts.save_round(db, seen)
    copied = sqlite3.connect(copy)
    store.db.conn.backup(copied)
    copied.close()
    a_round(store, subject="of today")
    store.close()
    for left in tmp_path.glob("seamwatch.db*"):
        left.unlink()
    shutil.copy(copy, path)

    later = NOON + timedelta(hours=20)
    restored = open_store(path)
    lease.take_lease(restored, lease.this_process())
    tell_absence(restored, timedelta(minutes=1), HERE, later)
    a_round(restored, later)
    a_round(restored, later, subject="of today")
    with caplog.at_level(logging.WARNING):
        async with sending(restored, outside):
            await until_all_is_sent(restored)
    assert outside.standing() == ["notice", "root", "root"]
    restored.close()
