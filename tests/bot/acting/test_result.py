"""What is said of a proposal that was carried out: what is known then, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.acting.executing import say_result
from bot.acting.proposal import Approval, Attempt, Came, Deed, Draft, Proposal, Stage, Target
from bot.acting.telling import say_standing

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ONE_IS_OPEN = "Whether it succeeds is not known yet; /seam acts tells it once it has ended."
MORE_ARE_OPEN = "Whether they succeed is not known yet; /seam acts tells it once they have ended."


def proposal(deed, of, result=""):
    targets = tuple(Target(flow_id="7", flow_name="Orders", run_id=f"8{n}") for n in range(of))
    return Proposal(
        id=2,
        version=4,
        stage=Stage.EXECUTED,
        draft=Draft(deed=deed, targets=targets, preview=("Does it.",)),
        approval=Approval.SECOND_PERSON,
        proposer="U0PRIYA",
        proposed_at=NOON,
        expires_at=NOON,
        result=result,
    )


def done(target, run_id=""):
    return Attempt(proposal_id=2, target=target, came=Came.DONE, sent_at=NOON, run_id=run_id)


def failed(target):
    why = "It is too late"
    return Attempt(proposal_id=2, target=target, came=Came.FAILED, sent_at=NOON, said=why)


@pytest.mark.parametrize(
    ("deed", "attempts", "said"),
    [
        (
            Deed.REPLAY,
            [done(0, "90"), done(1, "91")],
            f"2 of 2 started again. Began runs 90, 91. {MORE_ARE_OPEN}",
        ),
        (
            Deed.RETRY,
            [done(0, "90"), failed(1)],
            f"1 of 2 started again. Began run 90. {ONE_IS_OPEN} Run 81: It is too late.",
        ),
        (Deed.REPLAY, [done(0), done(1)], f"2 of 2 started again. {MORE_ARE_OPEN}"),
        (Deed.START, [done(0)], f"Patchworks took it. {ONE_IS_OPEN}"),
        (
            Deed.REPLAY,
            [failed(0), failed(1)],
            "0 of 2 started again. Run 80: It is too late. Run 81: It is too late.",
        ),
        (Deed.STOP, [done(0), done(1)], "2 of 2 taken by Patchworks."),
        (Deed.DISABLE, [done(0)], "Patchworks took it."),
    ],
    ids=[
        "a replay of several",
        "a retry of which one was too late",
        "runs that were not named",
        "a start",
        "nothing began",
        "a stop begins nothing",
        "neither does a switch",
    ],
)
def test_that_runs_began_is_no_word_of_their_success(deed, attempts, said):
    assert say_result(proposal(deed, len(attempts)), attempts) == said


def test_the_line_says_carried_out_and_not_done():
    carried = proposal(Deed.REPLAY, 2, result="2 of 2 started again.")
    assert say_standing(carried) == "Proposal 2 carried out: 2 of 2 started again."
