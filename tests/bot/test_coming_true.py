"""A warning that comes true is news: whoever took it or put it off did so before it happened."""

from __future__ import annotations

import pytest

from bot.incidents.events import Acknowledge, Snooze
from bot.incidents.model import Kind, Severity, State
from bot.incidents.routing import Route, Routing
from bot.slack.render.entries import say_entry
from checks.model import FORESEEN, Level
from tests.bot.response_scene import (
    ALEX,
    HERE,
    HOUR,
    MINUTE,
    NIGHT,
    NOON,
    Scene,
    rules,
    verdict,
)

ROUTING = Routing(
    home=HERE,
    policy="night",
    policies={"night": NIGHT},
    teams={},
    routes=(Route(group_by=("system",)),),
)
AHEAD = {"level": Level.EARLY, "signal": FORESEEN, "expected_at": NOON + 3 * HOUR}
HAPPENED = {"signal": "refused", "sentence": "1 run failed."}
SNOOZE, TAKE = Snooze(until=NOON + 9 * HOUR), Acknowledge()


@pytest.fixture
def scene(tmp_path):
    opened = Scene(tmp_path / "seamwatch.db", rules=rules(routing=ROUTING))
    yield opened
    opened.check_replays()
    opened.close()


def of(subject, **more):
    return verdict(subject, facts={"system": "netsuite"}, **more)


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        pytest.param(SNOOZE, "; the snooze is over: 1 run failed.", id="snoozed"),
        pytest.param(TAKE, "; nobody has it in hand now: 1 run failed.", id="in hand"),
    ],
)
def test_what_is_as_grave_as_it_was_foreseen_is_told_anew_when_it_happens(scene, deed, said):
    scene.see(verdict(**AHEAD))
    assert scene.incident().severity is Severity.HIGH
    scene.do(deed, ALEX)
    scene.tick(3 * HOUR)
    scene.send_all()
    before = len(scene.messages())
    scene.see(verdict(**HAPPENED))
    scene.tick()
    assert scene.kinds()[-2:] == [Kind.CAME_TRUE, Kind.ESCALATED]
    assert (scene.incident().state, scene.incident().severity) == (State.TRIGGERED, Severity.HIGH)
    told = scene.messages()[before:]
    assert [each for each in told if each.startswith("root dm/")] == [
        "root dm/UALEX",
        "root dm/UPRIYA",
    ]
    assert {f"edit {HERE}", f"line {HERE}"} <= set(told)
    entry = next(each for each in scene.timeline() if each.kind is Kind.CAME_TRUE)
    assert say_entry(entry) == f"It is more than a warning now{said}"


def test_what_nobody_has_yet_begins_its_policy_anew(scene):
    scene.see(verdict(**AHEAD))
    scene.pass_by(HOUR)
    told = len(scene.told())
    scene.see(verdict(**HAPPENED))
    scene.tick()
    assert scene.told()[told:] == ["Priya (step 1 of 2 of night)"]


def test_what_goes_on_happening_is_told_once(scene):
    scene.see(verdict(**AHEAD))
    scene.see(verdict(**HAPPENED))
    scene.do(SNOOZE, ALEX)
    entries = len(scene.timeline())
    for _ in range(3):
        scene.tick(MINUTE)
        scene.see(verdict(**HAPPENED))
    assert len(scene.timeline()) == entries
    assert scene.incident().state is State.SNOOZED


def test_a_warning_that_only_looks_different_wakes_nobody(scene):
    scene.see(verdict(**AHEAD))
    scene.do(SNOOZE, ALEX)
    scene.see(verdict(**AHEAD | {"signal": "nearly"}))
    assert (scene.kinds()[-1], scene.incident().state) == (Kind.TURNED, State.SNOOZED)


def test_a_rise_that_ends_a_snooze_says_so(scene):
    scene.see(verdict(**AHEAD))
    scene.do(SNOOZE, ALEX)
    scene.see(verdict(**HAPPENED, critical=True))
    risen = next(each for each in scene.timeline() if each.kind is Kind.WORSENED)
    assert say_entry(risen) == "Severity rose to critical; the snooze is over: 1 run failed."


@pytest.mark.parametrize("first", ["a", "b", "joins"])
def test_of_a_group_the_first_that_happens_is_told_and_no_other(scene, first):
    scene.see(of("a", **AHEAD), of("b", **AHEAD))
    scene.do(SNOOZE, ALEX)
    scene.see(of(first, **HAPPENED))
    assert scene.incident().state is State.TRIGGERED
    scene.do(TAKE, ALEX)
    scene.see(of("a", **HAPPENED), of("b", **HAPPENED), of("joins", **HAPPENED))
    assert scene.incident().state is State.ACKNOWLEDGED
    assert scene.kinds().count(Kind.CAME_TRUE) == 1
