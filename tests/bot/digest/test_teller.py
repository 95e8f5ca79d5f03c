"""Whom a digest goes to, by the settings, and how it is handed to the outbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.digest.teller import Teller
from bot.digest_settings import DigestSettings
from bot.directory import Directory
from bot.people_settings import PersonSettings
from tests.bot.digest.scene import EIGHT, HOUR, MINUTE, TIMETABLE
from tests.bot.slack.scene import StillClock

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
