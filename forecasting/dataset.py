"""A directory of recorded series to judge forecasts on, and the two files that a judge reads.

Layout: `series.csv` (series, freq), `series/NAME.csv` (ds, y), `limits.csv` (series, limit_id,
kind, limit, horizons_h) and `origins.csv` (series, origin). Kind "bin": the amount of one bin;
"day": the running sum since 00:00 UTC.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forecasting.model import Forecast
from forecasting.series import MOST, Series, on_grid

MOMENTS = ("first_breach_time", "fb_lo", "fb_hi")
BREACH = ("series", "limit_id", "origin", "horizon_h", "p_breach", *MOMENTS)
QUANTILES = ("series", "origin", "ds", "q025", "q10", "q50", "q90", "q975")
STEPS = {"min": timedelta(minutes=1), "h": timedelta(hours=1)}
KINDS = ("bin", "day")
TABLES = ("series.csv", "limits.csv", "origins.csv")
NAMED = 20  # missing files


class BadDataset(ValueError):
    """A file is missing or cannot be read; the text says which, where and what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A limit of a series: by `kind`, with its `horizons`, the nearest first."""

    id: str
    kind: str
    amount: float
    horizons: tuple[timedelta, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A series, its limits, and the moments (UTC) at which a forecast is due, oldest first."""

    series: Series
    limits: tuple[Line, ...]
    origins: tuple[datetime, ...]


def read_dataset(folder: Path) -> tuple[Case, ...]:
    """Every series of the directory that has limits and origins. Raises BadDataset."""
    _look_for_all(folder)
    limits: dict[str, list[Line]] = defaultdict(list)
    for place, row in _rows(folder / "limits.csv", ("series", "limit_id", "kind", "limit")):
        limits[row["series"]].append(_line(place, row))
    origins: dict[str, list[datetime]] = defaultdict(list)
    for place, row in _rows(folder / "origins.csv", ("series", "origin")):
        origins[row["series"]].append(_moment(place, row["origin"]))
    return tuple(
        Case(
            series=_series(folder, place, row),
            limits=tuple(limits[row["series"]]),
            origins=tuple(sorted(origins[row["series"]])),
        )
        for place, row in _rows(folder / "series.csv", ("series", "freq"))
        if limits[row["series"]] and origins[row["series"]]
    )


def breach_row(name: str, limit: Line, forecast: Forecast) -> Iterator[Sequence[object]]:
    """A row for each horizon; a forecast that is withheld has none."""
    for each in forecast.crossings:
        moments = (each.middle, each.soonest, each.latest)
        hours = each.horizon // timedelta(hours=1)
        told = [_text(moment) if moment else "" for moment in moments]
        yield (name, limit.id, _text(forecast.made_at), hours, f"{each.chance:.4f}", *told)


def quantile_rows(name: str, forecast: Forecast) -> Iterator[Sequence[object]]:
    """A row for each bin ahead."""
    for point in forecast.band:
        amounts = (point.lowest, point.low, point.middle, point.high, point.highest)
        told = [f"{amount:.6g}" for amount in amounts]
        yield (name, _text(forecast.made_at), _text(point.at), *told)


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Raises OSError."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _look_for_all(folder: Path) -> None:
    """Everything that is missing at once, so that nobody mends one file a time."""
    if not folder.is_dir():
        raise BadDataset(f"{folder} is no directory.")
    missing = [name for name in TABLES if not (folder / name).is_file()]
    tables = [folder / name for name in TABLES if name not in missing]
    named = [{row["series"] for _, row in _rows(table, ("series",))} for table in tables]
    asked = sorted(set.intersection(*named)) if named else []  # what one leaves out is not read
    files = [f"series/{name}.csv" for name in asked]
    missing += [file for file in files if not (folder / file).is_file()]
    if missing:
        more = [f"and {len(missing) - NAMED:,} more"] if len(missing) > NAMED else []
        raise BadDataset(f"{folder} lacks {', '.join([*missing[:NAMED], *more])}.")


def _rows(path: Path, needed: Sequence[str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each row with its place in the file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [name for name in needed if name not in (reader.fieldnames or ())]
            if missing:
                raise BadDataset(f"{path}: the first line names no column {', '.join(missing)}.")
            for row in reader:
                if any(row[name] is None for name in needed):
                    raise BadDataset(f"{path}, line {reader.line_num}: it is cut short.")
                yield f"{path}, line {reader.line_num}", row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadDataset(f"{path} cannot be read ({why}).") from None


def _line(place: str, row: Mapping[str, str]) -> Line:
    if row["kind"] not in KINDS:
        raise BadDataset(f"{place}: the kind is {row['kind']!r}, expected bin or day.")
    horizons = sorted(
        _above_zero(place, each) for each in (row.get("horizons_h") or "24;72").split(";")
    )
    return Line(
        id=row["limit_id"],
        kind=row["kind"],
        amount=_above_zero(place, row["limit"]),
        horizons=tuple(timedelta(hours=each) for each in horizons),
    )


def _series(folder: Path, place: str, row: Mapping[str, str]) -> Series:
    name, freq = row["series"], row["freq"]
    unit = next((unit for unit in STEPS if freq.endswith(unit)), None)
    if unit is None:
        raise BadDataset(f"{place}: the freq is {freq!r}, expected for example 1h or 15min.")
    step = int(_above_zero(place, freq.removesuffix(unit) or "1")) * STEPS[unit]
    points = [
        (_moment(at, each["ds"]), _number(at, each["y"]))
        for at, each in _rows(folder / "series" / f"{name}.csv", ("ds", "y"))
    ]
    if not points:
        raise BadDataset(f"{folder / 'series' / name}.csv holds no amounts.")
    return on_grid(points, id=name, until=max(at for at, _ in points) + step, step=step)


def _moment(place: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise BadDataset(f"{place}: {text!r} is no time; write 2026-11-27T14:00:00Z.") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _number(place: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadDataset(f"{place}: {text!r} is no number.") from None


def _above_zero(place: str, text: str) -> float:
    found = _number(place, text)
    if not 0 < found < MOST:
        raise BadDataset(f"{place}: {text!r} is no number above zero.")
    return found


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
