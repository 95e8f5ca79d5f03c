"""A directory of recorded series: read whole, or refused in one sentence that says where."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from forecasting.dataset import (
    BREACH,
    QUANTILES,
    BadDataset,
    breach_row,
    quantile_rows,
    read_dataset,
    write_table,
)
from forecasting.model import BandPoint, Crossing, Forecast
from tests.forecasting.datasets import DAYS, ORIGINS, write_dataset
from tests.forecasting.recorded import DAY, HOUR, NOW

FORECAST = Forecast(
    limit_id="busy",
    made_at=NOW,
    model="mixture",
    history=60 * DAY,
    amount=150.0,
    step=HOUR,
    crossings=(
        Crossing(
            horizon=DAY,
            chance=0.123456,
            soonest=NOW + HOUR,
            middle=NOW + 2 * HOUR,
            latest=NOW + 3 * HOUR,
            headroom=3.0,
        ),
        Crossing(
            horizon=3 * DAY, chance=0.5, soonest=None, middle=None, latest=None, headroom=-1.0
        ),
    ),
    band=(BandPoint(at=NOW, lowest=0.0, low=1.0, middle=12345678.9, high=3.0, highest=4.0),),
)


@pytest.fixture
def folder(tmp_path):
    return write_dataset(tmp_path)


def test_every_series_comes_with_its_limits_and_origins(folder):
    shop, till = read_dataset(folder)
    assert (shop.series.id, till.series.id) == ("shop", "till")
    assert (len(shop.series.values), shop.series.until) == (DAYS * 24, NOW)
    assert shop.origins == tuple(sorted(ORIGINS))
    assert [(each.id, each.kind, each.amount) for each in shop.limits] == [
        ("busy", "bin", 150.0),
        ("day", "day", 2200.0),
    ]
    assert till.limits[0].horizons == (DAY, 3 * DAY)  # the nearest first, however they are written


def test_a_missing_row_is_a_gap(tmp_path):
    amounts = np.arange(48.0)
    amounts[10:12] = np.nan
    shop, _ = read_dataset(write_dataset(tmp_path, amounts))
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(shop.series.values)), [10, 11])


def test_a_series_without_limits_or_origins_is_left_out(folder):
    limits = folder / "limits.csv"
    kept = [line for line in limits.read_text().splitlines() if not line.startswith("till")]
    limits.write_text("\n".join(kept))
    assert [case.series.id for case in read_dataset(folder)] == ["shop"]


@pytest.mark.parametrize(
    ("freq", "step"),
    [("1h", HOUR), ("h", HOUR), ("15min", timedelta(minutes=15)), ("5min", timedelta(minutes=5))],
)
def test_bins_may_be_finer_than_an_hour(folder, freq, step):
    (folder / "series.csv").write_text(f"series,freq\nshop,{freq}\n")
    (case,) = read_dataset(folder)
    assert case.series.step == step
    assert case.series.until == NOW - HOUR + step


@pytest.mark.parametrize(
    ("file", "line", "sentence"),
    [
        ("series.csv", "shop,daily", "the freq is 'daily', expected for example 1h or 15min."),
        ("series.csv", "shop,0h", "'0' is no number above zero."),
        ("series.csv", "shop", "it is cut short."),
        ("series.csv", "other,1h", ""),
        ("limits.csv", "shop,x,week,5,24", "the kind is 'week', expected bin or day."),
        ("limits.csv", "shop,x,bin,many,24", "'many' is no number."),
        ("limits.csv", "shop,x,bin,nan,24", "'nan' is no number above zero."),
        ("limits.csv", "shop,x,bin,5,soon", "'soon' is no number."),
        ("limits.csv", "shop,x,bin,5,-24", "'-24' is no number above zero."),
        ("origins.csv", "shop,Tuesday", "'Tuesday' is no time; write 2026-11-27T14:00:00Z."),
        ("series/shop.csv", "2026-10-01T00:00:00Z,lots", "'lots' is no number."),
        ("series/shop.csv", "yesterday,1", "'yesterday' is no time"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(folder, file, line, sentence):
    path = folder / file
    header = path.read_text().splitlines()[0]
    path.write_text(f"{header}\n{line}\n")
    if not sentence:  # a series that nobody asks about is not read
        assert read_dataset(folder) == ()
        return
    with pytest.raises(BadDataset) as told:
        read_dataset(folder)
    assert str(told.value).startswith(f"{path}, line 2: {sentence}")


@pytest.mark.parametrize("file", ["series.csv", "limits.csv", "origins.csv", "series/till.csv"])
def test_a_file_that_is_garbled_or_has_other_columns_is_named(folder, file):
    path = folder / file
    for spoilt in (b"\xff\xfe\x00", b""):
        path.write_bytes(spoilt)
        with pytest.raises(BadDataset) as told:
            read_dataset(folder)
        assert str(path) in str(told.value)
        path.write_text("a,b\n1,2\n")
    with pytest.raises(BadDataset, match="the first line names no column"):
        read_dataset(folder)


@pytest.mark.parametrize(
    "files",
    [("series.csv",), ("limits.csv", "origins.csv", "series/shop.csv", "series/till.csv")],
    ids=["one", "several"],
)
def test_all_files_that_are_missing_are_named_at_once(folder, files):
    for file in files:
        (folder / file).unlink()
    with pytest.raises(BadDataset) as told:
        read_dataset(folder)
    assert str(told.value) == f"{folder} lacks {', '.join(files)}."


def test_a_series_without_a_row_is_refused(folder):
    (folder / "series" / "shop.csv").write_text("ds,y\n")
    with pytest.raises(BadDataset, match=r"shop\.csv holds no amounts"):
        read_dataset(folder)


def test_a_moment_without_a_zone_is_utc(folder):
    (folder / "origins.csv").write_text("series,origin\nshop,2026-10-10\n")
    (case,) = read_dataset(folder)
    assert case.origins == (datetime(2026, 10, 10, tzinfo=UTC),)


def test_a_forecast_is_a_row_for_each_horizon_and_each_bin(tmp_path):
    (shop,) = [case for case in read_dataset(write_dataset(tmp_path)) if case.series.id == "shop"]
    near, far = breach_row("shop", shop.limits[0], FORECAST)
    assert dict(zip(BREACH, near, strict=True)) == {
        "series": "shop",
        "limit_id": "busy",
        "origin": "2026-10-12T00:00:00Z",
        "horizon_h": 24,
        "p_breach": "0.1235",
        "first_breach_time": "2026-10-12T02:00:00Z",
        "fb_lo": "2026-10-12T01:00:00Z",
        "fb_hi": "2026-10-12T03:00:00Z",
    }
    assert far[3:] == (72, "0.5000", "", "", "")
    (row,) = quantile_rows("shop", FORECAST)
    assert dict(zip(QUANTILES, row, strict=True))["q50"] == "1.23457e+07"


def test_a_table_is_read_again_as_it_was_written(tmp_path):
    path = tmp_path / "out.csv"
    write_table(path, ("a", "b"), [("x,y", 1), ("", 2)])
    with path.open(newline="") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["x,y", "1"], ["", "2"]]
