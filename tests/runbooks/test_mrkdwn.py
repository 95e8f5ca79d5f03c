"""Markdown in, mrkdwn out; foreign values come through as text and nothing else."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbooks.mrkdwn import VALUE_FITS, foreign, hold, to_mrkdwn

OUR_MARK = re.compile(r"<https?://[^<>|\s]+\|[^<>|]*>|<!date\^\d+\^[^<>|]+\|[^<>|]+UTC>")
JOINER = "\u2060"


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("plain", "plain"),
        ("one\ntwo", "one two"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("**bold** and `code`", "*bold* and `code`"),
        ("**bold `code`**", "*bold `code`*"),
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("`a < b`", "`a &lt; b`"),
        ("### Head\n\nText", "*Head*\nText"),
        ("Text\n\n### Head\n- a", "Text\n\n*Head*\n\u2022 a"),
        ("1. a\n1. b\n\n1. c", "1. a\n2. b\n3. c"),
        ("1. a\n   goes on\n1. b", "1. a goes on\n2. b"),
        ("1. a\n\ntext\n\n1. b", "1. a\n\ntext\n\n1. b"),
        ("- a\n- b", "\u2022 a\n\u2022 b"),
        ("text\n- a", "text\n\n\u2022 a"),
        ("[a & b](https://x.y/?a=1&b=2)", "<https://x.y/?a=1&amp;b=2|a &amp; b>"),
        ("[a](http://x.y)", "<http://x.y|a>"),
        ("[a](javascript:alert)", "a"),
        ("[a](mailto:x@y.z)", "a"),
        ("", ""),
    ],
)
def test_the_subset_is_converted(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://x.y|<!here>",
        "https://x y",
        "https://x.y>",
        "!here",
        "@U1",
        "",
        None,
    ],
)
def test_a_link_to_a_foreign_place_that_is_no_web_page_is_plain_words(url: str | None) -> None:
    assert to_mrkdwn(f"[the log]({hold(url)})") == "the log"


def test_a_link_to_a_foreign_web_page_keeps_its_address() -> None:
    link = to_mrkdwn(f"[the log]({hold('https://x.y/run?a=1&b=2')})")
    assert link == "<https://x.y/run?a=1&amp;b=2|the log>"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Orders to NetSuite", "Orders to NetSuite"),
        ("<@U1> <!channel> <#C1>", f"&lt;@{JOINER}U1&gt; &lt;!channel&gt; &lt;#{JOINER}C1&gt;"),
        ("@here", f"@{JOINER}here"),
        ("<https://evil.example|click>", f"&lt;https:{JOINER}//evil.example\u2223click&gt;"),
        ("&lt;", "&amp;lt;"),
        ("`rm` ```x```", "\u02cbrm\u02cb \u02cb\u02cb\u02cbx\u02cb\u02cb\u02cb"),
        ("*bold* ~gone~", "\u2217bold\u2217 \u223cgone\u223c"),
        ("_italic_ orders_to_erp", "\u02cditalic\u02cd orders_to_erp"),
        ("two\nlines\r\n\u2028more", "two lines more"),
        ("a\u202egnp.exe", "a gnp.exe"),
        ("zero\u200bwidth\x00\x1b[31m", "zero width [31m"),
        ("\u05d4\u05d6\u05de\u05e0\u05d5\u05ea", "\u05d4\u05d6\u05de\u05e0\u05d5\u05ea"),
        ("\ue000v6161\ue001", "v6161"),
        ("\ud83d lone", "? lone"),
        (" \n\t ", "not known"),
    ],
)
def test_a_foreign_value_is_shown_as_text(value: str, shown: str) -> None:
    assert to_mrkdwn(f"{hold(value)}") == shown


def test_a_long_value_is_clipped_and_no_escape_is_cut() -> None:
    shown = foreign("&" * 40_000)
    assert shown == "&amp;" * 23 + "\u2026"
    assert foreign("x" * VALUE_FITS) == "x" * VALUE_FITS
    assert foreign("x" * (VALUE_FITS + 1)) == "x" * (VALUE_FITS - 1) + "\u2026"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("*/5 * * * *", "`*/5 * * * *`"),
        ("a`b```c", "`a\u02cbb\u02cb\u02cb\u02cbc`"),
        ("<!here>\n&", "`&lt;!here&gt; &amp;`"),
        ("", "`not known`"),
    ],
)
def test_a_foreign_value_between_back_ticks_keeps_its_signs(value: str, shown: str) -> None:
    assert to_mrkdwn(f"`{hold(value)}`") == shown


def test_bold_around_a_hostile_value_stays_one_bold() -> None:
    assert to_mrkdwn(f"**{hold('a* *b` ](x)')}** ok").count("*") == 2


@given(st.text(max_size=400))
def test_no_value_can_format_link_or_mention(value: str) -> None:
    held = hold(value)
    shown = to_mrkdwn(f"1. **{held}** in `{held}`, [log {held}](https://x.y), {held}\n- {held}")
    assert len(shown.splitlines()) == 2
    assert shown.count("`") == 2
    assert OUR_MARK.findall(shown) == re.findall(r"<[^>]*>", shown)
    rest = OUR_MARK.sub("", re.sub(r"`[^`<>]*`", "", shown))
    assert rest.count("*") == 2
    assert not re.search(r"[<>]|[@#]\w|://|&(?!(amp|lt|gt);)", rest)


@given(st.text(alphabet="&<>ab_*\n", max_size=400))
def test_no_value_takes_more_room_than_granted(value: str) -> None:
    assert len(foreign(value)) <= VALUE_FITS


@given(st.integers(min_value=0, max_value=4_000_000_000))
def test_a_time_is_a_date_of_slack_with_its_zone(epoch: int) -> None:
    assert OUR_MARK.fullmatch(to_mrkdwn(hold(datetime.fromtimestamp(epoch, UTC))))
