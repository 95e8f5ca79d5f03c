"""The sign of life: given while all is well, withheld for what is lost, calm about the clock."""

from __future__ import annotations

import logging
from datetime import timedelta

import httpx
import pytest

from bot.facts import RoundFacts, save_round
from bot.heartbeat import Heartbeat
from tests.bot.response_scene import HOUR, MINUTE, Scene, verdict

WATCHED = "http://outside.example/alive"
LATE = "ERROR The next step of #1 is more than 5 minutes late. The heartbeat is withheld."
BLIND = "ERROR No round has ended for some minutes. The heartbeat is withheld."
SLEPT = "(the machine slept, or its clock was set); what was due meanwhile is told now"


class Heart:
    """The beats of a scene whose timers stand still, and what came of them."""

    def __init__(self, scene, caplog) -> None:
        self.scene, self.signs = scene, 0
        self._caplog = caplog
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        self.seconds = 0.0
        self._beats = Heartbeat(
            scene.store,
            scene,
            scene.rules,
            http=self._http,
            url=WATCHED,
            seconds=lambda: self.seconds,
        )

    def _answer(self, _: httpx.Request) -> httpx.Response:
        self.signs += 1
        return httpx.Response(200)

    async def beats(
        self, later: timedelta, *, ended: bool = True, seconds: float | None = None
    ) -> list[str]:
        """What it logs when it beats so much later, by the machine's own time `seconds` (else the
        same); `ended` says whether a round has ended meanwhile."""
        self.scene.at += later
        self.seconds += later.total_seconds() if seconds is None else seconds
        if ended:
            self._round_ends()
        self._caplog.clear()
        await self._beats.beat()
        return [
            f"{each.levelname} {each.getMessage()}"
            for each in self._caplog.records
            if each.name == "bot.heartbeat"
        ]

    def _round_ends(self) -> None:
        told = RoundFacts(at=self.scene.at, took_seconds=1.0, judged=1, troubled=1, unknown=0)
        with self.scene.store.writing() as db:
            save_round(db, told)


@pytest.fixture
def heart(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    scene = Scene(tmp_path / "seamwatch.db")
    scene.see(verdict())
    yield Heart(scene, caplog)
    scene.close()


async def test_what_stays_late_is_an_error_once_and_no_sign_is_given(heart):
    for _ in range(4):
        assert await heart.beats(4 * MINUTE) == [], "what is late at one look is looked at again"
    assert await heart.beats(4 * MINUTE) == [LATE]
    assert await heart.beats(MINUTE) == []
    assert heart.signs == 4


async def test_after_sleep_it_says_so_in_one_sentence_and_goes_on(heart):
    assert await heart.beats(MINUTE) == []
    assert await heart.beats(2 * HOUR) == [
        f"INFO the clock went ahead by 2 h since the last look {SLEPT}"
    ]
    assert await heart.beats(2 * HOUR) == [], "nor while the clock goes on like that"
    assert heart.signs == 3


async def test_what_is_still_late_after_it_woke_up_is_an_error(heart):
    await heart.beats(MINUTE)
    await heart.beats(2 * HOUR)
    assert await heart.beats(MINUTE) == []
    assert await heart.beats(MINUTE) == [LATE]
    assert await heart.beats(2 * HOUR) == [
        f"INFO the clock went ahead by 2 h since the last look {SLEPT}"
    ]
    assert await heart.beats(MINUTE) == [], "what was wrong before is no news"
    assert heart.signs == 3


async def test_a_clock_that_is_set_back_is_said_too(heart):
    await heart.beats(MINUTE)
    assert await heart.beats(-HOUR) == [
        f"INFO the clock went back by 1 h since the last look {SLEPT}"
    ]
    assert heart.signs == 2


async def test_rounds_that_end_no_more_are_an_error_after_some_minutes(heart):
    await heart.beats(MINUTE)
    for _ in range(2):
        assert BLIND not in await heart.beats(MINUTE, ended=False)
    assert BLIND in await heart.beats(MINUTE, ended=False)
    signs = heart.signs
    assert await heart.beats(MINUTE, ended=False) == []
    assert heart.signs == signs


async def test_a_fast_clock_does_not_make_a_round_late_that_takes_its_time(heart):
    """At sixty times the machine's speed a round of ten seconds lasts ten minutes of domain time:
    ten beats."""
    await heart.beats(MINUTE, seconds=1)
    for _ in range(10):
        assert BLIND not in await heart.beats(MINUTE, ended=False, seconds=1)
    assert BLIND in await heart.beats(MINUTE, ended=False, seconds=150)
