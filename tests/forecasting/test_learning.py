"""Learning and foreseeing: what is told of any series, and that the same data tell the same."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.change import Change
from forecasting.combine import NO_TRUST, Calibration, Trust
from forecasting.learning import Question, dump, foresee, foresee_many, has_drifted, learn, load
from forecasting.model import Kind, Limit
from forecasting.trading_days import Calendar, Occasion
from tests.forecasting.recorded import DAY, HOUR, NAMES, NOW, recorded, series_of, wave

PLAIN = Calendar()
NAN = np.nan
WHOLE = wave(60 * 24)
AT = np.arange(len(WHOLE))
SERIES = series_of(WHOLE)
(LEARNED,) = learn([SERIES], PLAIN)


def limit_of(amount, kind=Kind.BIN, **more):
    given = {
        Kind.ROLLING: {"window": DAY},
        Kind.BUCKET: {"drains": 120.0},
        Kind.PLACES: {"seconds": 60.0},
        Kind.QUOTA: {"resets": tuple(NOW + day * DAY for day in (1, 2, 3))},
    }
    return Limit(id="shop", kind=kind, amount=amount, **(given.get(kind, {}) | more))


EVERY_KIND = tuple(limit_of(150.0, kind) for kind in Kind)


def foreseen(values, amount=150.0, **more):
    """What is foreseen of one limit, by what was learned of the very same series."""
    series = series_of(values, **more)
    (learned,) = learn([series], PLAIN)
    (found,) = foresee(learned, series, [limit_of(amount)], PLAIN)
    return found


def changed(values, place, value):
    found = values.copy()
    found[place] = value
    return found


NASTY = {
    "nothing": [],
    "nothing but gaps": [NAN] * 100,
    "1 h": WHOLE[-1:],
    "10 h": WHOLE[-10:],
    "47 h": WHOLE[-47:],
    "49 h": WHOLE[-49:],
    "73 h": WHOLE[-73:],
    "13 days": WHOLE[-13 * 24 :],
    "14 days": WHOLE[-14 * 24 :],
    "constant": np.full(1440, 5.0),
    "zero": np.zeros(1440),
    "49 h of zero": np.zeros(49),
    "one call, long ago": changed(np.zeros(1440), 0, 1.0),
    "one call, just now": changed(np.zeros(1440), -1, 1.0),
    "a gap of weeks": changed(WHOLE, slice(300, 1000), NAN),
    "every fifth hour known": np.where(AT % 5 == 4, WHOLE, NAN),
    "an outlier": changed(WHOLE, 900, 1e7),
    "an outlier, just now": changed(WHOLE, -1, 1e7),
    "infinite": changed(WHOLE, slice(900, 905), np.inf),
    "negative": -WHOLE,
    "partly negative": WHOLE - 60,
    "a level ten times as high": np.where(AT > 1300, WHOLE * 10, WHOLE),
    "a level of nothing": np.where(AT > 1300, 0.0, WHOLE),
    "tiny": WHOLE * 1e-12,
    "huge": WHOLE * 1e20,
    "beyond all measure": WHOLE * 1e200,
}


@pytest.mark.parametrize("case", NASTY, ids=list(NASTY))
def test_any_series_is_foreseen_sanely_or_not_at_all(case):
    series = series_of(np.array(NASTY[case], dtype=float))
    (learned,) = learn([series], PLAIN)
    assert load(dump(learned)).series_id == series.id
    assert has_drifted(learned, series) in (True, False)
    for known in (learned, None):
        for told in foresee(known, series, EVERY_KIND, PLAIN):
            assert bool(told.withheld) != bool(told.crossings)
            for each in told.crossings:
                assert 0.0 < each.chance < 1.0 or each.chance == 1.0
                assert np.isfinite(each.headroom)
            for point in told.band:
                amounts = [point.lowest, point.low, point.middle, point.high, point.highest]
                assert amounts == sorted(amounts)
                assert np.isfinite(amounts).all()
                assert amounts[0] >= 0


@pytest.mark.parametrize(
    ("hours", "horizons"),
    [(47, []), (48, [24]), (14 * 24 - 1, [24]), (14 * 24, [24, 72]), (1440, [24, 72])],
)
def test_how_much_is_known_decides_how_far_is_looked(hours, horizons):
    found = foreseen(WHOLE[-hours:])
    assert [each.horizon // HOUR for each in found.crossings] == horizons
    assert bool(found.withheld) == (not horizons)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (WHOLE[-47:], "only 47 h of its use are known, and 48 h are needed"),
        ([], "only 0 h of its use are known, and 48 h are needed"),
        (changed(WHOLE, slice(-6, None), NAN), "nothing is known of its last 6 h"),
        (changed(WHOLE, slice(-5, None), NAN), ""),
        (np.where(np.arange(60) % 3 == 2, 1.0, NAN), "only 20 h of its use are known"),
    ],
    ids=["47 h", "none", "silent for 6 h", "silent for 5 h", "too many gaps"],
)
def test_what_cannot_be_foreseen_says_why(values, why):
    found = foreseen(np.array(values, dtype=float))
    assert found.withheld.startswith(why)
    assert bool(found.withheld) == bool(why)
    assert found.model == ("none" if why else "mixture")


@pytest.mark.parametrize(
    ("values", "amount", "least", "most"),
    [
        (np.full(1440, 5.0), 10.0, 0.0, 0.02),
        (np.full(1440, 5.0), 4.0, 0.95, 1.0),
        (np.zeros(1440), 1.0, 0.0, 0.02),
        (WHOLE, 2 * WHOLE.max(), 0.0, 0.05),
        (WHOLE, 0.5 * WHOLE.max(), 0.95, 1.0),
        (changed(WHOLE, 900, 1e7), 1e7, 0.0, 0.1),
        (np.where(AT > 900, WHOLE * 3, WHOLE), 6 * WHOLE.max(), 0.0, 0.05),
        (np.where(AT > 900, WHOLE * 3, WHOLE), 1.5 * WHOLE.max(), 0.9, 1.0),
        (np.where(AT > 900, 0.0, WHOLE), 0.8 * WHOLE.max(), 0.0, 0.3),
    ],
    ids=[
        "constant and far below",
        "constant and above",
        "never used",
        "twice the highest ever",
        "half of the highest",
        "an outlier does not come again",
        "a higher level, and a limit far above it",
        "a higher level, and a limit below it",
        "no longer used",
    ],
)
def test_chances_are_sane(values, amount, least, most):
    for each in foreseen(values, amount).crossings:
        assert least <= each.chance <= most


def test_a_changed_limit_needs_nothing_learned_anew():
    low, high = (foresee(LEARNED, SERIES, [limit_of(each)], PLAIN)[0] for each in (100.0, 400.0))
    assert low.amount == 100.0
    assert all(
        one.chance > other.chance + 0.5
        for one, other in zip(low.crossings, high.crossings, strict=True)
    )


@settings(max_examples=40)
@given(
    kind=st.sampled_from(list(Kind)),
    amounts=st.lists(st.floats(0.5, 5000), min_size=2, max_size=6),
    used=st.floats(0, 3000),
)
def test_a_higher_limit_is_never_likelier_to_be_reached(kind, amounts, used):
    """Through calibration and rounding; certain is only what is passed already."""
    more = {"used": used} if kind in (Kind.QUOTA, Kind.BUCKET) else {}
    limits = [limit_of(amount, kind, **more) for amount in sorted(amounts)]
    told = foresee(LEARNED, SERIES, limits, PLAIN)
    now = {Kind.ROLLING: WHOLE[-24:].sum()}.get(kind, more.get("used", 0.0))
    for horizon in (0, 1):
        chances = [each.crossings[horizon].chance for each in told]
        assert chances == sorted(chances, reverse=True)
        for limit, chance in zip(limits, chances, strict=True):
            assert (chance == 1.0) == (now >= limit.amount)
            assert chance > 0.0


def test_what_is_likely_soon_is_no_less_likely_later_however_shy_the_far_horizon_was_made():
    bold, shy = Calibration(offset=3.0), Calibration(offset=-3.0)
    learned = replace(LEARNED, trust=Trust(calibrations={24: bold, 72: shy}))
    (forecast,) = foresee(learned, SERIES, [limit_of(150.0)], PLAIN)
    near, far = forecast.crossings
    assert near.chance <= far.chance


def several():
    """Series of several grids, some gappy, with what was learned of them."""
    made = [series_of(wave(24 * days, seed=days)) for days in (60, 60, 60, 20, 16, 5)]
    made += [recorded(name) for name in NAMES]
    made.append(series_of(changed(WHOLE, slice(100, 130), NAN)))
    made.append(series_of(WHOLE[-30:]))
    made = [replace(each, id=str(place)) for place, each in enumerate(made)]
    return [
        Question(
            series=each,
            learned=found if place % 4 else None,
            limits=(limit_of(0.9 * float(np.nanmax(each.values))), limit_of(1000.0, Kind.QUOTA)),
        )
        for place, (each, found) in enumerate(
            zip(made, learn(made, PLAIN, trust=NO_TRUST), strict=True)
        )
    ]


QUESTIONS = several()
ALL_TOLD = foresee_many(QUESTIONS, PLAIN)


def decided(forecast):
    """All that anybody decides by; a headroom may differ in its last digit."""
    return [
        (each.horizon, each.chance, each.soonest, each.middle, each.latest)
        for each in forecast.crossings
    ]


@settings(max_examples=20)
@given(st.permutations(range(len(QUESTIONS))), st.integers(1, len(QUESTIONS)))
def test_the_same_data_give_the_same_decision_whatever_is_asked_along(order, number):
    places = order[:number]
    told = foresee_many([QUESTIONS[place] for place in places], PLAIN)
    for place, found in zip(places, told, strict=True):
        assert [decided(each) for each in found] == [decided(each) for each in ALL_TOLD[place]]
        assert [each.withheld for each in found] == [each.withheld for each in ALL_TOLD[place]]


def test_series_are_learned_in_the_order_given_each_for_itself():
    made = [each.series for each in QUESTIONS]
    together = learn(made, PLAIN, trust=NO_TRUST)
    assert [each.series_id for each in together] == [each.id for each in made]
    assert [each.fitted_at for each in together] == [each.until for each in made]
    for series, found in zip(made, together, strict=True):
        (alone,) = learn([series], PLAIN, trust=NO_TRUST)
        np.testing.assert_allclose(
            alone.fit.coefficients, found.fit.coefficients, rtol=1e-5, atol=1e-7
        )


def test_asked_twice_it_says_the_same():
    assert foresee_many(QUESTIONS, PLAIN) == ALL_TOLD


def test_without_anything_learned_the_analogue_speaks():
    (found,) = foresee(None, SERIES, [limit_of(150.0)], PLAIN)
    assert (found.model, found.fitted_at) == ("analogue", None)
    assert len(found.crossings) == 2


def test_what_was_learned_of_another_grid_says_nothing():
    """The series has older hours than what was learned: brought in since, say."""
    (short,) = learn([series_of(WHOLE[-40 * 24 :])], PLAIN, trust=NO_TRUST)
    (found,) = foresee(short, SERIES, [limit_of(150.0)], PLAIN)
    (alone,) = foresee(None, SERIES, [limit_of(150.0)], PLAIN)
    assert found == alone


def test_what_was_learned_serves_for_hours_and_days_to_come():
    past = replace(SERIES, values=WHOLE[: -3 * 24])
    (old,) = learn([past], PLAIN, trust=NO_TRUST)
    (fresh,) = learn([SERIES], PLAIN, trust=NO_TRUST)
    limit = [limit_of(160.0)]
    (one,), (other,) = (foresee(each, SERIES, limit, PLAIN) for each in (old, fresh))
    assert one.fitted_at == past.until
    assert one.made_at == SERIES.until
    for mine, theirs in zip(one.crossings, other.crossings, strict=True):
        assert mine.chance == pytest.approx(theirs.chance, abs=0.15)


def middles(calendar=PLAIN, changes=(), zone="UTC"):
    series = series_of(WHOLE, zone=zone)
    (learned,) = learn([series], calendar, trust=NO_TRUST)
    (found,) = foresee(learned, series, [limit_of(150.0)], calendar, changes=changes)
    return {point.at: point.middle for point in found.band}


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_a_promotion_lifts_its_local_days_and_no_others(zone):
    sale = Occasion(name="Sale", first=date(2026, 10, 13), last=date(2026, 10, 13), times=3.0)
    calendar = Calendar(occasions=(sale,), zone=series_of([], zone=zone).zone)
    usual, lifted = middles(zone=zone), middles(calendar, zone=zone)
    for at, amount in usual.items():
        on_the_day = at.astimezone(calendar.zone).date() == sale.first
        assert lifted[at] == pytest.approx(amount * (3.0 if on_the_day else 1.0), rel=1e-5)


def test_a_sale_that_has_begun_is_not_counted_twice():
    """As declared it is x3, and for a day it has been: tomorrow is x3 of the usual and not x9."""
    today = (NOW - HOUR).date()
    sale = Occasion(name="Sale", first=today, last=today + 2 * DAY, times=3.0)
    calendar = Calendar(occasions=(sale,))
    begun = WHOLE.copy()
    since = int((NOW - datetime(today.year, today.month, today.day, tzinfo=UTC)) / HOUR)
    begun[len(begun) - since :] *= 3.0
    series = series_of(begun)
    (learned,) = learn([series], calendar, trust=NO_TRUST)
    (found,) = foresee(learned, series, [limit_of(150.0)], calendar)
    usual = middles()
    for point in found.band[:24]:
        assert point.middle == pytest.approx(3.0 * usual[point.at], rel=0.05)


def test_a_promotion_of_unknown_size_is_named_and_lifts_nothing():
    sale = Occasion(name="Sale", first=date(2026, 10, 13), last=date(2026, 10, 13))
    calendar = Calendar(occasions=(sale,))
    assert middles(calendar) == middles()
    (found,) = foresee(LEARNED, SERIES, [limit_of(150.0)], calendar)
    assert found.reasons.occasions == ("Sale",)


@pytest.mark.parametrize(
    ("ahead", "under_way"),
    [(0, ("Sale",)), (1, ())],
    ids=["today", "tomorrow"],
)
def test_a_sale_is_under_way_from_its_first_day_on(ahead, under_way):
    day = NOW.date() + ahead * DAY
    calendar = Calendar(occasions=(Occasion(name="Sale", first=day, last=day),))
    (found,) = foresee(LEARNED, SERIES, [limit_of(150.0)], calendar)
    assert found.reasons.occasions == ("Sale",)
    assert found.reasons.under_way == under_way


def test_a_change_is_foreseen_with():
    halved = Change(since=NOW + 6 * HOUR, until=NOW + 30 * HOUR, times=0.5)
    usual, found = middles(), middles(changes=[halved])
    for place, at in enumerate(usual):
        assert found[at] == pytest.approx(usual[at] * (0.5 if 6 <= place < 30 else 1.0), rel=1e-5)


@pytest.mark.parametrize(
    ("last_days", "drifted"),
    [
        (WHOLE[-48:], False),
        (wave(48, seed=99), False),
        (WHOLE[-48:] * 2, True),
        (WHOLE[-48:] * 0.4, True),
        (np.zeros(48), True),
        (np.full(48, NAN), False),
    ],
    ids=["as it was", "its usual noise", "doubled", "less than half", "stopped", "not known"],
)
def test_drift_is_a_level_that_has_moved(last_days, drifted):
    (learned,) = learn([replace(SERIES, values=WHOLE[:-48])], PLAIN, trust=NO_TRUST)
    now = replace(SERIES, values=np.concatenate([WHOLE[:-48], last_days]))
    assert has_drifted(learned, now) is drifted


def test_what_does_not_fit_a_series_any_more_has_drifted():
    (learned,) = learn([series_of(WHOLE[-40 * 24 :])], PLAIN, trust=NO_TRUST)
    assert has_drifted(learned, SERIES)


def test_finer_bins_are_foreseen_over_the_horizons_asked_for():
    quarter = timedelta(minutes=15)
    series = series_of(WHOLE[-20 * 24 :].repeat(4), step=quarter)
    horizons = (timedelta(hours=6),)
    (learned,) = learn([series], PLAIN, horizons)
    (found,) = foresee(learned, series, [limit_of(100.0)], PLAIN, horizons=horizons)
    assert [each.horizon for each in found.crossings] == list(horizons)
    assert len(found.band) == 24
    assert found.step == quarter


@pytest.mark.parametrize(
    ("zone", "now"),
    [
        ("Europe/London", datetime(2026, 10, 24, 20, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 10, 25, 2, tzinfo=UTC)),
        ("Europe/London", datetime(2026, 3, 28, 20, tzinfo=UTC)),
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2026, 10, 3, 15, tzinfo=UTC)),
        ("Asia/Kolkata", datetime(2026, 10, 3, 15, tzinfo=UTC)),
    ],
)
def test_a_peak_keeps_its_local_hour_when_the_clock_is_changed(zone, now):
    """One hour a day is ten times as busy, at noon by the local clock."""
    made = series_of(np.ones(40 * 24), until=now, zone=zone)
    local = [(made.start + place * HOUR).astimezone(made.zone) for place in range(40 * 24)]
    busy = np.where([each.hour == 12 for each in local], 100.0, 10.0)
    series = replace(made, values=busy)
    (learned,) = learn([series], PLAIN, trust=NO_TRUST)
    (found,) = foresee(learned, series, [limit_of(60.0)], PLAIN)
    peaks = [point.at.astimezone(series.zone) for point in found.band if point.middle > 60]
    assert len(found.band) == 72
    assert [each.hour for each in peaks] == [12, 12, 12]


def test_foresight_is_imported_without_prophet_and_pandas():
    told = "import sys, forecasting.learning; print({'prophet', 'pandas'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
