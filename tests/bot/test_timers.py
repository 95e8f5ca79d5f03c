"""Time alone: one tick is one transaction, what was missed is made up for, a kill loses nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.incidents.events import Acknowledge, Confirm, Snooze
from bot.incidents.model import Kind, State
from bot.timers import EVERY, LOOK_AGAIN, Timers
from bot.transitions import resume
from checks.model import Level
from tests.bot.response_scene import ALEX, HERE, HOUR, MINUTE, NOON, PRIYA, Scene, verdict


@pytest.fixture
def scene(tmp_path):
    opened = Scene(tmp_path / "seamwatch.db")
    yield opened
    opened.check_replays()
    opened.close()


def test_the_holder_is_asked_and_an_answer_begins_the_time_anew(scene):
    scene.see(verdict())
    scene.do(Acknowledge(), ALEX)
    scene.pass_by(3 * HOUR, 30 * MINUTE)
    assert scene.kinds()[-1] is Kind.REMINDED
    assert scene.messages()[-1] == "root dm/UALEX"
    scene.do(Confirm(), ALEX)
    scene.pass_by(3 * HOUR - MINUTE, 30 * MINUTE)
    assert scene.kinds().count(Kind.REMINDED) == 1
    assert scene.incident().holder == "UALEX"


def test_a_snooze_ends_with_its_time_and_the_snoozer_is_told_before_anybody(scene):
    scene.see(verdict())
    scene.do(Snooze(until=NOON + HOUR), ALEX)
    before = len(scene.messages())
    scene.pass_by(HOUR)
    assert scene.incident().state is State.TRIGGERED
    woken = [message for message in scene.messages()[before:] if message.startswith("root dm/")]
    assert woken == ["root dm/UALEX", "root dm/UPRIYA"]
    assert scene.kinds()[-2:] == [Kind.WOKEN, Kind.ESCALATED]


def test_what_was_due_while_nothing_ran_is_told_once_and_time_goes_on_from_then(scene):
    scene.see(verdict())
    scene.tick(5 * HOUR)
    assert len(scene.told()) == 2
    assert scene.handling().escalation.next_at == scene.at + 15 * MINUTE


def test_ticks_without_anything_due_write_nothing(scene):
    scene.see(verdict(level=Level.EARLY))
    scene.muted["quiet"] = None
    scene.see(verdict("quiet"))
    before = everything(scene)
    scene.pass_by(HOUR, 10 * MINUTE)
    assert everything(scene) == before


class Asked:
    """Timers that go on, and how often they ask whether one incident is silenced."""

    def __init__(self, scene) -> None:
        self.scene, self.times, mute = scene, 0, scene.rules.mute

        def counted(*asked):
            self.times += 1
            return mute(*asked)

        rules = replace(
            scene.rules, mute=counted, in_force=lambda _db, _now: frozenset(scene.muted)
        )
        self._timers = Timers(scene.store, scene, rules, lambda: None)

    def at_the_next_tick(self, later: timedelta = EVERY) -> int:
        self.times = 0
        self.scene.at += later
        self._timers.run_due()
        return self.times


def test_while_nothing_is_silenced_nobody_is_asked_whether_they_are(scene):
    scene.see_all(30)
    asked = Asked(scene)
    asked.at_the_next_tick()
    assert asked.at_the_next_tick() == 10, "those that the summary of a storm tells"
    assert asked.at_the_next_tick(2 * MINUTE) == 10


def test_what_waits_is_looked_at_when_a_silence_begins_and_ends_and_each_minute(scene):
    scene.see_all(5)
    asked = Asked(scene)
    asked.at_the_next_tick()
    scene.muted["q1"] = None
    assert asked.at_the_next_tick() == 5
    assert scene.handling(2).held
    assert asked.at_the_next_tick() == 0
    assert asked.at_the_next_tick(LOOK_AGAIN) == 5
    scene.muted.clear()
    asked.at_the_next_tick()
    assert not scene.handling(2).held


def test_a_silence_that_begins_is_felt_though_the_clock_went_back(scene):
    scene.see_all(2)
    scene.muted["q0"] = None
    asked = Asked(scene)
    asked.at_the_next_tick()
    scene.muted["q1"] = None
    asked.at_the_next_tick(-HOUR)
    assert scene.handling(2).held


def everything(scene):
    tables = ("incidents", "handling", "timeline", "outbox", "storms", "watchpoints")
    return [list(scene.store.db.table(name).rows) for name in tables]


async def test_a_tick_wakes_the_outbox(scene):
    woken = []
    scene.see(verdict())
    scene.at += 10 * MINUTE
    await Timers(scene.store, scene, scene.rules, lambda: woken.append(1)).tick()
    assert (len(scene.told()), woken) == (2, [1])


FATAL = ["UPDATE ON handling", "INSERT ON outbox", "INSERT ON timeline", "UPDATE ON incidents"]


@pytest.mark.parametrize("fatal", FATAL)
def test_a_tick_that_dies_half_way_leaves_nothing_and_the_next_does_it_all(fatal, scene, tmp_path):
    """As a kill would: what was not committed is not there."""
    scene.see(verdict())
    before = (scene.timeline(), scene.messages(), scene.handling())
    db = scene.store.db
    db.execute(f"CREATE TEMP TRIGGER dies AFTER {fatal} BEGIN SELECT RAISE(ABORT, 'the plug'); END")
    scene.at += 10 * MINUTE
    with pytest.raises(Exception, match="the plug"):
        scene.tick()
    again = scene.restarted(tmp_path)
    assert (again.timeline(), again.messages(), again.handling()) == before
    db.execute("DROP TRIGGER dies")
    resume(again.store, 5 * MINUTE, again.rules, again.at)
    again.tick(MINUTE)
    again.tick(timedelta(seconds=5))
    assert again.told() == ["Priya (step 1 of 2 of night)", "Alex, pd (step 2 of 2 of night)"]
    assert again.messages().count("page pager/pd") == 1
    again.close()


def test_a_kill_between_two_steps_neither_repeats_nor_leaves_out_one(scene, tmp_path):
    scene.see(verdict())
    told = 1
    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        again = scene.restarted(folder)
        resume(again.store, 5 * MINUTE, again.rules, again.at)
        again.pass_by(9 * MINUTE)
        assert len(again.told()) in (told, told + 1)
        again.close()
        scene.pass_by(10 * MINUTE)
        told = len(scene.told())
    assert scene.told() == [
        "Priya (step 1 of 2 of night)",
        "Alex, pd (step 2 of 2 of night)",
        "#ops (nobody has taken it)",
    ]


def test_somebody_elses_message_is_edited_when_it_lapses(scene):
    scene.see(verdict())
    scene.do(Acknowledge(), PRIYA)
    before = len(scene.messages())
    scene.pass_by(4 * HOUR, 10 * MINUTE)
    said = scene.messages()[before:]
    assert f"edit {HERE}" in said
    assert f"line {HERE}" in said
