"""Whom a digest goes to, by the settings, and how it is handed to the outbox."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import facts
from bot.digest import teller
from bot.digest.teller import Teller
from bot.digest_settings import DigestSettings
from bot.directory import Directory
from bot.people_settings import PersonSettings
from tests.bot.digest.scene import EIGHT, HOUR, MINUTE, TIMETABLE, round_at
from tests.bot.slack.scene import StillClock
from tests.waiting import PATIENCE

SETTINGS = DigestSettings(channels=("#managers",), people=("Dana", "Bo"), pagers=("mail",))
PEOPLE = (PersonSettings(name="Dana", slack="U0DANA"), PersonSettings(name="Bo", email="bo@x.y"))


class Office:
    def __init__(self, store):
        self.clock, self.woken = StillClock(EIGHT - HOUR), 0
        self.teller = Teller(
            store,
            self.clock,
            SETTINGS,
            TIMETABLE,
            channels={"#managers": "slack/C7"},
            directory=Directory(PEOPLE),
            wake=self.wake,
        )

    def wake(self):
        self.woken += 1


@pytest.fixture
def office(store):
    return Office(store)


def places(store):
    return [row[0] for row in store.db.execute("SELECT destination FROM outbox ORDER BY number")]


async def test_it_goes_to_every_place_and_the_outbox_is_woken_once(office, store, caplog):
    for minutes in (-60, 0, 1, 30):
        office.clock.at = EIGHT + minutes * MINUTE
        await office.teller.tick()
    assert places(store) == ["slack/C7", "dm/U0DANA", "pager/mail"]
    assert office.woken == 1
    assert "the digest does not reach Bo" in caplog.text


def test_before_it_is_due_nothing_is_said_and_nobody_is_missed(office, store, caplog):
    for _ in range(3):
        office.clock.at += timedelta(seconds=30)
        assert office.teller.run_due() == []
    assert places(store) == []
    assert caplog.text == ""


def a_round(store, at):
    with store.writing() as db:
        facts.save_round(db, round_at(at))


async def after_a_sleep(office, store):
    """The machine wakes an hour after the digest was due: what is being told."""
    a_round(store, EIGHT - HOUR)
    await office.teller.tick()
    office.clock.at = EIGHT + HOUR
    return asyncio.create_task(office.teller.tick())


async def test_after_a_sleep_it_waits_for_the_first_round(office, store):
    telling = await after_a_sleep(office, store)
    await asyncio.sleep(3 * teller.LOOK_SECONDS)
    assert places(store) == []
    a_round(store, EIGHT + HOUR)
    await telling
    assert len(places(store)) == 3


async def test_a_round_that_does_not_end_does_not_keep_it_for_ever(office, store, monkeypatch):
    monkeypatch.setattr(teller, "ROUND_SECONDS", 0.2)
    await (await after_a_sleep(office, store))
    assert len(places(store)) == 3


async def test_it_waits_for_no_round_while_the_last_is_new(office, store):
    a_round(store, EIGHT - MINUTE)
    for minutes in (-1, 0):
        office.clock.at = EIGHT + minutes * MINUTE
        async with asyncio.timeout(PATIENCE / 2):
            await office.teller.tick()
    assert len(places(store)) == 3
