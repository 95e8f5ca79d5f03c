"""What people type when they rehearse a peak; today is Saturday, 21 November 2026."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.foresight.rehearsal import NotRehearsed, Wanted
from bot.foresight.whatif_words import EXAMPLE, read_wanted
from forecasting.trading_days import Occasion

TODAY = date(2026, 11, 21)
FRIDAY = date(2026, 11, 27)
AHEAD = (
    Occasion(name="Black Friday weekend", first=FRIDAY, last=date(2026, 11, 30)),
    Occasion(name="Stock-taking", first=date(2026, 11, 20), last=date(2026, 11, 22)),
)


def wanted(times=3.0, system="", flow="", first=None, last=None, occasion=""):
    last = last or first
    return Wanted(times=times, system=system, flow=flow, first=first, last=last, occasion=occasion)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param(
            "netsuite volume x3 on 2026-11-27", wanted(system="netsuite", first=FRIDAY), id="a day"
        ),
        pytest.param("volume x3 on friday", wanted(first=FRIDAY), id="all systems, a weekday"),
        pytest.param("x3", wanted(), id="the multiple alone"),
        pytest.param("3x friday", wanted(first=FRIDAY), id="without on"),
        pytest.param("x3 on saturday", wanted(first=TODAY), id="a weekday that is today"),
        pytest.param("x3 tomorrow", wanted(first=TODAY + timedelta(days=1)), id="tomorrow"),
        pytest.param("X 2,5 on 27 november", wanted(times=2.5, first=FRIDAY), id="a decimal comma"),
        pytest.param("\u00d73 on nov 27 2026", wanted(first=FRIDAY), id="a multiplication sign"),
        pytest.param("+50% today", wanted(times=1.5, first=TODAY), id="more by a share"),
        pytest.param("-20 % today", wanted(times=0.8, first=TODAY), id="less by a share"),
        pytest.param("x3 from 2026-11-27 to monday 2026", None, id="a span whose end is no day"),
        pytest.param(
            "shop x3 from friday to 2026-11-30",
            wanted(system="shop", first=FRIDAY, last=date(2026, 11, 30)),
            id="a span",
        ),
        pytest.param(
            "x3 on black friday",
            wanted(first=FRIDAY, last=date(2026, 11, 30), occasion="Black Friday weekend"),
            id="an occasion by a part of its name",
        ),
        pytest.param(
            "x3 on stock-taking",
            wanted(first=TODAY, last=date(2026, 11, 22), occasion="Stock-taking"),
            id="an occasion that has begun",
        ),
        pytest.param(
            '"ERP x2 live" volume x3 on friday for "Stock for shops"',
            None,
            id="a name with a multiple in it is not guessed",
        ),
        pytest.param(
            "netsuite live volume x3 on friday for Stock sync",
            wanted(system="netsuite live", flow="Stock sync", first=FRIDAY),
            id="a flow after the day",
        ),
        pytest.param(
            'netsuite x3 for "Stock sync" on friday',
            wanted(system="netsuite", flow="Stock sync", first=FRIDAY),
            id="a flow before the day",
        ),
        pytest.param('x3 for "Stock on hand"', wanted(flow="Stock on hand"), id="a flow in quotes"),
        pytest.param("x3 for Stock sync", wanted(flow="Stock sync"), id="a flow without a day"),
    ],
)
def test_what_is_meant(text, meant):
    if meant is None:
        with pytest.raises(NotRehearsed):
            read_wanted(text, TODAY, AHEAD)
    else:
        assert read_wanted(text, TODAY, AHEAD) == meant


@pytest.mark.parametrize(
    ("text", "part"),
    [
        pytest.param("", "Say how much more, such as x3 or +50%.", id="nothing"),
        pytest.param(
            "netsuite on friday",
            '"netsuite on friday" names no multiple: say how much more, such as x3',
            id="no multiple",
        ),
        pytest.param("x0 on friday", "0.1 to 100", id="nothing at all"),
        pytest.param("x1000", "0.1 to 100", id="far too much"),
        pytest.param("-100%", "0.1 to 100", id="all of it less"),
        pytest.param("x3 on 2026-11-20", "is over", id="yesterday"),
        pytest.param("x3 on 2026-12-27", "to 2026-12-26", id="more than five weeks"),
        pytest.param("x3 from sunday to saturday", "is before", id="the wrong way round"),
        pytest.param("x3 on pancake day", "Black Friday weekend", id="a day nobody knows"),
        pytest.param("x3 on 2026-02-30", "is no day", id="a day that never is"),
    ],
)
def test_bad_words_get_a_sentence_that_helps(text, part):
    with pytest.raises(NotRehearsed) as told:
        read_wanted(text, TODAY, AHEAD)
    assert part in str(told.value)


def test_the_example_is_understood():
    asked = EXAMPLE.removeprefix("whatif ")
    assert read_wanted(asked, TODAY) == wanted(system="netsuite", first=FRIDAY)


@given(text=st.text(max_size=200))
def test_whatever_is_typed_is_understood_or_refused(text):
    said = ""
    try:
        read_wanted(text, TODAY, AHEAD)
    except NotRehearsed as error:
        said = str(error)
    assert "\n" not in said


@given(
    parts=st.lists(
        st.sampled_from(["x3", "volume", "on", "for", "from", "to", "friday", "+5%", "a", '"']),
        max_size=30,
    )
)
def test_its_own_words_in_any_order_do_no_harm(parts):
    try:
        found = read_wanted(" ".join(parts), TODAY, AHEAD)
    except NotRehearsed:
        return
    assert found.times in (3.0, 1.05)
