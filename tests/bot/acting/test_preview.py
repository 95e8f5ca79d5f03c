"""What a preview says: how many records, what may arrive twice, whether it can help at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.acting.preview import Case, draft_of
from bot.acting.proposal import Deed
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import Flow, Run, RunStatus

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FLOW = Flow(id="7", name="Orders to NetSuite", enabled=True, deployed=True)
RUN = Run(
    id="81",
    flow_id="7",
    flow_name=FLOW.name,
    status=RunStatus.FAILURE,
    started_at=NOON,
    finished_at=NOON,
    trigger="Webhook",
)
FAILURE = Failure(
    run_id="81",
    flow_id="7",
    at=NOON,
    status=RunStatus.FAILURE,
    cause=Cause.PASSING,
    line="504 Gateway Timeout",
    records=12,
)
CASE = Case(flow=FLOW, run=RUN, failure=FAILURE)


def caused_by(cause, run_id="81"):
    return replace(
        CASE,
        run=replace(RUN, id=run_id),
        failure=replace(FAILURE, cause=cause, run_id=run_id),
    )


def test_a_replay_says_what_runs_how_many_records_and_what_may_come_twice():
    draft = draft_of(Deed.REPLAY, [CASE])
    what, records, twice, helps = draft.preview
    assert what == (
        "For Orders to NetSuite, starts 1 run with the payload of the failed one (81); it joins "
        "the queue."
    )
    assert records == "12 records failed in them."
    assert twice.startswith("Records that went through before the failure may arrive twice")
    assert helps == "The cause was passing, by their logs: another try can help."
    assert draft.against == ""
    assert draft.forgotten_at == NOON + timedelta(hours=72)


@pytest.mark.parametrize("cause", [Cause.CREDENTIAL, Cause.NOT_PERMITTED, Cause.LASTING])
@pytest.mark.parametrize("deed", [Deed.REPLAY, Deed.RETRY])
def test_repeating_what_lasts_is_advised_against_with_its_line(deed, cause):
    against = draft_of(deed, [caused_by(cause)]).against
    assert against.startswith("Advised against: the cause lasts, ")
    assert against.endswith("504 Gateway Timeout")


def test_once_the_credential_is_renewed_nothing_is_advised_against():
    failed = caused_by(Cause.CREDENTIAL)
    renewed = draft_of(Deed.REPLAY, [replace(failed, renewed=True)])
    assert renewed.against == ""
    assert "accepted again since: another try can help" in renewed.preview[-1]
    one_of_two = draft_of(Deed.REPLAY, [replace(failed, renewed=True), failed])
    assert one_of_two.against.startswith("Advised against (1 of 2 runs)")


def test_of_several_runs_it_says_how_many_are_lasting():
    cases = [caused_by(Cause.LASTING), caused_by(Cause.PASSING, "82")]
    assert draft_of(Deed.REPLAY, cases).against.startswith("Advised against (1 of 2 runs)")


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (caused_by(Cause.LIMIT), "once the limit has been given anew"),
        (caused_by(Cause.UNKNOWN), "is not known; look at a log first"),
        (replace(CASE, failure=None), "is not known; look at a log first"),
        (replace(CASE, failure=None), "How many records they carry is not told"),
        (replace(CASE, run=replace(RUN, trigger="Schedule")), "fetch them once more besides"),
        (replace(CASE, run=replace(RUN, status=RunStatus.PARTIAL_SUCCESS)), "Most records"),
        (replace(CASE, flow=replace(FLOW, enabled=False)), "it may not start"),
        (replace(CASE, earlier="Run 81 was repeated already."), "repeated already"),
    ],
)
def test_what_a_preview_adds(case, said):
    assert said in " ".join(draft_of(Deed.REPLAY, [case]).preview)


@pytest.mark.parametrize("deed", list(Deed))
def test_every_act_says_what_it_does_to_which_flow(deed):
    draft = draft_of(deed, [CASE if deed.is_of_a_run else Case(flow=FLOW)], value="1")
    assert "Orders to NetSuite" in draft.preview[0]
    assert bool(draft.forgotten_at) == (deed in (Deed.REPLAY, Deed.RETRY))


def test_runs_that_are_left_for_later_are_said():
    assert "3 more failed runs" in draft_of(Deed.REPLAY, [CASE], left_out=3).preview[1]


def test_a_payload_is_forgotten_72_hours_after_its_run():
    assert not CASE.is_forgotten(NOON + timedelta(hours=71, minutes=59))
    assert CASE.is_forgotten(NOON + timedelta(hours=72))


@given(st.text(max_size=400), st.sampled_from(Deed))
def test_foreign_names_and_lines_stay_on_one_short_line(text, deed):
    case = replace(
        CASE,
        flow=replace(FLOW, name=text),
        failure=replace(FAILURE, line=text, cause=Cause.LASTING),
    )
    draft = draft_of(deed, [case], reason=text)
    for said in (*draft.preview, draft.against, draft.reason):
        assert said.isprintable()
        assert len(said) < 600
