"""When a limit is reached: a range of whole hours, why it is a single one, and what has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.foresight.foreseen import ForeseenAllowance
from bot.slack.render.allowance import in_full as limit_in_full
from bot.slack.render.forecast import forecast_answer
from bot.slack.render.foreseen import in_full
from bot.slack.render.foreseen_moments import likeliest, peak_due, reached
from bot.slack.render.text import when
from bot.slack.render.warning import warning_facts
from checks.allowances.outlook import forecast_facts
from checks.limits import Spend
from checks.model import FORESEEN, Level
from tests.bot.slack import forecasts
from tests.bot.slack.forecasts import HOUR
from tests.bot.slack.scene import NOON, alert_of

MINUTE = timedelta(minutes=1)
SPENDS = (
    Spend(flow_id="7", flow_name="Consents to Dotdigital", amount=1990.0),
    Spend(flow_id="8", flow_name="Subscribers", amount=10.0),
)
SOONEST, MIDDLE, LATEST = (NOON + hours * HOUR for hours in (17, 18, 19))
BEFORE = f"before {when(LATEST + HOUR)} (8 times in 10)"


def due(soonest=SOONEST, middle=MIDDLE, latest=LATEST):
    far = forecasts.crossing(72, 0.9, soonest=soonest, middle=middle, latest=latest)
    return replace(forecasts.LIKELY.allowance.forecast, crossings=(far,))


def seen(forecast, spends=()):
    allowance = replace(forecasts.LIKELY.allowance, forecast=forecast, peak_spends=spends)
    return ForeseenAllowance(
        judged=replace(forecasts.LIKELY, allowance=allowance), forecast=forecast
    )


@pytest.mark.parametrize(
    ("now", "says"),
    [
        pytest.param(
            NOON,
            f"If it is reached: most likely {when(MIDDLE)}, between {when(SOONEST)} and "
            f"{when(LATEST + HOUR)} (8 times in 10)",
            id="ahead",
        ),
        pytest.param(
            SOONEST, f"If it is reached: most likely {when(MIDDLE)}, {BEFORE}", id="it may be now"
        ),
        pytest.param(
            MIDDLE + 2 * MINUTE, f"If it is reached: most likely now, {BEFORE}", id="the likeliest"
        ),
        pytest.param(
            LATEST,
            f"If it is reached: most likely any moment, {BEFORE}",
            id="the likeliest is over",
        ),
        pytest.param(
            LATEST + HOUR,
            f"It was most likely to be reached {when(MIDDLE)}, which has passed",
            id="all of it is over",
        ),
    ],
)
def test_when_it_is_reached_is_a_range_and_the_past_is_told_as_past(now, says):
    assert reached(seen(due()), now) == says


@pytest.mark.parametrize(
    ("spends", "ends"),
    [
        pytest.param(
            SPENDS,
            "; always then, because Consents to Dotdigital usually spends most at that time (99 %)",
            id="a daily job",
        ),
        pytest.param((), "", id="nobody is known to spend it"),
    ],
)
def test_a_single_hour_is_a_range_of_one_hour_and_says_why(spends, ends):
    said = reached(seen(due(MIDDLE, MIDDLE, MIDDLE), spends), NOON)
    span = f"between {when(MIDDLE)} and {when(MIDDLE + HOUR)} (8 times in 10)"
    assert said == f"If it is reached: most likely {when(MIDDLE)}, {span}{ends}"


def test_what_is_reached_is_not_told_as_what_may_be():
    standing = seen(due())
    reached_now = replace(standing, judged=replace(standing.judged, level=Level.BREACH))
    assert reached(reached_now, MIDDLE) == "It is reached now"
    said = {
        (standing,): "1 limit is likely to be reached.",
        (reached_now,): "1 limit is reached.",
        (reached_now, reached_now, standing): "2 limits are reached, 1 more is likely to be.",
    }
    for told, sentence in said.items():
        assert sentence in forecast_answer(told, NOON).text


def test_a_limit_that_not_all_accounts_have_says_whose_it_is():
    allowance = replace(forecasts.LIKELY.allowance, note="only of accounts on the older scheme")
    judged = replace(forecasts.LIKELY, allowance=allowance)
    full = in_full(ForeseenAllowance(judged=judged, forecast=due()), NOON)
    assert "Only of accounts on the older scheme" in list(full)
    assert "Only of accounts on the older scheme" in list(limit_in_full(judged))


def test_where_no_moment_is_told_nothing_is_said_of_one():
    assert reached(seen(due(None, None, None)), NOON) == ""
    assert likeliest(due(None, None, None).crossings[0], due(), NOON) == ""


@pytest.mark.parametrize(
    ("now", "likely", "peak"),
    [
        (NOON, f", likeliest {when(MIDDLE)}", f"its peak is due {when(MIDDLE)}"),
        (MIDDLE, ", likeliest now", "its peak is due now"),
        (
            MIDDLE + HOUR,
            f", likeliest {when(MIDDLE)}, which has passed",
            f"its peak was due {when(MIDDLE)}",
        ),
    ],
    ids=["ahead", "now", "past"],
)
def test_a_likeliest_moment_and_a_peak_are_ahead_now_or_past(now, likely, peak):
    assert likeliest(due().crossings[0], due(), now) == likely
    assert peak_due(MIDDLE, HOUR, now) == peak


@pytest.mark.parametrize(
    ("round_at", "now", "says"),
    [
        pytest.param(
            NOON,
            NOON,
            f"in 18 h, {when(MIDDLE)} (between {when(SOONEST)} and {when(LATEST + HOUR)})",
            id="ahead",
        ),
        pytest.param(
            SOONEST, SOONEST, f"in 1 h, {when(MIDDLE)} (before {when(LATEST + HOUR)})", id="soon"
        ),
        pytest.param(
            MIDDLE + 2 * MINUTE,
            MIDDLE + 3 * MINUTE,
            f"any moment now, before {when(LATEST + HOUR)}",
            id="the likeliest hour",
        ),
        pytest.param(
            MIDDLE, LATEST + HOUR, f"it was expected before {when(LATEST + HOUR)}", id="past"
        ),
    ],
)
def test_a_warning_says_its_moment_with_a_range_and_the_past_as_past(round_at, now, says):
    limit = replace(forecasts.LIKELY.allowance, forecast=due())
    facts = forecast_facts(limit, 0.4, round_at)
    alert = replace(alert_of(), signal=FORESEEN, facts=facts)
    assert dict(warning_facts(alert, now))["Limit reached"] == says
