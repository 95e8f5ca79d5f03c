"""Permissions, silences and maintenance in a whole settings file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.faults import SettingsRefused
from bot.permissions import Right
from bot.settings import load_settings

START = """
[estate]
name = "Acme Outdoors"
timezone = "Europe/London"
[slack]
token = "env:BOT_TOKEN"
app_token = "env:APP_TOKEN"
channel = "#integrations"
[patchworks]
api_key = "env:API_KEY"
"""
ENVIRON = {"BOT_TOKEN": "xoxb-secret", "APP_TOKEN": "xapp-secret", "API_KEY": "pw-secret"}

TOLD = """
[[policy]]
name = "night"
fallback = ["channel:#ops"]
[[policy.step]]
tell = ["{}"]
"""


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "seamwatch.toml"
        path.write_text(START + text)
        return load_settings(path, ENVIRON)

    return load


def test_sections_of_every_kind_are_taken(load):
    found = load("""
[[permission]]
right = "approve"
who = ["people", "group:S0123"]
[[silence]]
name = "stock take"
matchers = 'system=netsuite flow=~"Stock.*"'
until = 2027-01-05T09:00:00
reason = "counting all shops"
[[maintenance]]
name = "Sunday backup"
hours = "Sun 01:00-05:00"
reason = "weekly backup"
""")
    assert found.permission[0].right is Right.APPROVE
    silence = found.silence[0].silence(found.estate.zone)
    assert silence.until == datetime(2027, 1, 5, 9, tzinfo=UTC)
    window = found.maintenance[0].maintenance(found.estate.zone).window
    assert window.under_way(datetime(2026, 7, 5, 0, 30, tzinfo=UTC)) is not None


@pytest.mark.parametrize(
    ("section", "said"),
    [
        (
            '[[person]]\nname = "Kim"\nemail = "not-an-email"',
            'expected an e-mail address such as "alex@example.com"',
        ),
        ('[[person]]\nname = "Kim"\nslack = "kim"', 'expected a Slack user id such as "U0123ABCD"'),
        ('[[team]]\nname = "a"\nchannel = "nohash"', 'expected a channel such as "#nohash"'),
        ('[[route]]\nchannel = "nohash"', 'expected a channel such as "#nohash"'),
        (TOLD.format("channel:nohash"), "'channel:nohash' names no channel: expected a channel"),
        (TOLD.format("group:oncall"), "'group:oncall' names no user group: expected the group's"),
    ],
    ids=[
        "e-mail",
        "account",
        "channel of a team",
        "channel of a route",
        "channel of a policy",
        "group of a policy",
    ],
)
def test_what_has_not_its_form_is_told_with_an_example(load, section, said):
    with pytest.raises(SettingsRefused) as refused:
        load(section)
    assert said in str(refused.value)
    assert "another form" not in str(refused.value)


def test_every_fault_is_told_at_once(load):
    with pytest.raises(SettingsRefused) as refused:
        load("""
[[permission]]
right = "fly"
who = ["person:Nobody"]
[[silence]]
name = "a"
matchers = "sytem=x"
reason = "y"
[[silence]]
name = "A"
matchers = "system=x"
reason = "y"
until = 2027-01-05
[[maintenance]]
name = "m"
reason = "y"
hours = "always"
cron = "no"
""")
    told = str(refused.value)
    for sentence in (
        "permission[1].right",
        "[[permission]] who has 'person:Nobody', which is nobody",
        "did you mean system?",
        "silence[1].until: missing",
        "[[silence]] name 'a' stands more than once",
        "expected hours such as",
        "expected cron and length together",
        "expected one of: hours; cron and length; since and until",
    ):
        assert sentence in told, sentence


FAULTS = {
    "a holder nobody has": ('[[permission]]\nright = "act"\nwho = ["everybody"]', "'everybody'"),
    "an unknown label": ('[[route]]\ngroup_by = ["colour"]', "there is no label 'colour'"),
    "an unknown check": ('[[route]]\nmatch = "check=nosuch"', "the check 'nosuch'"),
    "a route for all before others": (
        '[[route]]\nchannel = "#a"\n[[route]]\nmatch = "system=a"',
        "[[route]] 1 has no match",
    ),
    "no time to answer": ('[response]\nanswer_within = "0s"', "at least 1m"),
    "asked all the time": ('[response]\nremind_after = "5m"', "at least 10m"),
    "told late": ('[response]\ngroup_wait = "2h"', "at most 1h"),
    "an empty team": ('[[team]]\nname = "night"', "[[team]] 'night' is empty"),
}


@pytest.mark.parametrize(("text", "sentence"), FAULTS.values(), ids=FAULTS.keys())
def test_what_would_never_do_anything_is_refused(load, text, sentence):
    with pytest.raises(SettingsRefused) as refused:
        load(text)
    [fault] = refused.value.faults
    assert sentence in str(fault)
    assert "not shown" not in str(fault)


def test_a_faulty_step_is_not_said_to_be_missing(load):
    with pytest.raises(SettingsRefused) as refused:
        load("""
[[policy]]
name = "night"
fallback = ["channel:#ops"]
[[policy.step]]
tell = ["group:S0123"]
at_least = "grave"
""")
    [fault] = refused.value.faults
    assert str(fault).startswith("policy[1].step[1].at_least: found 'grave'; expected one of low")
