"""Signatures against the published examples, and against everything that is not quite right."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.web.signatures import (
    is_fresh,
    is_pagerduty,
    is_standard,
    is_token,
    standard_key,
    standard_signature,
)

SECRET = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
SENT_ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
SIGNED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
"""The example of the libraries in https://github.com/standard-webhooks/standard-webhooks"""


def test_the_published_example():
    assert standard_signature(SECRET, SENT_ID, TIMESTAMP, BODY) == SIGNED
    assert is_standard(SECRET, SENT_ID, TIMESTAMP, SIGNED, BODY)


CHANGED = {
    "another id": (SENT_ID + "x", TIMESTAMP, SIGNED, BODY),
    "another time": (SENT_ID, "1614265331", SIGNED, BODY),
    "another body": (SENT_ID, TIMESTAMP, SIGNED, BODY + b" "),
    "another version": (SENT_ID, TIMESTAMP, SIGNED.replace("v1", "v2"), BODY),
    "no version": (SENT_ID, TIMESTAMP, SIGNED[3:], BODY),
    "none": (SENT_ID, TIMESTAMP, "", BODY),
    "half of it": (SENT_ID, TIMESTAMP, SIGNED[:20], BODY),
    "signs that are not ascii": (SENT_ID, TIMESTAMP, "v1,é", BODY),
}


@pytest.mark.parametrize("told", CHANGED.values(), ids=CHANGED.keys())
def test_what_was_changed_is_refused(told):
    assert not is_standard(SECRET, *told)


def test_one_right_signature_of_several_is_enough():
    assert is_standard(SECRET, SENT_ID, TIMESTAMP, f"v1a,abc v1,xyz {SIGNED}", BODY)


@pytest.mark.parametrize(
    ("timestamp", "fresh"),
    [("1000", True), ("700", True), ("1300", True), ("699", False), ("1301", False), ("", False),
     ("-1000", False), ("1000.0", False), ("1e3", False), ("\u0661000", False),
     ("9" * 40, False)],
)  # fmt: skip
def test_five_minutes_either_way_are_fresh(timestamp, fresh):
    assert is_fresh(timestamp, 1000.0) is fresh


def test_pagerduty_signs_with_each_of_its_secrets():
    # the HMAC-SHA256 of "what do ya want for nothing?" with the key "Jefe": RFC 4231, 4.3
    right = "v1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    secret, body = SecretStr("Jefe"), b"what do ya want for nothing?"
    assert is_pagerduty(secret, right, body)
    assert is_pagerduty(secret, f"v1={'0' * 64},{right}", body)
    assert is_pagerduty(secret, f"v1={'0' * 64}, {right}", body)
    assert not is_pagerduty(secret, right, body + b"!")
    assert not is_pagerduty(secret, right.removeprefix("v1="), body)
    assert not is_pagerduty(secret, "", body)


def test_a_token_is_right_or_it_is_not():
    secret = SecretStr("a" * 24)
    assert is_token(secret, "", "a" * 24)
    assert not is_token(secret, "", "a" * 23)
    assert not is_token(secret)


@pytest.mark.parametrize(
    "told", ["whsec_", "whsec_!!!", "whsec_c2hvcnQ=", "abc", "whsec_" + "A" * 400]
)
def test_a_key_that_is_no_key_is_told_without_showing_it(told):
    with pytest.raises(ValueError, match="expected whsec_") as caught:
        standard_key(SecretStr(told))
    assert told == "whsec_" or told not in str(caught.value)


@given(st.binary(max_size=40), st.text(max_size=60))
def test_no_guess_is_ever_right(body, guess):
    assert not is_pagerduty(SECRET, guess, body)
    assert not is_standard(SECRET, SENT_ID, TIMESTAMP, guess, body)
