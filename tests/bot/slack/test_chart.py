"""Charts: Slack's own within its limits, and pictures that a phone can show."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.digest.facts import Step, Trend
from bot.digest.picture import figure_of as trend_figure
from bot.foresight.chart import GROUND, INK, LIMIT, MEASURED, draw, figure_of, say_amount
from bot.sandbox.workspace.blockkit.validate import message_problems
from bot.slack.picture import drawn, in_words
from bot.slack.render.chart import CATEGORIES, alt_text, bins_of, chart_block, sparkline
from tests.bot.slack.forecasts import BAND, CHART, HISTORY, HOUR, point
from tests.bot.slack.scene import NASTY, NOON

LONG = replace(CHART, name="x" * 300, unit="operations a month of the whole plan")
HUGE = replace(
    CHART,
    limit=480_000_000.0,
    history=tuple((at, amount and amount * 2e5) for at, amount in HISTORY),
    band=tuple(point(each.at, each.middle * 2e5) for each in BAND),
)
CHARTS = {
    "a likely breach": CHART,
    "a day ahead only": replace(CHART, band=BAND[:24]),
    "no history": replace(CHART, history=()),
    "nothing known of the history": replace(CHART, history=tuple((at, None) for at, _ in HISTORY)),
    "no limit": replace(CHART, limit=None),
    "no crossing": replace(CHART, soonest=None, middle=None, latest=None),
    "all zero": replace(
        CHART,
        limit=None,
        history=tuple((at, 0.0) for at, _ in HISTORY),
        band=tuple(point(each.at, 0.0) for each in BAND),
    ),
    "long names": LONG,
    "millions": HUGE,
    "the clocks change": replace(
        CHART,
        made_at=datetime.fromisoformat("2026-10-24T12:00+00:00"),
        zone=ZoneInfo("Europe/London"),
    ),
    "a zone of half hours": replace(CHART, zone=ZoneInfo("Asia/Kolkata")),
}


def luminance(colour):
    """Of "#rrggbb", as WCAG 2.2 defines it: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_slack_takes_the_chart(chart):
    block = chart_block(chart)
    assert message_problems([block]) == []
    assert len(block["chart"]["axis_config"]["categories"]) <= CATEGORIES
    assert len(block["chart"]["series"]) <= 3


@pytest.mark.parametrize("name", NASTY, ids=range(len(NASTY)))
def test_slack_takes_the_chart_of(name):
    assert message_problems([chart_block(replace(CHART, name=name, unit=name))]) == []
    assert len(alt_text(replace(CHART, name=name, unit=name))) <= 1000


def test_without_a_forecast_there_is_no_chart():
    assert chart_block(replace(CHART, band=())) is None


def test_every_point_is_the_highest_of_its_six_hours():
    bins = bins_of(CHART)
    assert [each.label for each in bins[:2]] == ["Thu 19 12-18", "Thu 19 18-24"]
    peak = max(each.middle for each in BAND[:6])
    assert next(each for each in bins if each.label.endswith("now")).amount == peak
    assert max(each.amount for each in bins) == max(each.middle for each in BAND)


def test_six_hours_of_which_nothing_is_known_are_left_out():
    gone = tuple((at, None if at.day == 20 else amount) for at, amount in HISTORY)
    labels = [each.label for each in bins_of(replace(CHART, history=gone))]
    assert not any("Fri 20" in label for label in labels)
    assert any("Thu 19" in label for label in labels)


@given(
    made=st.integers(0, 24 * 365),
    hours=st.integers(1, 100),
    step=st.sampled_from([timedelta(minutes=15), HOUR, 3 * HOUR]),
    zone=st.sampled_from(["UTC", "Europe/London", "Asia/Kathmandu", "America/New_York"]),
    amounts=st.lists(st.none() | st.floats(0, 1e7), max_size=200),
)
@settings(max_examples=60, deadline=None)
def test_slack_takes_any_chart(made, hours, step, zone, amounts):
    start = NOON + made * HOUR
    told = replace(
        CHART,
        made_at=start,
        step=step,
        zone=ZoneInfo(zone),
        history=tuple((start - n * HOUR, each) for n, each in enumerate(amounts, 1))[::-1],
        band=tuple(point(start + n * step, 10.0 * n) for n in range(hours)),
    )
    assert message_problems([chart_block(told)]) == []
    assert len(sparkline(told)) <= CATEGORIES + 1


def test_the_line_of_text_parts_past_from_future():
    past, ahead = sparkline(CHART).split("│")
    assert (len(past), len(ahead)) == (8, 12)
    assert max(ahead) == "▇"
    assert sparkline(replace(CHART, limit=None, band=(), history=())) == ""


