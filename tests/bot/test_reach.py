"""Who can be reached now through a target: people, those on call, groups, channels, pagers."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.escalation import read_target
from bot.incidents.model import Severity
from bot.people_settings import PersonSettings
from bot.reach import Reachable

NIGHT = datetime(2026, 11, 23, 23, tzinfo=UTC)
DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
USERS = {"Priya": "UPRIYA", "Omar": "UOMAR"}
PEOPLE = [
    PersonSettings(name="Priya", slack="UPRIYA"),
    PersonSettings(name="Omar", slack="UOMAR", pagers=("pd", "gone"), quiet="22:00-07:00"),
    PersonSettings(name="Nobody Linked", email="n@example.com"),
]
ON_CALL = {"integrations": ["Omar", "Priya"], "empty": []}
REACHABLE = Reachable(
    people={person.name.casefold(): person for person in PEOPLE},
    zone=ZoneInfo("UTC"),
    user_of=USERS.get,
    on_call=lambda db, name, now: ON_CALL.get(name, []),
    channels={"#ops": "slack/COPS"},
    pagers=frozenset({"pd"}),
)

CASES = {
    "a person": ("person:Priya", Severity.HIGH, NIGHT, ["UPRIYA"]),
    "a person, however it is written": ("person:PRIYA", Severity.HIGH, NIGHT, []),
    "a person with a pager that is set and one that is not": (
        "person:Omar", Severity.HIGH, DAY, ["UOMAR", "pager/pd"]),
    "a person in their quiet hours": ("person:Omar", Severity.HIGH, NIGHT, []),
    "a person in their quiet hours, when it is critical": (
        "person:Omar", Severity.CRITICAL, NIGHT, ["UOMAR", "pager/pd"]),
    "a person who has not linked themselves": ("person:Nobody Linked", Severity.HIGH, DAY, []),
    "a person who is gone": ("person:Sam", Severity.HIGH, DAY, []),
    "those on call": ("rota:integrations", Severity.HIGH, DAY, ["UOMAR", "pager/pd", "UPRIYA"]),
    "those on call who are not quiet": ("rota:integrations", Severity.HIGH, NIGHT, ["UPRIYA"]),
    "nobody on call": ("rota:empty", Severity.HIGH, DAY, []),
    "a rota that is gone": ("rota:gone", Severity.HIGH, DAY, []),
    "a group": ("group:S9", Severity.HIGH, NIGHT, ["S9"]),
    "a channel": ("channel:#ops", Severity.HIGH, NIGHT, ["slack/COPS"]),
    "a channel that is gone": ("channel:#gone", Severity.HIGH, NIGHT, []),
    "a pager": ("pager:pd", Severity.HIGH, NIGHT, ["pager/pd"]),
    "a pager that is gone": ("pager:gone", Severity.HIGH, NIGHT, []),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_through_it_are_reached(name, store):
    target, severity, now, expected = CASES[name]
    found = REACHABLE(store.db, read_target(target), severity, now)
    assert [each.id for each in found] == expected
