"""What is done on a paging service stands in the timeline by a name that people recognise."""

from __future__ import annotations

import pytest

from bot.hearing import hear
from bot.incidents.events import Acknowledge
from bot.paging.model import Heard, HeardAct
from bot.slack.render.entries import say_entry
from tests.bot.response_scene import HERE, NOON, Scene, verdict

SAID = {
    "somebody there": ("Mia Ortiz", "Given back by Mia Ortiz (pagerduty): nobody has it in hand"),
    "the service itself": ("PagerDuty", "Given back by PagerDuty: nobody has it in hand"),
}


@pytest.mark.parametrize("name", SAID)
def test_who_gave_it_back_is_said_once(name, tmp_path):
    who, said = SAID[name]
    scene = Scene(tmp_path / "seamwatch.db")
    scene.see(verdict())
    scene.do(Acknowledge())
    told = Heard(
        pager="pagerduty",
        incident_key="main",
        incident_id=1,
        act=HeardAct.UNACKNOWLEDGE,
        who=who,
        at=NOON,
    )
    hear(scene.store, scene, HERE, lambda: None, told)
    assert said in [say_entry(entry) for entry in scene.timeline()]
    scene.close()