def test_the_alternative_text_holds_the_numbers():
    said = alt_text(CHART)
    for told in ("measured up to 1,700", "limit 2,400", "most likely Sun 22 Nov 15:00"):
        assert told in said
    assert "Europe/London" in said


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_no_text_of_a_picture_is_cut_off(chart):
    figure = figure_of(chart)
    figure.draw_without_rendering()
    whole = figure.bbox
    [axes] = figure.axes
    low, high = axes.get_ylim()
    scale = [each for each in axes.get_yticklabels() if low <= each.get_position()[1] <= high]
    for text in (*figure.texts, *axes.get_legend().get_texts(), *axes.get_xticklabels(), *scale):
        place = text.get_window_extent()
        if text.get_text():
            assert place.x0 >= 0, text
            assert place.y0 >= 0, text
            assert place.x1 <= whole.x1, text
            assert place.y1 <= whole.y1, text


@pytest.mark.parametrize("chart", CHARTS.values(), ids=CHARTS.keys())
def test_the_days_do_not_run_into_each_other(chart):
    figure = figure_of(chart)
    figure.draw_without_rendering()
    days = [label.get_window_extent() for label in figure.axes[0].get_xticklabels()]
    assert all(one.x1 < two.x0 for one, two in pairwise(days))


def test_the_top_of_the_band_is_in_the_picture_unless_it_would_dwarf_the_limit():
    wild = replace(CHART, band=tuple(replace(each, highest=1e6) for each in BAND))
    for chart, top in ((CHART, max(each.highest for each in BAND)), (wild, 4 * CHART.limit)):
        assert figure_of(chart).axes[0].get_ylim()[1] >= top
    assert figure_of(wild).axes[0].get_ylim()[1] < 1e5


def test_a_picture_is_small_and_always_the_same():
    drawn = draw(CHART)
    assert drawn == draw(CHART)
    assert len(drawn) < 100_000
    assert Image.open(io.BytesIO(drawn)).size == (1000, 500)


@pytest.mark.parametrize(
    "name", [*NASTY, "$x_{2}$ \\frac{1}", "東京 🚚"], ids=range(len(NASTY) + 2)
)
def test_a_picture_is_drawn_of(name):
    assert draw(replace(CHART, name=name, unit=name)).startswith(b"\x89PNG")


@pytest.mark.parametrize("colour", [INK, MEASURED, LIMIT])
def test_colours_stand_out_from_the_ground(colour):
    assert contrast(colour, GROUND) >= 4.5  # for text, by WCAG AA


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (0.25, "0.2"), (7, "7"), (2400, "2,400"), (240_000, "240k"), (1.25e6, "1.2m")],
)
def test_amounts_are_short(value, said):
    assert say_amount(value) == said


def trend(*values, title="Failed runs a day, the last 14 days"):
    day = date(2026, 11, 8)
    return Trend(
        title=title,
        steps=tuple(
            Step(
                first=day + timedelta(days=n), label=f"{day + timedelta(days=n):%a %d}", value=each
            )
            for n, each in enumerate(values)
        ),
    )


FORTNIGHT = trend(0, 2, 3, None, 120, 4, 1, 0, 0, 7, 3, 2, 1, 9)


def test_the_chart_of_a_digest_is_a_small_picture_and_always_the_same():
    picture = drawn(FORTNIGHT)
    assert picture == drawn(FORTNIGHT)
    assert len(picture) < 100_000
    assert Image.open(io.BytesIO(picture)).size == (1000, 500)


@pytest.mark.parametrize("values", [(), (None,), (0,), (10**9,), (1,) * 30])
def test_a_trend_of_whatever_length_is_drawn(values):
    assert drawn(trend(*values)).startswith(b"\x89PNG")


def test_no_word_of_a_trend_is_cut_off_or_written_over_another():
    figure = trend_figure(FORTNIGHT)
    figure.canvas.draw()
    width, height = figure.canvas.get_width_height()
    axes = figure.axes[0]
    written = [*figure.texts, *axes.texts, *axes.get_xticklabels()]
    boxes = [each.get_window_extent() for each in written if each.get_text()]
    assert all(box.x0 >= 0 and box.x1 <= width for box in boxes)
    assert all(box.y0 >= 0 and box.y1 <= height for box in boxes)
    assert not any(a.overlaps(b) for a, b in combinations(boxes, 2))


def test_what_a_trend_shows_is_told_in_words():
    assert in_words(trend(3, None, 1200, title="Failed runs a day")) == (
        "Failed runs a day: Sun 08 3, Mon 09 not known, Tue 10 1,200."
    )
