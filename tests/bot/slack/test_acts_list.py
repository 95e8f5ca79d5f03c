"""`/seam acts` tells how the runs ended that a proposal made begin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.acting.proposal import Attempt, Came, Stage
from bot.slack.render.acts import listed
from bot.store import acts
from bot.store.runs import save_runs
from checks.runs import Run, RunStatus
from tests.bot.slack.proposals import proposal_waits
from tests.bot.slack.scene import MINUTE, NOON, PRIYA, ask, assert_slack_takes, desk_over, words_of

FAILED = Run(
    id="90",
    flow_id="7",
    flow_name="Orders",
    status=RunStatus.FAILURE,
    started_at=NOON - MINUTE,
    finished_at=NOON,
    trigger="API",
)


@pytest.fixture
def desk(store):
    if not store.db.table("proposals").exists():
        store.db.conn.executescript(acts.SCHEMA)
    return desk_over(store)


def carried_out(desk, run_ids):
    proposal_waits(desk, 1)
    with desk.store.writing() as db:
        acts.decide(db, acts.find(db, 1), Stage.APPROVED, PRIYA, "", NOON)
        acts.advance(db, acts.find(db, 1), Stage.EXECUTING)
        for number, run_id in enumerate(run_ids):
            acts.intend(db, 1, number, NOON)
            came = Attempt(proposal_id=1, target=number, came=Came.DONE, sent_at=NOON)
            acts.record(db, replace(came, run_id=run_id))
        acts.advance(db, acts.find(db, 1), Stage.EXECUTED, "Patchworks took it.")


def test_a_run_that_failed_again_is_told(desk):
    carried_out(desk, ["90"])
    assert "Its run: not ended yet, as far as I have read." in words_of(ask(desk, "acts"))
    with desk.store.writing() as db:
        save_runs(db, [FAILED])
    shown = ask(desk, "acts")
    assert_slack_takes(shown)
    assert "Its run: failed." in words_of(shown)
    assert "☑️ *1* carried out" in words_of(shown)


def test_of_several_runs_it_tells_how_many_ended_how(desk):
    carried_out(desk, ["90", "91", "", "99"])
    good = replace(FAILED, id="91", status=RunStatus.SUCCESS)
    with desk.store.writing() as db:
        save_runs(db, [FAILED, good])
    told = "Its runs: 1 failed, 1 succeeded, 2 not ended yet, as far as I have read."
    assert told in words_of(ask(desk, "acts"))


def test_of_a_proposal_that_waits_no_run_is_told(desk):
    proposal_waits(desk, 1)
    assert "Its run" not in words_of(ask(desk, "acts"))


@pytest.mark.parametrize("status", list(RunStatus))
def test_every_status_has_words(desk, status):
    proposal_waits(desk, 1)
    run = replace(FAILED, status=status)
    assert "Its run: " in words_of(listed(acts.newest(desk.store.db, 1), {1: [run]}))
