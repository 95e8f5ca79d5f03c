"""`[[permission]]` sections: what is taken, and what is refused in one sentence."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.permission_settings import PermissionSettings, unknown_holders
from bot.permissions import Right, Rule


def made(**told):
    return PermissionSettings.model_validate({"right": "approve", "who": ["everyone"]} | told)


def test_a_section_becomes_a_rule_about_the_channels_id():
    section = made(who=["person:Priya", "group:S0123"], channel="#integrations")
    assert section.rule({"#integrations": "C0123"}) == Rule(
        right=Right.APPROVE, who=("person:Priya", "group:S0123"), channel="C0123"
    )
    assert made().rule({}).channel is None


def test_a_channel_that_was_not_found_gives_nobody_anything():
    assert made(channel="#typo").rule({}).channel == "#typo"


@pytest.mark.parametrize(
    "told",
    [
        {"right": "fly"},
        {"who": []},
        {"who": ["Priya"]},
        {"who": ["group:integrations"]},
        {"who": ["person:"]},
        {"who": ["Everyone"]},
        {"channel": ""},
        {"chanel": "#x"},
    ],
    ids=str,
)
def test_what_is_refused(told):
    with pytest.raises(ValidationError):
        made(**told)


def test_people_and_teams_that_no_section_has_are_named():
    told = [
        {"right": "act", "who": ["person:Pria", "team:integrations", "everyone"]},
        {"right": "act", "who": ["team:x", "group:S0123"]},
        {"right": "act", "who": "person:nobody"},
        {"right": "act"},
    ]
    first, second = unknown_holders(told, ["Priya"], ["Integrations"])
    assert "'person:Pria', which is nobody; did you mean 'Priya'?" in first
    assert "'team:x', which is nobody; expected the name of a [[team]]" in second
