"""What whoever comes on call is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings

from bot.incidents.handovers import Handover
from bot.incidents.matchers import read_matchers
from bot.incidents.model import State
from bot.incidents.silences import Silence
from bot.inventory import JudgedCredential, Register
from bot.oncall.handover import brief
from bot.slack.render.handover import handover_message
from checks.credentials import Held, Holder, KnownBy
from checks.model import Level
from tests.bot.slack.scene import (
    ALEX,
    NOON,
    PRIYA,
    alert_of,
    assert_slack_takes,
    hostile,
    view_of,
    words_of,
)

HOUR = timedelta(hours=1)
AT = NOON + 3 * HOUR
HANDOVER = Handover(
    rota="integrations", at=AT, ending=("Alex",), starting=("Priya",), until=AT + 24 * HOUR
)
USERS = {"Priya": PRIYA}


def held(system, hours, **more):
    told = {"id": system, "system": system, "what": "access token", "ends_at": AT + hours * HOUR}
    fixed = {"holder": Holder.PLATFORM, "known_by": KnownBy.READ}
    return JudgedCredential(held=Held(**(told | fixed | more)), level=Level.OK)


REGISTER = Register(
    at=NOON,
    credentials=(
        held("later", 25),
        held("in the shift", 5),
        held("renews", 6, renews_itself=True),
        held("over", -1),
        held("first", 1),
    ),
)


def silence(since, until, reason="stock take", text="system=netsuite"):
    matchers = read_matchers(text)[0]
    span = {"since": AT + since * HOUR, "until": AT + until * HOUR}
    return Silence(id=7, matchers=matchers, by=ALEX, reason=reason, **span)


def told(handover=HANDOVER, incidents=(), alerts=None, silences=(), register=None):
    shown = handover_message(brief(handover, USERS, incidents, alerts or {}, silences, register))
    assert_slack_takes(shown)
    return words_of(shown)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, f"<@{PRIYA}> takes over *integrations* from Alex until <!date^"),
        ({"ending": ()}, f"<@{PRIYA}> is on call for *integrations* now until"),
        (
            {"ending": (), "staying": ("Alex",), "until": None},
            f"<@{PRIYA}> is on call for *integrations* now, beside Alex.",
        ),
        ({"starting": ("Priya", "Kim")}, f"<@{PRIYA}> and Kim take over *integrations* from Alex"),
        (
            {"starting": (), "staying": ("Priya",)},
            "Alex is off call for *integrations*; Priya still is on call until",
        ),
        ({"starting": ()}, "Alex is off call for *integrations*; *nobody is on call* until"),
    ],
)
def test_the_first_sentence_says_who_takes_over(change, sentence):
    assert sentence in told(replace(HANDOVER, **change))


def test_when_there_is_nothing_to_know_it_says_so():
    assert "Nothing is open, silenced or about to end." in told()


def test_it_tells_what_is_open_since_when_and_in_whose_hand():
    views = [view_of(State.TRIGGERED), view_of(State.ACKNOWLEDGED), view_of(State.SNOOZED)]
    open_ones = [
        replace(view.incident, id=number) for number, view in zip((42, 43, 44), views, strict=True)
    ]
    shown = told(incidents=open_ones, alerts={42: [alert_of()]})
    assert "3 open incidents, 0 silences, 0 expiries in the shift." in shown
    assert "*#42* high, triggered, 3 h: Nothing has started for 2 min" in shown
    assert f"*#43* high, acknowledged by <@{PRIYA}>, 3 h" in shown
    assert "*#44* high, snoozed until <!date^" in shown


def test_it_tells_the_silences_that_hold_then():
    silences = [silence(-1, 1), replace(silence(-3, -1), id=8), replace(silence(1, 2), id=9)]
    shown = told(silences=silences)
    assert "1 silence" in shown
    assert "silence 7: system=netsuite until <!date^" in shown
    assert f"<@{ALEX}>: stock take" in shown
    assert "silence 8" not in shown
    assert "silence 9" not in shown


def test_it_tells_what_ends_in_the_shift_and_does_not_renew_itself():
    shown = told(register=REGISTER)
    assert "2 expiries in the shift" in shown
    assert shown.index("first, access token") < shown.index("in the shift, access token")
    assert "later" not in shown
    assert "renews" not in shown


@settings(max_examples=30, deadline=None)
@given(hostile, hostile)
def test_hostile_names_and_sentences_reach_slack_as_text(name, sentence):
    nasty = replace(HANDOVER, rota=name, ending=(name,), starting=(sentence,), staying=(name,))
    incident = replace(view_of().incident, holder=None)
    alerts = {42: [alert_of(sentence=sentence)]}
    register = Register(at=NOON, credentials=(held(name, 1, what=sentence),))
    shown = told(nasty, [incident], alerts, [silence(-1, 1, reason=sentence or "x")], register)
    assert "<!channel>" not in shown
