"""What is over tells its moments so that they hold whenever it is read."""

from __future__ import annotations

import pytest

from bot.incidents.events import Open, Resolve
from bot.incidents.model import Actor, Severity
from bot.slack.render.incident import incident_message
from bot.slack.render.text import when
from tests.bot.slack.scene import NOON, PRIYA, view_of, words_of

BEGAN = {
    "minutes": ("3 runs failed, the first 50 min ago.", "3 runs failed, the first 50 min before."),
    "two units": ("It last started 1 h 5 min ago.", "It last started 1 h 5 min before."),
    "days": ("It ended 12 d ago.", "It ended 12 d before."),
    "several": ("30 s ago; good 2 h ago.", "30 s before; good 2 h before."),
    "no moment": ("Not so long ago 4 runs failed.", "Not so long ago 4 runs failed."),
}


@pytest.mark.parametrize("name", BEGAN)
def test_what_it_began_with_is_told_as_of_then(name):
    said, meant = BEGAN[name]
    resolve = (Resolve(), Actor(who=PRIYA, via="button"), 30)
    view = view_of(opening=Open(severity=Severity.HIGH, reason=said), events=[resolve])
    assert f"It began with: {meant} · {when(NOON)}" in words_of(incident_message(view))
