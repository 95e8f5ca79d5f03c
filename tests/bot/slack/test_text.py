"""Text that Slack will show: escaped, clipped, masked, and harmless whatever it holds."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.render.text import (
    MASK,
    clip,
    code,
    escape,
    foreign,
    foreign_plain,
    link,
    mask,
    mention,
    plain,
    size,
    when,
)
from tests.bot.slack.scene import NOON, hostile

ENTITY = re.compile(r"&(?:amp|lt|gt);")


def test_exactly_three_characters_are_escaped():
    assert escape("a & b < c > d \" ' ` * _ ~ @ #") == ("a &amp; b &lt; c &gt; d \" ' ` * _ ~ @ #")


@pytest.mark.parametrize(
    ("text", "most", "clipped"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("a &amp; b", 6, "a…"),
        ("a &amp; b", 8, "a &amp;…"),
        ("😀😀😀", 6, "😀😀😀"),
        ("😀😀😀", 5, "😀😀…"),
        ("x <!date^1^{time}|now>", 12, "x…"),
        ("", 3, ""),
    ],
    ids=[
        "fits",
        "too long",
        "not inside an entity",
        "whole entity",
        "emoji fit",
        "not inside a surrogate pair",
        "not inside a token",
        "empty",
    ],
)
def test_clipping(text, most, clipped):
    assert clip(text, most) == clipped


@given(text=hostile, most=st.integers(1, 400))
def test_foreign_text_is_never_too_long_and_never_active(text, most):
    shown = foreign(text, most)
    assert size(shown) <= most
    assert "<" not in shown
    assert ">" not in shown
    assert "&" not in ENTITY.sub("", shown)
    assert "\n" not in shown


@given(text=hostile)
def test_plain_text_holds_nothing_invisible_and_can_be_sent(text):
    shown = foreign_plain(text, 150)
    shown.encode("utf-8")
    assert not re.search(
        "[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069]", shown
    )


def test_a_line_cannot_be_reordered_or_split_by_what_is_in_it():
    assert plain("a\u202eb\u200bc\u0000d\ne\r\nf\u2028g\u3164h") == "abc d e f gh"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.DEF-123", "abc.DEF-123"),
        ("sent bearer 0123456789abcdef", "0123456789abcdef"),
        ("Basic dXNlcjpwYXNzMTIz failed", "dXNlcjpwYXNzMTIz"),
        ("xoxb-12-34-abcdef and xapp-1-A-2-b", "abcdef"),
        ("https://me:hunter2@shop.example/x", "hunter2"),
        ('{"password": "hunter2", "user": "me"}', "hunter2"),
        ('{\\"client_secret\\":\\"hunter2\\"}', "hunter2"),
        ("api_key=0123456789&page=2", "0123456789"),
        ("api key: abcdefghij", "abcdefghij"),
        ("access_token=shpat_0123456789abcdef0123", "shpat_0123456789abcdef0123"),
        ("got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig-nature", "eyJzdWIiOiIxMjM0In0"),
    ],
)
def test_credentials_are_struck_out(text, secret):
    assert secret not in mask(text)
    assert MASK in mask(text)
    assert secret not in foreign(text, 200)
    assert secret not in code(text)


@pytest.mark.parametrize(
    "text",
    [
        "The token expired on Friday",
        "Basic authentication is off",
        "Bearer of bad news",
        "14 runs wait behind run 77 of Orders to NetSuite",
        "https://shop.example/orders?page=2",
        "token: expired",
    ],
)
def test_ordinary_words_are_not_struck_out(text):
    assert mask(text) == text


def test_a_credential_hidden_by_invisible_characters_is_struck_out_too():
    assert "hunter2" not in foreign("pass\u200bword=hunter2", 100)


def test_masking_a_long_text_does_not_take_long():
    for piece in ("password ", "://a:", "eyJ", "Bearer ", "token=", "xoxb"):
        foreign(piece * (40_000 // len(piece)), 100)


def test_back_ticks_cannot_end_the_code():
    assert code("a `b` ```c") == "`a 'b' '''c`"
    assert code("") == "`…`"


def test_a_time_says_its_zone_where_tokens_are_not_understood():
    assert when(NOON) == ("<!date^1795262400^{date_short_pretty} at {time}|21 Nov 2026 12:00 UTC>")


@pytest.mark.parametrize(
    ("user_id", "shown"),
    [
        ("U0PRIYA", "<@U0PRIYA>"),
        ("W12345", "<@W12345>"),
        ("stalled_queue", "stalled_queue"),
        ("U1> <!channel", "U1&gt; &lt;!channel"),
        ("!here", "!here"),
    ],
)
def test_only_a_user_id_becomes_a_mention(user_id, shown):
    assert mention(user_id) == shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.example/a?b=1&c=2", "<https://x.example/a?b=1&amp;c=2|run &lt;1&gt;¦2>"),
        ("javascript:alert(1)", "run &lt;1&gt;¦2"),
        ("https://x.example/ a", "run &lt;1&gt;¦2"),
        ("https://x.example/|b>", "run &lt;1&gt;¦2"),
    ],
)
def test_only_a_clean_web_address_becomes_a_link(url, shown):
    assert link(url, "run <1>|2") == shown
