"""`seamwatch reconcile` and `seamwatch forget`: comparisons on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.console import FILE, one_sentence_for, set_up_logging, settings_option, styled

if TYPE_CHECKING:
    from bot.reconcile_settings import ReconcileSettings
    from bot.reconciling.forgetting import Forgotten
    from bot.reconciling.table import Table
    from bot.settings import Settings
    from bot.store.reconciliations import Kept
    from checks.reconcile.evidence import Compared

MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M%z"])
SHOWN = 20
TOLD_EVERY = 10.0
"""Seconds between two lines about how far it is, where nobody watches a terminal."""
LEVELS = {"same": "ok", "different": "breach", "unsure": "unknown"}
EXITS = {"same": 0, "different": 3, "unsure": 4}


@click.command()
@settings_option
@click.option("--pair", "name", metavar="NAME", help="one [[reconcile]] section; none: all")
@click.option("--since", type=MOMENT, help="compare now, from this moment on")
@click.option("--until", type=MOMENT, help="until before this one")
@click.option("--csv", "out", type=FILE, help="write all differences into this file")
def reconcile(
    path: Path,
    name: str | None,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
) -> None:
    """Say what comparing systems with each other came to, or compare a span of time now.

    With --since and --until (2026-11-21T13:00, by the clocks of the estate) both systems are read
    now; the outcome is printed, and neither stored nor sent. Without them it tells what the running
    bot has stored; --csv then writes the newest period of the pair that differs.

    Exit status: 0 nothing differs, 1 it could not be done, 2 the command was misspelt, 3 there are
    differences, 4 it is not known whether there are.
    """
    if (since is None) != (until is None):
        raise click.UsageError("--since and --until belong together")
    if (since is not None or out is not None) and name is None:
        raise click.UsageError("name the pair with --pair")
    set_up_logging(verbose=False)
    with _settings(path) as settings:
        span = (since, until) if since and until else None
        raise SystemExit(_answer(settings, name, span, out))


@click.command()
@settings_option
@click.argument("key")
def forget(path: Path, key: str) -> None:
    """Delete what is stored of an order's or a customer's KEY, as any of the systems writes it.

    That is every difference that comparisons found of it and every tracked value of Patchworks that
    was read, also where the key is masked or not kept. Of a value that was sent on stays, without
    the key, that something was. Out of other texts, such as lines of logs, sentences of incidents
    and notes of people, the key is struck.
    What was posted to Slack, written into files or is in backups stays there.
    """
    if not key.strip():
        raise click.UsageError("KEY is empty: name the order or the customer to forget")
    from bot.reconciling.forgetting import forget as delete
    from bot.store import open_to_read

    with _settings(path) as settings, closing(open_to_read(settings.watch.database)) as store:
        gone = delete(store, settings.reconcile, key)
    for said in _say_forgotten(gone):
        click.echo(said)


def _say_forgotten(gone: Forgotten) -> Iterator[str]:
    if gone.entries:
        said = "1 entry was" if gone.entries == 1 else f"{gone.entries:,} entries were"
        yield f"{said} deleted."
    if gone.sent:
        values = "a value that was" if gone.sent == 1 else f"{gone.sent:,} values that were"
        yield f"The key was struck out of {values} sent on; only that and when is still known."
    if gone.texts:
        yield f"The key was struck out of {gone.texts:,} text{'s' if gone.texts > 1 else ''}."
    if not (gone.entries or gone.sent or gone.texts):
        yield "Nothing is stored of this key."
    if not gone.searched:
        yield (
            "Texts were not searched for it: in logs and notes a key this short, or without a "
            "digit, means other things too."
        )


@contextmanager
def _settings(path: Path) -> Iterator[Settings]:
    """Failures in one sentence."""
    from bot.faults import SettingsRefused
    from bot.not_started import NotStarted
    from bot.reconciling.at_hand import NoSuchPair
    from bot.reconciling.reading import Unseen
    from bot.settings import load_settings
    from bot.store import StoreRefused

    expected = (SettingsRefused, NotStarted, NoSuchPair, Unseen, StoreRefused, ValueError, OSError)
    with one_sentence_for(*expected):
        yield load_settings(path)


def _answer(
    settings: Settings,
    name: str | None,
    span: tuple[datetime, datetime] | None,
    out: Path | None,
) -> int:
    from bot.reconciling.at_hand import pair_named

    if name is None:
        return _tell_stored(settings, [each.name for each in settings.reconcile], None)
    pair = pair_named(settings, name)
    if span is None:
        return _tell_stored(settings, [pair.name], out)
    return _compare(settings, pair, span, out)


def _compare(
    settings: Settings, pair: ReconcileSettings, span: tuple[datetime, datetime], out: Path | None
) -> int:
    from bot.reconciling.at_hand import calls_of, compare_now, window_of

    window = window_of(pair, *span, settings.estate.zone)
    within = calls_of(settings, pair)
    click.echo(f"Comparing {pair.name}{f' ({within})' if within else ''}.", err=True)
    with _table(settings, out) as table, _progress() as tell:
        found = asyncio.run(compare_now(settings, pair, window, table.add, tell))
        lines = table.lines
    _print(found, settings)
    if out is not None:
        click.echo(f"{lines:,} differences written to {out}.")
    return EXITS[found.standing.value]


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """A line on the terminal that says how far it is; elsewhere a line now and then."""
    import time

    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True)
    if console.is_terminal:
        with console.status("reading") as status:
            yield lambda said: status.update(escape(said))
        return
    told_at = time.monotonic()

    def now_and_then(said: str) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= TOLD_EVERY:
            told_at = time.monotonic()
            click.echo(f"{said} ...", err=True)

    yield now_and_then


def _tell_stored(settings: Settings, names: Sequence[str], out: Path | None) -> int:
    from bot.store import open_to_read, reconciliations

    most = 1 if len(names) > 1 else SHOWN
    with closing(open_to_read(settings.watch.database)) as store:
        found = [kept for each in names for kept in reconciliations.of_pair(store.db, each, most)]
        for kept in found:
            _print(kept.compared, settings)
        if not found:
            click.echo("Nothing was compared yet.")
        if out is not None:
            different = next((each for each in found if each.compared.found), None)
            with _table(settings, out) as table:
                if different is not None:
                    table.add_all(reconciliations.differences(store.db, different))
            click.echo(f"{table.lines:,} differences written to {out}.")
    return _exit_of(found)


def _exit_of(found: Sequence[Kept]) -> int:
    standings = {each.compared.standing.value for each in found}
    if any(each.compared.blind for each in found):
        standings.add("unsure")
    return next((EXITS[each] for each in ("different", "unsure") if each in standings), 0)


def _print(compared: Compared, settings: Settings) -> None:
    from checks.reconcile.sentences import measures, say

    level = "unknown" if compared.blind else LEVELS[compared.standing.value]
    click.echo(f"{styled(level)}  {say(compared, settings.estate.zone)}")
    if compared.standing.value != "same":
        for each in measures(compared):
            click.echo(f"         {each.label}: {each.measured}")
    if compared.standing.value == "different":
        for doubt in compared.doubts:
            click.echo(f"         {doubt[:1].upper()}{doubt[1:]}.")


@contextmanager
def _table(settings: Settings, out: Path | None) -> Iterator[Table]:
    """Into a file, or counting only."""
    import os

    from bot.reconciling.table import ENCODING, Table

    target = out or Path(os.devnull)
    with target.open("w", encoding=ENCODING, newline="") as file:
        yield Table(file, settings.privacy.keys)
