"""Who may do what: the defaults, the rules, and refusals that say what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.permissions import ALLOWED, Asker, Right, Rule, groups_of, may

HERE, THERE = "C0HERE", "C0THERE"
STRANGER = Asker(user_id="U0SAM", channel=HERE)
PRIYA = Asker(user_id="U0PRIYA", channel=HERE, person="Priya", teams=frozenset({"integrations"}))
LEAD = Asker(user_id="U0LEA", channel=HERE, groups=frozenset({"S0LEADS"}))
UNASKED = Asker(user_id="U0SAM", channel=HERE, groups=None)


def rule(*who, right=Right.SILENCE, channel=None):
    return Rule(right=right, who=who, channel=channel)


@pytest.mark.parametrize("right", [right for right in Right if right is not Right.APPROVE])
def test_without_rules_every_full_member_may(right):
    assert may(STRANGER, right, ()) is ALLOWED


def test_without_rules_only_somebody_in_the_settings_may_approve():
    assert may(PRIYA, Right.APPROVE, ()) is ALLOWED
    said = may(STRANGER, Right.APPROVE, ())
    assert not said.allowed
    assert "Approving needs somebody who stands in a [[person]] section" in said.because
    assert "/seam link" in said.because


@pytest.mark.parametrize(
    ("asker", "who", "allowed"),
    [
        (STRANGER, ["everyone"], True),
        (STRANGER, ["people"], False),
        (PRIYA, ["people"], True),
        (PRIYA, ["person:Priya"], True),
        (PRIYA, ["person:priya"], True),
        (PRIYA, ["person:Omar"], False),
        (PRIYA, ["team:Integrations"], True),
        (PRIYA, ["team:finance"], False),
        (LEAD, ["group:S0LEADS"], True),
        (PRIYA, ["group:S0LEADS"], False),
        (PRIYA, ["person:Omar", "team:integrations"], True),
        (UNASKED, ["group:S0LEADS"], False),
        (UNASKED, ["group:S0LEADS", "everyone"], True),
        (PRIYA, ["nonsense"], False),
        (PRIYA, ["person:"], False),
    ],
    ids=lambda value: value.user_id if isinstance(value, Asker) else str(value),
)
def test_who_a_rule_lets_in(asker, who, allowed):
    said = may(asker, Right.SILENCE, [rule(*who)])
    assert said.allowed is allowed
    assert allowed or said.because.endswith(".")


def test_a_rule_restricts_its_own_right_only():
    assert may(STRANGER, Right.ACKNOWLEDGE, [rule("person:Priya")]) is ALLOWED


def test_several_rules_for_a_right_add_up():
    rules = [rule("person:Omar"), rule("person:Priya")]
    assert may(PRIYA, Right.SILENCE, rules) is ALLOWED


def test_rules_for_a_channel_take_the_place_of_the_general_ones_there():
    rules = [rule("everyone"), rule("person:Omar", channel=HERE)]
    assert not may(PRIYA, Right.SILENCE, rules).allowed
    assert may(replace(PRIYA, channel=THERE), Right.SILENCE, rules) is ALLOWED


def test_where_a_right_has_rules_for_other_channels_only_nobody_has_it():
    rules = [rule("everyone", channel=THERE)]
    said = may(replace(PRIYA, called={THERE: "#payments"}), Right.SILENCE, rules)
    assert not said.allowed
    assert "allowed only for #payments" in said.because
    assert may(replace(PRIYA, channel=THERE), Right.SILENCE, rules) is ALLOWED


def test_who_asks_in_no_channel_gains_nothing_by_it():
    rules = [rule("everyone", channel=THERE)]
    assert not may(replace(PRIYA, channel=""), Right.SILENCE, rules).allowed


def test_a_refusal_names_everybody_who_could():
    rules = [rule("person:Omar", "team:finance", "group:S0LEADS", right=Right.APPROVE)]
    asker = replace(PRIYA, called={"S0LEADS": "@integrations-leads"})
    assert may(asker, Right.APPROVE, rules).because == (
        "Approving needs one of: Omar, the team finance, @integrations-leads. Ask one of them, or "
        'have whoever runs Seamwatch add you under [[permission]] right = "approve".'
    )


def test_a_refusal_for_one_person_names_that_one():
    said = may(PRIYA, Right.RESOLVE, [rule("person:Omar", right=Right.RESOLVE)])
    assert said.because.startswith("Resolving needs Omar. ")


def test_a_group_that_cannot_be_asked_about_refuses_and_says_so():
    said = may(UNASKED, Right.SILENCE, [rule("group:S0LEADS")])
    assert "Slack does not tell me" in said.because
    assert "try again" in said.because


def test_only_the_groups_that_decide_have_to_be_asked_about():
    rules = [
        rule("group:S0ONE", "everyone"),
        rule("group:S0TWO", channel=HERE),
        rule("group:S0THREE", right=Right.NOTE),
    ]
    assert groups_of(Right.SILENCE, HERE, rules) == {"S0TWO"}
    assert groups_of(Right.SILENCE, THERE, rules) == {"S0ONE"}
    assert groups_of(Right.ACKNOWLEDGE, HERE, rules) == frozenset()


TARGETS = st.sampled_from(["everyone", "people", "person:Priya", "person:Omar", "team:integrations",
                           "team:finance", "group:S0LEADS", "group:S0OTHER"])  # fmt: skip
RULES = st.lists(
    st.builds(
        Rule,
        right=st.sampled_from(Right),
        who=st.lists(TARGETS, min_size=1).map(tuple),
        channel=st.sampled_from([None, HERE, THERE]),
    ),
    max_size=6,
)


@given(st.sampled_from([STRANGER, PRIYA, LEAD, UNASKED]), st.sampled_from(Right), RULES)
def test_a_refusal_always_says_why_in_one_go(asker, right, rules):
    said = may(asker, right, rules)
    assert said.allowed != bool(said.because)
    assert said.allowed or said.because.startswith(right.doing)


@given(st.sampled_from(Right), RULES)
def test_not_knowing_the_groups_never_gives_more_than_being_in_none(right, rules):
    blind, none = may(UNASKED, right, rules), may(STRANGER, right, rules)
    assert none.allowed == blind.allowed
