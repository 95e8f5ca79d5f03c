"""What every connector promises, whatever its system: read from its own samples and from anything.

A new file in `checks/connectors` is tested here, and in `test_connectors_declared.py`, by being
there. What only one system does is in `tests/checks/connectors/test_<name>.py`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.declare import (
    SAMPLED_AT,
    Answer,
    Connector,
    Count,
    Counted,
    LimitReading,
    No,
    NotOffered,
    Page,
    Refusal,
    Sample,
)
from checks.systems import all_connectors
from tests.checks.connectors.sampled import GARBAGE, answer, answer_of, counts_of, samples_of

CONNECTORS = all_connectors()
REFUSALS = {"not now": No.NOT_NOW, "not permitted": No.NOT_PERMITTED, "credential": No.CREDENTIAL}
FEWER = settings(max_examples=30)  # of each connector: there are many, and more to come
GOOD = ("probe", "count", "limit", "login")
WEB_PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
NONSENSE = {
    "nothing": "",
    "broken JSON": "[",
    "null": "null",
    "true": "true",
    "text": '"soon"',
    "an empty object": "{}",
    "something else": '{"message": "hello"}',
    "a web page": WEB_PAGE,
}
each = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
each_nonsense = pytest.mark.parametrize("body", NONSENSE.values(), ids=NONSENSE)
each_sample = pytest.mark.parametrize(
    ("connector", "sample"),
    [
        pytest.param(connector, sample, id=f"{kind}-{number}-{sample.of}".replace(" ", "_"))
        for kind, connector in CONNECTORS.items()
        for number, sample in enumerate(connector.samples)
    ],
)

# JSON of any shape, often with the very keys in which systems say no.
KEYS = st.sampled_from(
    ["errors", "error", "extensions", "code", "message", "data", "count", "meta", "items", "cost"]
) | st.text(max_size=5)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4)
)


# ── Samples ──────────────────────────────────────────────────────────────────────────────────────


@each
def test_it_has_a_sample_of_everything_it_reads(connector: Connector) -> None:
    kinds = {sample.of for sample in connector.samples}
    wanted = {"probe", "not now", "credential"}
    wanted |= {f"count {count.entity}" for count in counts_of(connector)}
    wanted |= {"login" for auth in connector.auths if auth.session}
    assert wanted <= kinds
    for limit in connector.limits:
        read = limit.read
        if not isinstance(read, NotOffered):
            assert any(read(answer_of(sample)) for sample in connector.samples), limit.name


@each_sample
def test_it_reads_its_own_sample(connector: Connector, sample: Sample) -> None:
    told, of = answer_of(sample), sample.of
    if of in REFUSALS:
        _assert_refused(connector.refusal(told), sample)
        return
    assert of.startswith(GOOD), "what is this a sample of?"
    assert connector.refusal(told) is None
    if of.startswith("count "):
        _assert_counted(_count(connector, of.removeprefix("count ")).read(told), sample.means)
    elif of.startswith("limit"):
        assert set(_wanted(sample.means)) <= set(_limits_told(connector, told))


@each
def test_a_sample_of_a_limit_says_what_it_means(connector: Connector) -> None:
    for sample in samples_of(connector, "limit"):
        assert _wanted(sample.means), "means: the LimitReading, or several"


# ── Refusals ─────────────────────────────────────────────────────────────────────────────────────


@each
@pytest.mark.parametrize(
    "trouble",
    [answer(502, WEB_PAGE), answer(503), answer(500, "{}"), answer(404), answer(404, {}), answer()],
    ids=["web page with 502", "empty 503", "500", "empty 404", "404", "empty 200"],
)
def test_trouble_is_no_refusal(connector: Connector, trouble: Answer) -> None:
    assert connector.refusal(trouble) is None


@each
@FEWER
@given(body=JSON)
def test_no_answer_in_json_is_taken_for_a_refusal_by_chance(
    connector: Connector, body: object
) -> None:
    assert connector.refusal(answer(200, body)) is None


@each
@FEWER
@given(
    status=st.sampled_from([200, 204, 400, 401, 402, 403, 404, 409, 422, 429, 500, 502, 503]),
    body=JSON | st.text(),
    header=st.sampled_from(["retry-after", "date", "www-authenticate"]),
    value=st.text(max_size=12),
)
def test_no_answer_makes_the_reading_of_a_refusal_fail(
    connector: Connector, status: int, body: object, header: str, value: str
) -> None:
    refusal = connector.refusal(answer(status, body, {header: value}))
    assert refusal is None or refusal.words


@each
@pytest.mark.parametrize(
    "told",
    [
        ("4321", ""),
        ("4321.0", ""),
        ("Sat, 21 Nov 2026 13:12:01 GMT", format_datetime(SAMPLED_AT, usegmt=True)),
    ],
    ids=["seconds", "a fraction", "an HTTP date"],
)
def test_retry_after_is_honoured_in_every_unit(connector: Connector, told: tuple[str, str]) -> None:
    for sample in samples_of(connector, "not now"):
        names = {name.lower(): value for name, value in sample.headers.items()}
        if "retry-after" in names:
            names |= {"retry-after": told[0], "date": told[1]}
            refusal = connector.refusal(answer(sample.status, sample.body, names))
            assert refusal is not None
            assert refusal.retry_after == timedelta(seconds=4321)


# ── Limits ───────────────────────────────────────────────────────────────────────────────────────


@each
@each_nonsense
def test_an_answer_without_a_limit_tells_none(connector: Connector, body: str) -> None:
    assert _limits_told(connector, answer(body=body)) == ()


@each
@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_in_the_headers_is_no_limit(connector: Connector, garbage: str) -> None:
    for name in _header_names(connector):
        for reading in _limits_told(connector, answer(headers={name: garbage})):
            pytest.fail(f"{name}: {garbage!r} is read as {reading}")


@each
def test_a_header_that_is_missing_is_never_read_as_nothing_left(connector: Connector) -> None:
    for sample in connector.samples:
        left = {reading.remaining for reading in _limits_told(connector, answer_of(sample))}
        for name in sample.headers:
            others = {other: value for other, value in sample.headers.items() if other != name}
            without = answer(sample.status, sample.body, others)
            fewer = {reading.remaining for reading in _limits_told(connector, without)}
            assert fewer <= left | {None}


@each
@FEWER
@given(body=JSON, names=st.dictionaries(st.integers(0, 20), st.text(max_size=8), max_size=5))
def test_no_answer_makes_the_reading_of_a_limit_fail(
    connector: Connector, body: object, names: dict[int, str]
) -> None:
    known = [*_header_names(connector), "x-other"]
    headers = {known[number % len(known)]: value for number, value in names.items()}
    for reading in _limits_told(connector, answer(200, body, headers)):
        assert reading.size is not None or reading.remaining is not None
        for number in (reading.size, reading.remaining, reading.restored_per_second):
            assert number is None or 0 <= number < float("inf")


# ── Counts ───────────────────────────────────────────────────────────────────────────────────────


@each
@each_nonsense
def test_an_answer_that_tells_no_count_is_a_value_error(connector: Connector, body: str) -> None:
    for count in counts_of(connector):
        with pytest.raises(ValueError, match=r".+"):
            count.read(answer(body=body))


@each
def test_a_refusal_is_never_counted(connector: Connector) -> None:
    for sample in samples_of(connector, *REFUSALS):
        for count in counts_of(connector):
            with pytest.raises(ValueError, match=r".+"):
                count.read(answer_of(sample))


@each
@FEWER
@given(body=JSON | st.text())
def test_a_count_is_a_number_or_a_value_error(connector: Connector, body: object) -> None:
    for count in counts_of(connector):
        try:
            told = count.read(answer(200, body))
        except ValueError:
            continue
        assert told.number >= 0


@each
@FEWER
@given(at=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001 (made UTC below)
def test_the_same_moment_is_written_the_same_from_every_zone(
    connector: Connector, at: datetime
) -> None:
    moment, kolkata = at.replace(tzinfo=UTC), timezone(timedelta(hours=5, minutes=30))
    for count in counts_of(connector):
        assert count.since(moment) == count.since(moment.astimezone(kolkata))
        assert count.since(moment)


# ── Sessions ─────────────────────────────────────────────────────────────────────────────────────


@each
@each_nonsense
def test_an_answer_without_a_session_is_a_value_error(connector: Connector, body: str) -> None:
    for auth in connector.auths:
        if auth.session:
            with pytest.raises(ValueError, match=r".+"):
                auth.session(answer(body=body))


# ── Reading a connector ──────────────────────────────────────────────────────────────────────────


def _count(connector: Connector, entity: str) -> Count:
    return next(count for count in counts_of(connector) if count.entity == entity)


def _limits_told(connector: Connector, told: Answer) -> tuple[LimitReading, ...]:
    readers = [limit.read for limit in connector.limits if not isinstance(limit.read, NotOffered)]
    return tuple(reading for read in readers for reading in read(told))


def _header_names(connector: Connector) -> list[str]:
    return sorted({name for sample in connector.samples for name in sample.headers})


def _wanted(means: object) -> tuple[object, ...]:
    return tuple(means) if isinstance(means, tuple) else (means,) if means else ()


def _assert_refused(refusal: Refusal | None, sample: Sample) -> None:
    assert refusal is not None
    assert refusal.no is REFUSALS[sample.of]
    assert refusal.words
    if isinstance(sample.means, timedelta):
        assert refusal.retry_after == sample.means
    if isinstance(sample.means, Refusal):
        assert refusal == sample.means


def _assert_counted(told: Counted | Page, means: object) -> None:
    assert means is not None, "means: the number, or the Counted or Page"
    assert told == means if isinstance(means, Counted | Page) else told.number == means
