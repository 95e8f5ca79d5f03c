"""`seamwatch backtest`: foresees recorded series, for anyone to judge by the two files written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from bot.forecast_settings import ForecastSettings
from bot.foresight.workers import open_executor
from checks.words import plain, say_count
from forecasting.backtest import Judged, backtest
from forecasting.dataset import BREACH, QUANTILES, Case, read_dataset, write_table
from forecasting.trading_days import Calendar

SAID_FITS = 200


class NotJudged(Exception):
    """The backtest cannot be done; one sentence that says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Where the answers go. Raises NotJudged where they cannot be written there."""

    breach: Path
    quantiles: Path

    def __post_init__(self) -> None:
        if self.breach.resolve() == self.quantiles.resolve():
            raise NotJudged(f"{self.breach} cannot hold both answers: name two files.")
        for path in (self.breach, self.quantiles):
            special = path.exists() and not path.is_file()
            if special or not os.access(path.resolve().parent, os.W_OK):
                raise NotJudged(f"{path} cannot be written: name a file in a folder of yours.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was written."""

    series: int
    breach_rows: int
    quantile_rows: int


def read_cases(folder: Path) -> tuple[Case, ...]:
    """Raises NotJudged where there is none, BadDataset where they cannot be read."""
    cases = read_dataset(folder)
    if not cases:
        raise NotJudged(
            f"{folder} names no series that has both limits and origins: look at its series.csv, "
            "limits.csv and origins.csv."
        )
    return cases


def judge_all(
    cases: Sequence[Case], executor: str, workers: int | None
) -> Iterator[tuple[int, Judged]]:
    """Each series' place and rows, in the order in which they are done.

    Days go by UTC, without holidays: recorded series tell no country. Raises NotJudged, NoCluster.
    """
    settings = _settings(executor, workers)
    with open_executor(settings.executor, settings.at_once) as pool:
        jobs = {pool.submit(backtest, cases[place], Calendar()): place for place in _by_cost(cases)}
        try:
            for done in as_completed(jobs):
                yield jobs[done], _rows(done, cases[jobs[done]])
        finally:
            for job in jobs:
                job.cancel()


def write(files: Files, judged: Sequence[Judged]) -> Summary:
    """Each file is written whole or left as it was. Raises NotJudged."""
    breaches = [row for each in judged for row in each.breaches]
    quantiles = [row for each in judged for row in each.quantiles]
    try:
        with (
            _replacing(files.breach.resolve()) as one,
            _replacing(files.quantiles.resolve()) as other,
        ):
            write_table(one, BREACH, breaches)
            write_table(other, QUANTILES, quantiles)
    except OSError as error:
        raise NotJudged(f"{error.filename}: cannot be written ({error.strerror}).") from None
    return Summary(series=len(judged), breach_rows=len(breaches), quantile_rows=len(quantiles))


def say(done: Summary, files: Files) -> str:
    """One sentence."""
    return (
        f"{files.breach} holds {say_count(done.breach_rows, 'chance')} and {files.quantiles} "
        f"{say_count(done.quantile_rows, 'bin')}, of {done.series} series."
    )


def _settings(executor: str, workers: int | None) -> ForecastSettings:
    try:
        return ForecastSettings(executor=executor, workers=workers)
    except ValidationError as error:
        told = error.errors(include_url=False)[0]
        sentence = told["msg"].removeprefix("Value error, ")
        raise NotJudged(f"--{told['loc'][0]} {told['input']}: {sentence}.") from None


def _by_cost(cases: Sequence[Case]) -> list[int]:
    """The dearest first, so that none is left over at the end for one worker alone."""
    return sorted(range(len(cases)), key=lambda place: -_cost(cases[place]))


def _cost(case: Case) -> int:
    return len(case.series.values) * len(case.origins)


def _rows(done: Future[Judged], case: Case) -> Judged:
    try:
        return done.result()
    except (BrokenExecutor, CancelledError):
        why = "its worker ended before it had answered; try it with fewer --workers"
    except Exception as error:  # noqa: BLE001 (whatever goes wrong in a worker is told in a clause)
        why = plain(f"{type(error).__name__}: {error}".rstrip(": ."), SAID_FITS)
    raise NotJudged(f"The series {plain(case.series.id)} could not be judged: {why}.")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A file beside it, which takes its place when all has gone well."""
    draft = path.with_name(f".{path.name}.part")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
