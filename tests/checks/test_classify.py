"""Why a run failed: the line that names the trouble, what it means, and whose it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.classify import GENERAL, cause_of, read_failure
from checks.connectors.netsuite import NETSUITE
from checks.declare import Cause, Mark, Saying, Source
from checks.failures import Failure
from checks.runs import LogLine, Run, RunStatus, Step

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SHOP, ERP = "701", "702"
STEPS = (
    Step(id="11", name="Receive orders from Shopify", instance_id=SHOP),
    Step(id="13", name="Send orders to NetSuite", instance_id=ERP),
)
FAILED = Run(
    id="81234",
    flow_id="5",
    flow_name="Orders to NetSuite",
    status=RunStatus.FAILURE,
    started_at=START,
    finished_at=START + timedelta(seconds=12),
)


def line(text: str, level: str = "ERROR", *, step_id: str = "", step: str = "") -> LogLine:
    return LogLine(at=None, level=level, text=text, step=step, step_id=step_id)


def read(*lines: LogLine, run: Run = FAILED) -> Failure | None:
    return read_failure(run, lines, STEPS, {ERP: NETSUITE.sayings})


def the_failure(*lines: LogLine, run: Run = FAILED) -> Failure:
    failure = read(*lines, run=run)
    assert failure is not None
    return failure


MEANINGS = {
    "HTTP 429": Cause.LIMIT,
    "HTTP/1.1 429": Cause.LIMIT,
    "error 429": Cause.LIMIT,
    "Client error: `POST https://x.example/a` resulted in a `429 Too Many Requests`": Cause.LIMIT,
    "HTTP 503: You have sent too many requests": Cause.LIMIT,
    "HTTP 403: daily quota exceeded": Cause.LIMIT,
    "HTTP 401: rate limit exceeded for this token": Cause.LIMIT,
    '{"errorCode": "rateLimit:exceeded"}': Cause.LIMIT,
    "Request was throttled": Cause.LIMIT,
    "Refused. Retry-After: 12": Cause.LIMIT,
    "status 401": Cause.CREDENTIAL,
    '{"status":401,"title":"x"}': Cause.CREDENTIAL,
    '{"httpCode":"401"}': Cause.CREDENTIAL,
    "The request failed (401)": Cause.CREDENTIAL,
    "401 Unauthorized": Cause.CREDENTIAL,
    "The request returned 401": Cause.CREDENTIAL,
    "401 - access is refused": Cause.CREDENTIAL,
    "Unauthorised": Cause.CREDENTIAL,
    "HTTP 400: invalid_grant": Cause.CREDENTIAL,
    "HTTP 403: the access token has expired": Cause.CREDENTIAL,
    "HTTP 403: Invalid API key": Cause.CREDENTIAL,
    "Re-authentication failed": Cause.CREDENTIAL,
    "The connector could not re-authenticate": Cause.CREDENTIAL,
    "Authentication failed for user patchworks": Cause.CREDENTIAL,
    "HTTP 403 Forbidden": Cause.NOT_PERMITTED,
    "Access to the resource is denied": Cause.NOT_PERMITTED,
    "Insufficient scope": Cause.NOT_PERMITTED,
    "You are not allowed to list products": Cause.NOT_PERMITTED,
    "HTTP 502: Bad Gateway": Cause.PASSING,
    "HTTP 503: Service Unavailable": Cause.PASSING,
    "HTTP 503, Retry-After: 120": Cause.PASSING,
    "cURL error 28: Operation timed out": Cause.PASSING,
    "Connection was reset by peer": Cause.PASSING,
    "Could not resolve host: shop.example": Cause.PASSING,
    "The shape failed after 30 minutes": Cause.PASSING,
    "Token expired; re-authenticated successfully": Cause.PASSING,
    "HTTP 400: Invalid reference key for field entity": Cause.LASTING,
    "HTTP 409: Duplicate SKU": Cause.LASTING,
    "HTTP 422: customer is missing": Cause.LASTING,
    "ResponseId -1: Record not found": Cause.LASTING,
    "Unexpected token < in JSON at position 0": Cause.LASTING,
    "Invalid token in expression at line 3": Cause.LASTING,
    "Item 500 does not exist": Cause.LASTING,
    "HTTP 422, X-RateLimit-Remaining: 20": Cause.LASTING,
    "order 4290 was left out": Cause.UNKNOWN,
    "401 records were left out": Cause.UNKNOWN,
    "returned 502 records of 600": Cause.UNKNOWN,
    "Order 401 could not be saved": Cause.UNKNOWN,
    "run 14290-429 went wrong": Cause.UNKNOWN,
    "The price is 404.50": Cause.UNKNOWN,
    "The gift card has expired": Cause.UNKNOWN,
    "The customer's credit limit is exceeded": Cause.UNKNOWN,
    "Something went wrong": Cause.UNKNOWN,
}


@pytest.mark.parametrize(("text", "cause"), MEANINGS.items(), ids=MEANINGS)
def test_a_line_means(text: str, cause: Cause) -> None:
    assert cause_of(text, GENERAL) is cause


BARE = line("Flow run failed")
PICKS: dict[str, tuple[tuple[LogLine, ...], str, str, Cause]] = {
    "the cause, and not that it failed": (
        (BARE, line("HTTP 502: Bad Gateway")),
        "",
        "HTTP 502: Bad Gateway",
        Cause.PASSING,
    ),
    "the first of two causes": (
        (line("HTTP 502: Bad Gateway"), line("HTTP 429")),
        "",
        "HTTP 502: Bad Gateway",
        Cause.PASSING,
    ),
    "an error before an earlier warning": (
        (line("HTTP 429", "WARNING"), line("HTTP 422: no customer")),
        "",
        "HTTP 422: no customer",
        Cause.LASTING,
    ),
    "an error without a known cause before a warning": (
        (line("HTTP 429", "WARNING"), line("It went wrong at row 7")),
        "",
        "It went wrong at row 7",
        Cause.UNKNOWN,
    ),
    "a warning when the error says nothing": (
        (line("HTTP 429", "WARN"), BARE),
        "",
        "HTTP 429",
        Cause.LIMIT,
    ),
    "the summary when the log says nothing": (
        (BARE,),
        "Send orders to NetSuite failed after 4 attempts: HTTP 502",
        "Send orders to NetSuite failed after 4 attempts: HTTP 502",
        Cause.PASSING,
    ),
    "the summary's cause before a line without one": (
        (line("It went wrong at row 7"),),
        "HTTP 401",
        "HTTP 401",
        Cause.CREDENTIAL,
    ),
    "the log before a summary that says the same": (
        (line("HTTP 401 (attempt 4 of 4)"),),
        "Send failed: HTTP 401",
        "HTTP 401 (attempt 4 of 4)",
        Cause.CREDENTIAL,
    ),
    "that it failed, when that is all": ((BARE,), "", "Flow run failed", Cause.UNKNOWN),
    "what matters of a run whose level is written small or high": (
        (line("Received 3 orders", "INFO"), line("HTTP 404: Not found", "CRITICAL")),
        "",
        "HTTP 404: Not found",
        Cause.LASTING,
    ),
}


@pytest.mark.parametrize(("lines", "summary", "told", "cause"), PICKS.values(), ids=PICKS)
def test_what_is_quoted(lines: tuple[LogLine, ...], summary: str, told: str, cause: Cause) -> None:
    failure = the_failure(*lines, run=replace(FAILED, summary=summary))
    assert (failure.line, failure.cause) == (told, cause)


def test_lines_are_read_by_their_time() -> None:
    late = replace(line("HTTP 429"), at=START + timedelta(seconds=2))
    early = replace(line("HTTP 502"), at=START + timedelta(seconds=1))
    assert the_failure(late, early).line == "HTTP 502"


QUIET = {
    "a failed run without a word": (RunStatus.FAILURE, ()),
    "a success": (RunStatus.SUCCESS, (line("Sent 3 of 3 orders", "INFO"),)),
    "a run that a person stopped": (
        RunStatus.STOPPED,
        (line("Flow run stopped by priya", "WARNING"),),
    ),
}


@pytest.mark.parametrize(("status", "lines"), QUIET.values(), ids=QUIET)
def test_no_trouble_is_told_of(status: RunStatus, lines: tuple[LogLine, ...]) -> None:
    assert read(*lines, run=replace(FAILED, status=status)) is None


def test_the_summary_of_a_stopped_run_is_no_trouble() -> None:
    assert read(run=replace(FAILED, status=RunStatus.STOPPED, summary="Stopped by priya")) is None


def test_a_success_may_hold_a_warning() -> None:
    green = replace(FAILED, status=RunStatus.SUCCESS)
    failure = the_failure(line("HTTP 429, waiting 2 s", "WARNING"), run=green)
    assert (failure.status, failure.cause) == (RunStatus.SUCCESS, Cause.LIMIT)


def test_what_is_known_of_the_run_is_kept() -> None:
    failure = the_failure(line("HTTP 401"))
    assert (failure.run_id, failure.flow_id, failure.at, failure.status) == (
        "81234",
        "5",
        START + timedelta(seconds=12),
        RunStatus.FAILURE,
    )


WHOSE = {
    "by the step's id": (line("HTTP 401", step_id="13"), ERP, "Send orders to NetSuite"),
    "by its id though the name is told too": (
        line("HTTP 401", step_id="11", step="Send orders to NetSuite"),
        SHOP,
        "Receive orders from Shopify",
    ),
    "by the step's name": (
        line("HTTP 401", step="send orders to netsuite"),
        ERP,
        "Send orders to NetSuite",
    ),
    "by an unknown id and a known name": (
        line("HTTP 401", step_id="99", step="Send orders to NetSuite"),
        ERP,
        "Send orders to NetSuite",
    ),
    "by the name within the line": (
        line("Send orders to NetSuite failed: HTTP 401"),
        ERP,
        "Send orders to NetSuite",
    ),
    "nobody's: a step that calls no instance": (
        line("HTTP 401", step_id="12", step="Map orders"),
        "",
        "Map orders",
    ),
    "nobody's: no step is told": (line("HTTP 401"), "", ""),
}


@pytest.mark.parametrize(("said", "instance", "step"), WHOSE.values(), ids=WHOSE)
def test_whose_trouble_it_is(said: LogLine, instance: str, step: str) -> None:
    failure = the_failure(said)
    assert (failure.instance_id, failure.step) == (instance, step)


def test_a_name_that_two_instances_share_tells_neither() -> None:
    twins = tuple(replace(step, name="Send") for step in STEPS)
    failure = read_failure(FAILED, [line("HTTP 401", step="Send")], twins, {})
    assert failure is not None
    assert failure.instance_id == ""


def test_the_systems_own_sayings_come_before_the_general_ones() -> None:
    own = Saying(pattern="401", cause=Cause.LASTING, source=Source(mark=Mark.RECALLED))
    told = [line("HTTP 401", step_id="13")]
    for sayings, cause in (({ERP: [own]}, Cause.LASTING), ({SHOP: [own]}, Cause.CREDENTIAL)):
        failure = read_failure(FAILED, told, STEPS, sayings)
        assert failure is not None
        assert failure.cause is cause


@pytest.mark.parametrize(
    ("seconds", "cause"),
    [(1, Cause.CREDENTIAL), (45, Cause.CREDENTIAL), (46, Cause.PASSING), (62, Cause.PASSING)],
)
def test_netsuite_rejects_a_login_slowly_when_it_is_overloaded(seconds: int, cause: Cause) -> None:
    run = replace(FAILED, finished_at=START + timedelta(seconds=seconds))
    rejected = line("HTTP 401: Invalid login attempt.", step_id="13")
    assert the_failure(rejected, run=run).cause is cause
    assert the_failure(replace(rejected, step_id="11"), run=run).cause is Cause.CREDENTIAL


def test_a_run_of_unknown_length_is_not_slow() -> None:
    run = replace(FAILED, finished_at=None)
    failure = the_failure(line("INVALID_LOGIN", step_id="13"), run=run)
    assert failure.cause is Cause.CREDENTIAL
    assert failure.at == START


RECORDS = {
    "4 of 20 payloads failed: HTTP 422": 4,
    "14 payloads failed: HTTP 422": 14,
    "3 records were rejected": 3,
    "7 failed payloads": 7,
    "failed payloads: 12": 12,
    "Send failed after 4 attempts": None,
    "HTTP 422": None,
    "Order 4290 failed": None,
    "0 of 20 payloads failed": 0,
}


@pytest.mark.parametrize(("text", "records"), RECORDS.items(), ids=RECORDS)
def test_how_many_records_it_concerned(text: str, records: int | None) -> None:
    assert the_failure(line(text)).records == records


def test_the_number_of_records_may_stand_in_the_summary() -> None:
    partial = replace(FAILED, status=RunStatus.PARTIAL_SUCCESS, summary="4 of 20 payloads failed")
    assert the_failure(line("HTTP 422", "WARNING"), run=partial).records == 4


WORDS = st.sampled_from(["HTTP 401", "HTTP 429", "Flow run failed", "HTTP 502", "Send"])
texts = WORDS | st.text(max_size=300)
lines = st.lists(
    st.builds(
        LogLine,
        at=st.none() | st.integers(0, 9).map(lambda second: START + timedelta(seconds=second)),
        level=st.sampled_from(["ERROR", "WARNING", "INFO", "", "FATAL"]) | st.text(max_size=5),
        text=texts,
        step=st.sampled_from(["", "Send orders to NetSuite", "Map"]) | st.text(max_size=9),
        step_id=st.sampled_from(["", "11", "13", "99"]),
    ),
    max_size=6,
)
runs = st.builds(
    replace, st.just(FAILED), status=st.sampled_from(RunStatus), summary=st.just("") | texts
)


@given(runs, lines)
def test_any_log_is_read_on_one_line_that_fits(run: Run, told: list[LogLine]) -> None:
    failure = read(*told, run=run)
    if failure is not None:
        assert 0 < len(failure.line) <= 300
        assert len(failure.line.splitlines()) == 1
        assert failure.instance_id in ("", SHOP, ERP)


@given(runs, lines)
def test_a_known_cause_is_never_lost_to_an_error_that_tells_none(
    run: Run, told: list[LogLine]
) -> None:
    failed = replace(run, status=RunStatus.FAILURE, summary="")
    failure = read(*told, line("HTTP 401"), run=failed)
    assert failure is not None
    assert failure.cause is not Cause.UNKNOWN


@given(st.text())
def test_any_text_means_something_or_nothing(text: str) -> None:
    assert cause_of(text, GENERAL) in Cause


@pytest.mark.parametrize("part", ["a", "<", "x-", "1 ", 'token="', "with a ", '\\"', "status "])
def test_a_hostile_line_takes_no_time(part: str) -> None:
    """A pattern that goes back and forth would take minutes on this."""
    failure = the_failure(line(part * (200_000 // len(part))))
    assert len(failure.line) <= 300
