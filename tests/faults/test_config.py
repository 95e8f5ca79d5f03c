"""Policies that would tell nobody, or lead back to themselves."""

from __future__ import annotations

import pytest

from bot.faults import SettingsRefused

POLICY = """
[[policy]]
name = "night"
fallback = {fallback}
{step}
"""
STEP = '[[policy.step]]\ntell = ["{}"]'

REFUSED = {
    "without a step": ('["channel:#ops"]', "", "policy[1].step"),
    "with a step that tells nobody": (
        '["channel:#ops"]', "[[policy.step]]\ntell = []", "policy[1].step[1].tell",
    ),
    "without a fall-back": ("[]", STEP.format("group:S0123"), "policy[1].fallback"),
    "that leads to itself": ('["channel:#ops"]', STEP.format("policy:night"), "person:NAME"),
    "that falls back to itself": ('["policy:night"]', STEP.format("group:S0123"), "person:NAME"),
}  # fmt: skip


@pytest.mark.parametrize(("fallback", "step", "named"), REFUSED.values(), ids=REFUSED.keys())
def test_a_policy_is_refused(load, fallback, step, named):
    with pytest.raises(SettingsRefused) as refused:
        load(POLICY.format(fallback=fallback, step=step))
    [fault] = refused.value.faults
    assert named in str(fault)
    assert "expected" in str(fault)
