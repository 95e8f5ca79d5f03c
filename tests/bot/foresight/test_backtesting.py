"""`seamwatch backtest`: two whole files, or one clear sentence."""

from __future__ import annotations

import csv
import json
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.foresight import backtesting
from forecasting.backtest import backtest
from forecasting.dataset import BREACH, QUANTILES, read_dataset
from forecasting.trading_days import Calendar
from tests.forecasting.datasets import write_dataset


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_dataset(tmp_path / "data")


def ask(folder: Path, *more: str, breach: str = "", quantiles: str = ""):
    files = breach or str(folder.parent / "breach.csv"), quantiles or str(folder.parent / "q.csv")
    told = ("backtest", str(folder), "--breach", files[0], "--quantiles", files[1], *more)
    return CliRunner().invoke(main, told)


def read(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


@pytest.mark.process
def test_both_files_hold_what_is_told_of_every_series_in_order(folder):
    done = ask(folder, "--workers", "2", "--json")
    assert done.exit_code == 0, done.output
    judged = [backtest(case, Calendar()) for case in read_dataset(folder)]
    breach, quantiles = (read(folder.parent / name) for name in ("breach.csv", "q.csv"))
    assert breach[0] == list(BREACH)
    assert quantiles[0] == list(QUANTILES)
    assert breach[1:] == [list(map(str, row)) for each in judged for row in each.breaches]
    assert [row[:3] for row in quantiles[1:]] == [
        list(row[:3]) for each in judged for row in each.quantiles
    ]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told == {
        "series": 2,
        "breach_rows": len(breach) - 1,
        "quantile_rows": len(quantiles) - 1,
    }
    assert sorted(path.name for path in folder.parent.iterdir()) == ["breach.csv", "data", "q.csv"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--executor", "cloud"], '--executor cloud: expected "processes" or a Dask scheduler'),
        (["--workers", "0"], "--workers 0: "),
    ],
)
def test_workers_that_cannot_be_had_are_told_in_a_sentence(folder, more, sentence):
    refused(ask(folder, *more), sentence)


def test_a_folder_that_is_no_dataset_is_told_in_a_sentence(folder, tmp_path):
    refused(ask(tmp_path / "nowhere"), "nowhere is no directory.")
    (folder / "origins.csv").write_text("series,origin\n")
    refused(ask(folder), "names no series that has both limits and origins")


def test_files_that_cannot_be_written_are_told_before_anything_is_done(folder):
    for path in ("/nowhere/out.csv", "/dev/null"):
        refused(ask(folder, breach=path), f"{path} cannot be written")
        refused(ask(folder, quantiles=path), f"{path} cannot be written")
    same = str(folder / "out.csv")
    refused(ask(folder, breach=same, quantiles=same), "name two files")


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ArithmeticError("a\nb"), "ArithmeticError: a b"),
        (BrokenProcessPool(), "its worker ended before it had answered; try it with fewer"),
    ],
)
def test_a_series_that_cannot_be_judged_is_named(folder, error, why):
    done: Future = Future()
    done.set_exception(error)
    with pytest.raises(backtesting.NotJudged, match=f"The series shop could not be judged: {why}"):
        backtesting._rows(done, read_dataset(folder)[0])


def test_what_cannot_be_written_leaves_old_files_as_they_were(folder, monkeypatch):
    kept = folder.parent / "breach.csv"
    kept.write_text("kept")
    monkeypatch.setattr(backtesting, "write_table", lambda *_: _raise(OSError(28, "No space left")))
    with pytest.raises(backtesting.NotJudged, match="No space left"):
        backtesting.write(backtesting.Files(breach=kept, quantiles=folder / "q.csv"), [])
    assert kept.read_text() == "kept"
    assert not list(folder.parent.glob(".*"))


def _raise(error: Exception) -> None:
    raise error


def refused(done, sentence: str) -> None:
    assert done.exit_code != 0
    assert sentence in done.output
    assert "Traceback" not in done.output
