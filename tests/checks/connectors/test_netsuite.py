"""NetSuite's traps: a limit told with 400, overload as a rejected login, a count of one row."""

from __future__ import annotations

from datetime import timedelta

import pytest

from checks.connectors.netsuite import NETSUITE
from checks.declare import SAMPLED_AT, Answer, Counted, LimitReading, Mark, No, NotOffered
from tests.checks.connectors.sampled import answer

LOGIN = {
    "title": "Unauthorized",
    "status": 401,
    "o:errorDetails": [{"detail": "Invalid login attempt.", "o:errorCode": "INVALID_LOGIN"}],
}
SOAP = "<soapenv:Fault><detail><platformFaults:{fault}><code>{code}</code></detail></soapenv:Fault>"


@pytest.mark.parametrize(
    "told",
    [
        answer(400, {"error": {"code": "SSS_REQUEST_LIMIT_EXCEEDED", "message": "limit"}}),
        answer(429, {"o:errorDetails": [{"o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED"}]}),
        answer(429),
        answer(
            500, SOAP.format(fault="ExceededRequestLimitFault", code="WS_CONCUR_SESSION_DISALLWD")
        ),
        answer(
            500, SOAP.format(fault="ExceededConcurrentRequestLimitFault", code="WS_REQUEST_BLOCKED")
        ),
        answer(403, {"error": {"code": "SSS_REQUEST_LIMIT_EXCEEDED"}}),
    ],
    ids=["RESTlet", "REST", "bare 429", "SOAP by session", "SOAP by token", "whatever the status"],
)
def test_too_many_calls_are_not_now_in_every_interface(told: Answer) -> None:
    refusal = NETSUITE.refusal(told)
    assert refusal is not None
    assert refusal.no is No.NOT_NOW


def test_an_answer_that_merely_quotes_a_code_is_no_refusal() -> None:
    row = {"items": [{"memo": "SSS_REQUEST_LIMIT_EXCEEDED"}]}
    assert NETSUITE.refusal(answer(200, row)) is None


@pytest.mark.parametrize(
    ("took", "no"),
    [(0.4, No.CREDENTIAL), (9.9, No.CREDENTIAL), (10, None), (61, None)],
    ids=["at once", "sluggish", "slow", "after a minute"],
)
def test_a_login_that_is_rejected_slowly_is_no_verdict_on_the_credential(
    took: float, no: No | None
) -> None:
    refusal = NETSUITE.refusal(answer(401, LOGIN, took=timedelta(seconds=took)))
    assert (refusal.no if refusal else None) is no


def test_a_slow_no_for_the_limit_is_still_one() -> None:
    refusal = NETSUITE.refusal(answer(401, "WS_REQUEST_BLOCKED", took=timedelta(minutes=1)))
    assert refusal is not None
    assert refusal.no is No.NOT_NOW


@pytest.mark.parametrize(
    ("body", "no"),
    [
        ("Your current role does not have permission to perform this action.", No.NOT_PERMITTED),
        ("INSUFFICIENT_PERMISSION", No.NOT_PERMITTED),
        ("Invalid search query. Unknown identifier 'transactio'.", None),
    ],
    ids=["the role", "the code", "a mistake of ours"],
)
def test_a_missing_right_comes_with_400(body: str, no: No | None) -> None:
    refusal = NETSUITE.refusal(answer(400, {"o:errorDetails": [{"detail": body}]}))
    assert (refusal.no if refusal else None) is no


@pytest.mark.parametrize(
    ("value", "number"), [("42", 42), (42, 42), ("0", 0)], ids=["text", "number", "none"]
)
def test_the_rows_value_is_counted_and_not_the_rows(value: object, number: int) -> None:
    assert not isinstance(NETSUITE.counts, NotOffered)
    body = {"count": 1, "totalResults": 1, "hasMore": False, "items": [{"changed": value}]}
    assert NETSUITE.counts[0].read(answer(body=body)) == Counted(number=number, exact=True)


@pytest.mark.parametrize(
    "body",
    [
        {"count": 1, "totalResults": 1, "items": []},
        {"count": 1, "totalResults": 1, "items": [{"changed": None}]},
        {"count": 1000, "totalResults": 4000, "hasMore": True, "items": [{"changed": "1"}]},
    ],
    ids=["no row", "no value", "more rows"],
)
def test_what_is_not_one_row_with_a_number_is_no_count(body: dict[str, object]) -> None:
    assert not isinstance(NETSUITE.counts, NotOffered)
    with pytest.raises(ValueError, match="the answer has"):
        NETSUITE.counts[0].read(answer(body=body))


def test_a_moment_carries_its_zone_and_stands_in_the_query() -> None:
    assert not isinstance(NETSUITE.counts, NotOffered)
    for count in NETSUITE.counts:
        assert count.since(SAMPLED_AT) == "2026-11-21 12:00:00 +00:00"
        assert count.call.headers == {"Prefer": "transient"}
        assert "TZH:TZM" in str(count.call.body)


def test_the_limit_is_asked_for_by_a_call_of_its_own_and_tells_no_use() -> None:
    limit = NETSUITE.limits[0]
    assert limit.ask is not None
    assert not isinstance(limit.read, NotOffered)
    told = answer(body={"type": "accountLimit", "accountConcurrencyLimit": 15})
    assert limit.read(told) == (LimitReading(size=15, remaining=None, scope="account"),)


def test_what_is_recalled_is_marked_so() -> None:
    by_name = {credential.name: credential for credential in NETSUITE.credentials}
    assert by_name["TBA token"].source.mark is Mark.RECALLED
    assert by_name["M2M certificate"].needs_person
