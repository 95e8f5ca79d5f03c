"""What people type, and what is understood by it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.verbs import by_word, nearest, verbs
from bot.slack.words import (
    Typed,
    as_shown,
    is_number_like,
    is_numbers,
    read,
    without_mention,
)
from tests.bot.slack.scene import hostile

CASES = {
    "nothing": ("", Typed(word="")),
    "spaces": ("  \t ", Typed(word="")),
    "a verb": ("queue", Typed(word="queue")),
    "capitals": ("ACK 42", Typed(word="ack", incident_id=42)),
    "a number": ("ack 42", Typed(word="ack", incident_id=42)),
    "a hash": ("ack #42", Typed(word="ack", incident_id=42)),
    "quotes": ('ack "42"', Typed(word="ack", incident_id=42)),
    "smart quotes": ("ack “#42”", Typed(word="ack", incident_id=42)),
    "single smart quotes": ("ack \u201842\u2019", Typed(word="ack", incident_id=42)),
    "a full stop": ("ack 42.", Typed(word="ack", incident_id=42)),
    "a lone number": ("#42", Typed(word="show", incident_id=42)),
    "text": (
        'resolve 42 don\'t  know; "it" just went',
        Typed(word="resolve", incident_id=42, rest='don\'t  know; "it" just went'),
    ),
    "text without a number": ("resolve it went", Typed(word="resolve", rest="it went")),
    "an open quote": (
        'resolve 42 "it went',
        Typed(word="resolve", incident_id=42, rest='"it went'),
    ),
    "a topic": ("runbook stalled-queue", Typed(word="runbook", rest="stalled-queue")),
    "too large a number": (
        "ack 99999999999999999999",
        Typed(word="ack", rest="99999999999999999999"),
    ),
    "foreign digits": ("ack ٤٢", Typed(word="ack", rest="٤٢")),
    "a negative number": ("ack -1", Typed(word="ack", rest="-1")),
    "entities": (
        "resolve 1 a &amp; b &lt;c&gt;",
        Typed(word="resolve", incident_id=1, rest="a & b <c>"),
    ),
    "marks": (
        "resolve 1 ask <@U1|priya> in <#C1|ops> <https://x.example|here>, <!here>",
        Typed(word="resolve", incident_id=1, rest="ask @priya in #ops here, @here"),
    ),
}


@pytest.mark.parametrize(("text", "typed"), CASES.values(), ids=CASES.keys())
def test_reading_a_command(text, typed):
    assert read(text) == typed


IN_THREAD = {
    "nothing more": ("ack", Typed(word="ack", incident_id=7)),
    "another incident": ("ack #42", Typed(word="ack", incident_id=42)),
    "another one without a hash": ("ack 42", Typed(word="ack", incident_id=42)),
    "a text": ("resolve it went", Typed(word="resolve", incident_id=7, rest="it went")),
    "a text with a number": (
        "resolve 3 runs stopped",
        Typed(word="resolve", incident_id=7, rest="3 runs stopped"),
    ),
    "its own number": ("resolve 7 it went", Typed(word="resolve", incident_id=7, rest="it went")),
    "a hash and a text": (
        "resolve #42 it went",
        Typed(word="resolve", incident_id=42, rest="it went"),
    ),
}


@pytest.mark.parametrize(("text", "typed"), IN_THREAD.values(), ids=IN_THREAD.keys())
def test_reading_in_the_thread_of_incident_7(text, typed):
    assert read(text, thread_incident=7) == typed


@pytest.mark.parametrize("text", ["1", "2 3", "#2, #3", "1,2,3", "#2, and 5", "1 & 2."])
def test_a_list_of_incidents(text):
    assert is_numbers(text)


@pytest.mark.parametrize("text", ["", "x", "1 x", "-1", "9" * 16, "3rd", "1/2", "٤٢"])
def test_not_a_list_of_incidents(text):
    assert not is_numbers(text)


@pytest.mark.parametrize("text", ["1", "2 3", "-1", "9" * 99, "٤٢", "10:30", "#7"])
def test_what_looks_like_a_number(text):
    assert is_number_like(text)


@pytest.mark.parametrize("text", ["", "x", "3rd", "2 runs stopped", "—", "#ops"])
def test_what_does_not_look_like_a_number(text):
    assert not is_number_like(text)


@given(text=hostile | st.text(alphabet="1 9#,&and-", max_size=300))
def test_telling_numbers_from_text_never_fails(text):
    if is_numbers(text):
        assert not re.sub(r"and|[0-9#&,;.\s]", "", text)


@given(text=hostile, thread=st.none() | st.integers(1, 99))
def test_anything_can_be_read(text, thread):
    typed = read(text, thread)
    assert typed.word == typed.word.strip()
    assert typed.incident_id is None or 0 <= typed.incident_id < 10**15


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<@UBOT> ack", "ack"),
        ("<@UBOT|seamwatch>: ack", "ack"),
        ("hey <@UBOT>, ack", "ack"),
        ("ack <@UBOT>", "ack"),
        ("<@UBOT>", ""),
        ("ack", "ack"),
    ],
)
def test_a_mention_of_the_bot_is_not_a_part_of_what_it_is_told(text, left):
    assert without_mention(text, "UBOT") == left


def test_marks_that_were_typed_by_hand_stay_as_typed():
    assert as_shown("&lt;!channel&gt; &amp;amp;") == "<!channel> &amp;"


@pytest.mark.parametrize(
    ("typed", "verb"),
    [("akc", "ack"), ("resolv", "resolve"), ("incidnets", "incidents"), ("rubnook", "runbook")],
)
def test_a_slip_of_the_finger_is_understood(typed, verb):
    assert nearest(typed) == verb


@pytest.mark.parametrize("typed", ["", "zzz", "x" * 10_000])
def test_nothing_is_made_of_noise(typed):
    assert nearest(typed) is None


def test_no_word_means_two_things():
    words = [word for verb in verbs() for word in (verb.name, *verb.aliases)]
    assert len(words) == len(set(words)) == len(by_word())
    assert {"list", "open", "acknowledge", "close", "rb"} <= set(words)


def test_who_was_mentioned_is_known_by_account():
    typed = read("override <@U0PRIYA|priya> for <@U0ALEX> <#C1|ops> <!here> 2h")
    assert typed.accounts == {"@priya": "U0PRIYA", "@U0ALEX": "U0ALEX"}
    assert typed.said == "@priya for @U0ALEX #ops @here 2h"
