"""What was learned is kept as text and read again; what cannot be read is refused."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecasting.combine import Calibration, Trust, Width
from forecasting.design import Design
from forecasting.learned import VERSION, Learned, dump, load
from forecasting.model import Skill
from forecasting.prophet_model import Fit
from tests.forecasting.recorded import NOW

FINITE = st.floats(allow_nan=False, allow_infinity=False)
DAYS = st.lists(st.integers(0, 100), min_size=1, max_size=5).map(tuple)
DESIGNS = st.builds(
    Design,
    start=st.integers(-(10**10), 10**10),
    step=st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    bins=st.integers(0, 20_000),
    weekly=st.integers(0, 24),
    daily=st.integers(0, 8),
    changepoints=st.integers(0, 25),
    marked=st.lists(
        st.lists(st.integers(0, 100), min_size=1, max_size=5).map(tuple), max_size=3
    ).map(tuple),
)
CALIBRATIONS = st.builds(Calibration, slope=st.floats(0.3, 2.0), offset=FINITE)
WIDTHS = st.builds(
    Width, hours=st.floats(0, 100), wide80=st.floats(0.5, 4.0), wide95=st.floats(0.5, 4.0)
)
LEARNED = st.builds(
    Learned,
    series_id=st.text(max_size=30),
    fitted_at=st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
        timezones=st.just(UTC),
    ),
    level_sd=st.floats(0, 1e6),
    fit=st.builds(
        Fit,
        design=DESIGNS,
        coefficients=st.lists(FINITE, max_size=20).map(np.array),
        scale=st.floats(0, 1e9),
    ),
    trust=st.builds(
        Trust,
        calibrations=st.dictionaries(st.integers(1, 500), CALIBRATIONS, max_size=4),
        skill=st.builds(Skill, brier=st.none() | FINITE, forecasts=st.integers(0, 1000)),
        widths=st.lists(WIDTHS, max_size=3).map(tuple),
    ),
)
ONE = Learned(
    series_id="instance/702/calls",
    fitted_at=NOW,
    level_sd=0.5,
    fit=Fit(
        design=Design(start=0, step=timedelta(hours=1), bins=100, weekly=0, daily=2),
        coefficients=np.arange(16.0),
        scale=3.0,
    ),
    trust=Trust(calibrations={24: Calibration(slope=0.9, offset=0.1)}),
)


@given(LEARNED)
def test_what_is_read_again_is_what_was_kept(learned):
    found = load(dump(learned))
    np.testing.assert_array_equal(found.fit.coefficients, learned.fit.coefficients)
    for name in ("series_id", "fitted_at", "level_sd", "trust"):
        assert getattr(found, name) == getattr(learned, name)
    for name in ("design", "scale", "skipped"):
        assert getattr(found.fit, name) == getattr(learned.fit, name)
    assert hash(found.fit.design) == hash(learned.fit.design)


@given(st.binary(max_size=200) | st.text(max_size=50).map(str.encode))
def test_garbage_is_refused(body):
    with pytest.raises(ValueError, match="what was learned cannot be read"):
        load(body)


@given(
    st.recursive(
        st.none() | st.booleans() | FINITE | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=6,
    ),
    st.sampled_from(sorted(json.loads(dump(ONE)))),
)
def test_a_field_of_another_shape_is_refused_or_read(value, field):
    """Whatever stands in one field: a ValueError, or something learned."""
    told = json.loads(dump(ONE)) | {field: value}
    with suppress(ValueError):
        assert isinstance(load(json.dumps(told).encode()), Learned)


@pytest.mark.parametrize("field", sorted(json.loads(dump(ONE))))
def test_what_is_incomplete_is_refused(field):
    told = json.loads(dump(ONE))
    del told[field]
    with pytest.raises(ValueError, match=field):
        load(json.dumps(told).encode())


def test_another_version_is_refused_by_its_number():
    told = json.loads(dump(ONE)) | {"version": VERSION + 1}
    with pytest.raises(ValueError, match=f"by version {VERSION + 1}, not {VERSION}"):
        load(json.dumps(told).encode())


def test_what_is_kept_is_small():
    assert len(dump(ONE)) < 2_000
