"""Matchers: what is understood, what is refused in one sentence, and that nothing takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.matchers import (
    LABELS,
    LONGEST,
    Matcher,
    NotAMatcher,
    Op,
    are_too_wide,
    match_all,
    read_matchers,
    say_matchers,
)

ALERT = {
    "check": "failing_flow",
    "kind": "flow",
    "subject": "Orders to NetSuite",
    "id": "4021",
    "flow": "Orders to NetSuite",
    "system": "netsuite-live",
    "severity": "high",
    "team": "integrations",
}


def is_(label, value):
    return Matcher(label=label, op=Op.IS, value=value)


@pytest.mark.parametrize(
    ("text", "matchers", "rest"),
    [
        ("", (), ""),
        ("2h busy", (), "2h busy"),
        ("check=rate_limit", (is_("check", "rate_limit"),), ""),
        ("Check = rate_limit 2h", (is_("check", "rate_limit"),), "2h"),
        ('flow="Orders to NetSuite" 2h', (is_("flow", "Orders to NetSuite"),), "2h"),
        ("flow=“Orders to NetSuite” 2h", (is_("flow", "Orders to NetSuite"),), "2h"),
        ("system=a, severity!=critical 2h",
         (is_("system", "a"), Matcher(label="severity", op=Op.IS_NOT, value="critical")), "2h"),
        ('system=~"net.*" x', (Matcher(label="system", op=Op.LIKE, value="net.*"),), "x"),
        (r'subject="say \"hi\" \\ now"', (is_("subject", r'say "hi" \ now'),), ""),
        (r'system=~"a\.b"', (Matcher(label="system", op=Op.LIKE, value=r"a\.b"),), ""),
        ('system="" 2h', (is_("system", ""),), "2h"),
        ("system=a because x=1", (is_("system", "a"),), "because x=1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_understood(text, matchers, rest):
    assert read_matchers(text) == (matchers, rest)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sytem=a 2h", "There is no label sytem; did you mean system?"),
        ("colour=red", "expected one of check, kind, subject"),
        ("system=", "After system= something has to stand"),
        ('system="netsuite 2h', "After system= something has to stand"),
        ("system!~a", "!~ is not known"),
        ("system=~net[", "is not a valid one"),
        ("system=~" + "a" * 101, "longer than 100 characters"),
        ("system=" + "a" * 201, "longer than 200 characters"),
        (" ".join(f"id!={n}" for n in range(9)), "expected at most 8"),
        ("system=~(a+)+b", "too intricate"),
        ("system=~(?:a|a)*b", "too intricate"),
        ("system=~(a)(a){2,}", "too intricate"),
        (r"system=~(a)\1", "too intricate"),
        ("system=~(?=a)a", "too intricate"),
        ("system=~a*a*a*a*b", "too intricate"),
        ("system=~a?a?a?a?b", "too intricate"),
        ("system=~.*.*(a|a)(a|a)(a|a)", "too intricate"),
        ("system=~(a)(a)(a)(a)(a)(a)(a)", "too intricate"),
        ("system=~a{99999999999}", "is not a valid one"),
    ],
)
def test_what_is_refused_in_one_sentence(text, sentence):
    with pytest.raises(NotAMatcher, match=r"^[^\n]+[.?]$") as refused:
        read_matchers(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("flow='x'", False),
        ('flow="orders to netsuite"', True),
        ("system=~net.*", True),
        ("system=~net", False),
        ("system=~NET.*LIVE", True),
        ("system=~(netsuite|shopify)-live", True),
        ("system=~[a-z]+-[a-z]+", True),
        ("system=~(netsuite|shopify).*-(live|test).*", True),
        (r"id=~\d+", True),
        ("severity!=critical", True),
        ("severity!=HIGH", False),
        ("flow=orders check=failing_flow", False),
        ("check=failing_flow severity=high team=integrations", True),
    ],
)
def test_what_matches(text, matches):
    matchers, _ = read_matchers(text)
    assert match_all(matchers, ALERT) is matches


def test_a_label_that_is_not_there_is_empty():
    assert match_all(read_matchers('team=""')[0], {})
    assert not match_all(read_matchers("team=x")[0], {})


@pytest.mark.parametrize("text", ["", "severity!=critical", "system=~.*", 'team=""'])
def test_what_names_nothing_is_too_wide(text):
    assert are_too_wide(read_matchers(text)[0])


def test_one_matcher_that_names_something_is_enough():
    assert not are_too_wide(read_matchers("system=a severity!=critical")[0])


VALUES = st.text(max_size=40)
MATCHERS = st.lists(
    st.builds(
        Matcher,
        label=st.sampled_from(LABELS),
        op=st.sampled_from([Op.IS, Op.IS_NOT]),
        value=VALUES,
    ),
    max_size=5,
).map(tuple)


@given(MATCHERS)
def test_matchers_are_read_back_as_they_are_said(matchers):
    assert read_matchers(say_matchers(matchers) + " 2h why") == (matchers, "2h why")


@given(st.text(alphabet='abc=~!"\\ ([{*+?|^$.1\n“”,', max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        matchers, _ = read_matchers(f"system=~{text}")
    except NotAMatcher:
        return
    assert match_all(matchers, ALERT) in (True, False)


PIECES = st.sampled_from(
    ["a", ".", "a*", ".*", "a+", "[ab]+", "(a|a)", "(a|ab|a|ab)", "a?", "a{1,9}", "(a*)", "b", "|"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_no_pattern_that_is_taken_takes_long(pattern):
    try:
        matchers, _ = read_matchers(f'system=~"{pattern}"')
    except NotAMatcher:
        return
    began = time.process_time()
    match_all(matchers, {"system": "a" * LONGEST + "!"})
    assert time.process_time() - began < 2.0
