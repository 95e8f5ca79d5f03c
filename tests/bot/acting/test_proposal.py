"""Who may decide on a proposal and when, as tables; and what its attempts add up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.acting.proposal import (
    Approval,
    Attempt,
    Came,
    Deed,
    Draft,
    Proposal,
    Stage,
    Target,
    Why,
    lapses,
    objection,
    outcome,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)
SECOND, ALONE = Approval.SECOND_PERSON, Approval.CONFIRM_WITH_REASON
TARGET = Target(flow_id="7", flow_name="Orders", run_id="81")
PROPOSAL = Proposal(
    id=7,
    version=1,
    stage=Stage.PENDING,
    draft=Draft(deed=Deed.REPLAY, targets=(TARGET,), preview=("Does it.",)),
    approval=SECOND,
    proposer="U0PRIYA",
    proposed_at=NOON,
    expires_at=NOON + HALF_HOUR,
)
LONE = replace(PROPOSAL, approval=ALONE)
WHY = "nobody else is awake"


@pytest.mark.parametrize(
    ("proposal", "who", "reason", "required", "after", "seen", "expected"),
    [
        (PROPOSAL, "U0ALEX", "", SECOND, 0, 1, None),
        (PROPOSAL, "U0ALEX", "", SECOND, 0, None, None),
        (PROPOSAL, "U0PRIYA", WHY, SECOND, 0, 1, Why.OWN),
        (PROPOSAL, "U0PRIYA", WHY, ALONE, 0, 1, Why.OWN),
        (LONE, "U0PRIYA", WHY, SECOND, 0, 1, Why.OWN),
        (LONE, "U0PRIYA", WHY, ALONE, 0, 1, None),
        (LONE, "U0PRIYA", " short  ", ALONE, 0, 1, Why.NO_REASON),
        (LONE, "U0ALEX", "", ALONE, 0, 1, None),
        (PROPOSAL, "U0ALEX", "", SECOND, 29, 1, None),
        (PROPOSAL, "U0ALEX", "", SECOND, 30, 1, Why.LATE),
        (PROPOSAL, "U0ALEX", "", SECOND, 0, 2, Why.CHANGED),
        (replace(PROPOSAL, stage=Stage.APPROVED), "U0ALEX", "", SECOND, 0, 1, Why.DECIDED),
        (replace(PROPOSAL, stage=Stage.EXPIRED), "U0ALEX", "", SECOND, 50, 1, Why.DECIDED),
    ],
    ids=[
        "a second person",
        "a second person by command",
        "one's own",
        "one's own, proposed when two were needed",
        "one's own, now that two are needed",
        "one's own with a reason",
        "one's own with too little reason",
        "another, alone or not",
        "in the last minute",
        "when it has lapsed",
        "by an old button",
        "when it was approved already",
        "when it lapsed long ago",
    ],
)
def test_what_stands_against_an_approval(proposal, who, reason, required, after, seen, expected):
    now = NOON + timedelta(minutes=after)
    assert objection(proposal, who, reason, required, now, seen_version=seen) is expected


@given(
    st.sampled_from(Stage),
    st.sampled_from(Approval),
    st.sampled_from(Approval),
    st.sampled_from(["U0PRIYA", "U0ALEX"]),
    st.text(max_size=30),
    st.integers(0, 60),
)
def test_an_own_approval_is_only_ever_let_through_alone_and_with_a_reason(
    stage, made_under, required, who, reason, minutes
):
    proposal = replace(PROPOSAL, stage=stage, approval=made_under)
    now = NOON + timedelta(minutes=minutes)
    if objection(proposal, who, reason, required, now) is None:
        assert stage is Stage.PENDING
        assert now < proposal.expires_at
        assert who != "U0PRIYA" or (made_under is required is ALONE and reason.strip())


def test_an_approved_proposal_lapses_with_its_time_and_with_stricter_rules():
    approved = replace(LONE, stage=Stage.APPROVED, approver="U0PRIYA")
    assert lapses(approved, ALONE, NOON) == ""
    assert "second person" in lapses(approved, SECOND, NOON)
    assert "expired" in lapses(approved, ALONE, NOON + HALF_HOUR)
    assert "nobody" in lapses(LONE, ALONE, NOON)


@pytest.mark.parametrize(
    ("came", "expected"),
    [
        ([Came.DONE], Stage.EXECUTED),
        ([Came.DONE, Came.DONE], Stage.EXECUTED),
        ([Came.DONE, Came.FAILED], Stage.FAILED),
        ([Came.DONE, Came.UNKNOWN, Came.FAILED], Stage.UNKNOWN),
        ([Came.INTENDED], Stage.UNKNOWN),
        ([], Stage.FAILED),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else str(value),
)
def test_what_attempts_add_up_to(came, expected):
    attempts = [
        Attempt(proposal_id=7, target=number, came=each, sent_at=NOON)
        for number, each in enumerate(came)
    ]
    assert outcome(attempts) is expected


def test_a_subject_does_not_depend_on_the_order_of_its_runs():
    other = replace(TARGET, run_id="82")
    one = replace(PROPOSAL.draft, targets=(TARGET, other))
    assert one.subject == replace(one, targets=(other, TARGET)).subject == "replay 81 82"
