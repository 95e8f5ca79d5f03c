"""kill -9 while incidents stand: in the middle of an escalation, and while many messages change."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bot.incidents.announcing import Noise
from bot.incidents.events import Acknowledge
from bot.store import lease
from bot.transitions import resume
from tests.bot.response_scene import ALEX, MINUTE, Scene, rules, verdict
from tests.faults.dying_later import Channel
from tests.faults.scene import sending, until_all_is_sent

pytestmark = pytest.mark.process
ROOT = Path(__file__).parents[2]
MANY = 30


@pytest.fixture
def scene(tmp_path):
    opened = Scene(tmp_path / "seamwatch.db")
    yield opened
    opened.check_replays()
    opened.close()


def killed(scene: Scene, *what: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tests.faults.dying_later", str(scene.path), *what],
        cwd=ROOT,
        timeout=60,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("fatal", "stands"),
    [
        ("UPDATE ON handling", 1),
        ("INSERT ON timeline", 1),
        ("INSERT ON outbox", 1),
        ("", 2),
    ],
    ids=["as it counts the step", "as it writes it down", "as it intends the message", "after it"],
)
def test_killed_in_an_escalation_the_step_is_told_once(scene, fatal, stands):
    scene.see(verdict())
    killed(scene, "escalation", fatal)
    assert len(scene.told()) == stands, "it died where it was meant to"
    scene.at += 10 * MINUTE
    resume(scene.store, MINUTE, scene.rules, scene.at)
    for _ in range(3):
        scene.tick(MINUTE)
    assert [each.split(" (")[0] for each in scene.told()] == ["Priya", "Alex, pd"]
    assert scene.messages().count("page pager/pd") == 1


async def test_killed_among_many_edits_each_message_stands_once_as_it_is_in_the_end(
    tmp_path, outside, hurried
):
    scene = Scene(tmp_path / "seamwatch.db", rules(None, noise=Noise(storm=MANY + 1)))
    scene.see_all(MANY)
    channel = Channel(outside.path, store=scene.store)
    async with sending(scene.store, channel):
        await until_all_is_sent(scene.store)
    for number in range(1, MANY + 1):
        scene.do(Acknowledge(), ALEX, incident_id=number)
    killed(scene, "edits", str(outside.path))
    assert sum("acknowledged" in each for each in outside.standing()) == 10, "in the middle"
    lease.take_lease(scene.store, lease.this_process())
    async with sending(scene.store, channel):
        await until_all_is_sent(scene.store)
    told = [f"#{number} acknowledged" for number in range(1, MANY + 1)]
    assert outside.standing() == sorted([*told, *["line"] * MANY])
    scene.close()
