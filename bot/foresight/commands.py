"""The commands of `seamwatch` about forecasts: what is foreseen, rehearsed, judged and taken in."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click

from bot.console import FILE, one_sentence_for, set_up_logging, settings_option, styled

LONG_FILE = 20_000  # lines


@click.command()
@settings_option
@click.argument("system", default="")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON a limit")
@click.option(
    "--png",
    type=click.Path(path_type=Path, dir_okay=False),
    help="draw the likeliest of them into this file",
)
def forecast(path: Path, system: str, as_json: bool, png: Path | None) -> None:
    """Say how likely each limit, or those of SYSTEM, will be reached, and when.

    It tells what the running bot last foresaw; it only reads.
    """
    import json

    from bot.faults import SettingsRefused
    from bot.foresight import forecast_command as told
    from bot.settings import load_settings
    from bot.store import StoreRefused

    set_up_logging(verbose=False)
    with one_sentence_for(SettingsRefused, StoreRefused, told.NothingForeseen, OSError):
        settings = load_settings(path)
        found = told.read_foreseen(settings, system)
        if png is not None:
            told.draw_into(settings, system, png)
    for each in found if as_json else ():
        click.echo(json.dumps(told.as_json(each)))
    for level, line in () if as_json else told.lines_of(found, settings.estate.zone):
        click.echo(f"{styled(level.value)}  {line}")


@click.command(context_settings={"ignore_unknown_options": True})
@settings_option
@click.argument("words", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="one line of JSON with all that is foreseen")
def whatif(path: Path, words: tuple[str, ...], as_json: bool) -> None:
    """Rehearse a peak: which limits break first, when, how likely, and what would hold.

    WORDS are those of `/seam whatif`: [SYSTEM] volume xN [on DATE | from DATE to DATE] [for FLOW],
    such as: netsuite volume x3 on 2026-11-27. It tells what the running bot has learned; it only
    reads.
    """
    import json

    from bot.faults import SettingsRefused
    from bot.foresight import whatif_command as told
    from bot.foresight.rehearsal import NotRehearsed
    from bot.not_started import NotStarted
    from bot.settings import load_settings
    from bot.store import StoreRefused

    set_up_logging(verbose=False)
    with one_sentence_for(SettingsRefused, NotStarted, StoreRefused, NotRehearsed):
        settings = load_settings(path)
        found = asyncio.run(told.rehearse(settings, " ".join(words)))
    if as_json:
        click.echo(json.dumps(told.as_json(found)))
        return
    for level, line in told.lines_of(found, settings.estate.zone):
        shown = styled(level.value) if level else " " * 7
        click.echo(f"{shown}  {line}")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--breach", type=FILE, required=True, help="the file for the chances")
@click.option("--quantiles", type=FILE, required=True, help="the file for what is expected")
@click.option("--executor", default="processes", show_default=True, help="or dask://HOST:PORT")
@click.option("--workers", type=int, help="series at a time; half of the cores unless told")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON with what was written")
def backtest(
    folder: Path, breach: Path, quantiles: Path, executor: str, workers: int | None, as_json: bool
) -> None:
    """Foresee the recorded series of DIR at each of their origins, from what was known then.

    DIR holds series.csv, series/NAME.csv, limits.csv and origins.csv. The two files written are
    tables (CSV): how likely each limit is reached, and the band of each bin ahead.
    """
    import json
    from dataclasses import asdict

    from bot.foresight import backtesting
    from bot.foresight.worker_cluster import NoCluster
    from forecasting.dataset import BadDataset

    with one_sentence_for(backtesting.NotJudged, BadDataset, NoCluster):
        files = backtesting.Files(breach=breach, quantiles=quantiles)
        cases = backtesting.read_cases(folder)
        told = backtesting.judge_all(cases, executor, workers)
        label = f"Foreseeing {len(cases)} series"
        with click.progressbar(told, len(cases), label, show_pos=True, file=sys.stderr) as shown:
            judged = dict(shown)
        done = backtesting.write(files, [judged[place] for place in range(len(cases))])
    click.echo(json.dumps(asdict(done)) if as_json else backtesting.say(done, files))


@click.group()
def history() -> None:
    """Look after what forecasts learn from."""


@history.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@settings_option
@click.option("--replace", is_flag=True, help="hours that were imported before are told anew")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON with what was taken")
def import_history(file: Path, path: Path, replace: bool, as_json: bool) -> None:
    """Take in older call volumes: a CSV of time, system, calls and, if known, refusals.

    All of FILE or, if anything in it is wrong or lies in the future, nothing. It may be asked
    beside a running bot, and before the first start.
    """
    import json

    from bot.clock import domain_now
    from bot.faults import SettingsRefused
    from bot.foresight import history as older
    from bot.settings import load_settings
    from bot.store import StoreRefused

    with one_sentence_for(SettingsRefused, StoreRefused, older.NotImported):
        settings = load_settings(path)
        now = domain_now(settings.clock.url)
        taken = older.take_history(settings, file, now, _show_reading, replace=replace)
    click.echo(json.dumps(older.as_json(taken)) if as_json else older.say_taken(taken))


def _show_reading(lines: Sequence[str]) -> AbstractContextManager[Iterable[str]]:
    """A bar on the terminal while a long file is read."""
    hidden = len(lines) < LONG_FILE or not sys.stderr.isatty()
    return click.progressbar(lines, label="Reading", file=sys.stderr, hidden=hidden)
