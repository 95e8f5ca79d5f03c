"""`seamwatch export`: what the bot has stored, as a file for other tools."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from bot.console import FILE, one_sentence_for, settings_option
from bot.export.tables import TABLES

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from bot.export.rows import Wanted

TELLS = "\b\nWHAT is one of these:\n" + "\n".join(
    f"  {each.name:<17}{each.about}" for each in TABLES.values()
)
MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command(epilog=TELLS)
@click.argument("what", type=click.Choice(list(TABLES)), metavar="WHAT")
@settings_option
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl", "parquet"]),
    default="csv",
    show_default=True,
    help="how it is written",
)
@click.option("--since", type=MOMENT, help="from this local date or time on")
@click.option("--until", type=MOMENT, help="up to this local date or time, itself not included")
@click.option("--out", type=FILE, help="the file to write; none: to the terminal, but for Parquet")
def export(
    what: str,
    path: Path,
    form: str,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
) -> None:
    """Write a table of what the bot has stored.

    Times are UTC. It only reads, and may be asked beside a running bot.
    """
    from bot.export.rows import all_of
    from bot.export.writing import NoParquet
    from bot.faults import SettingsRefused
    from bot.settings import load_settings
    from bot.store import StoreRefused

    if out is None and form == "parquet":
        raise click.UsageError("Parquet is no text for a terminal; add --out FILE.")
    with one_sentence_for(SettingsRefused, StoreRefused, NoParquet, OSError):
        settings = load_settings(path)
        zone, table = settings.estate.zone, TABLES[what]
        keys = settings.privacy.keys
        wanted = all_of(table, _moment(since, zone), _moment(until, zone), keys)
        if (since or until) and not table.since:
            raise click.UsageError(f"{what} holds the present only; leave --since and --until out.")
        with _file(out) as file:
            written = _write(settings.watch.database, wanted, form, file)
    if out is not None:
        click.echo(f"{written:,} {'row' if written == 1 else 'rows'} written to {out}.")


def _write(database: Path, wanted: Wanted, form: str, file: IO[bytes]) -> int:
    """Raises StoreRefused, NoParquet or OSError."""
    import sqlite3
    from contextlib import closing

    from bot.export.rows import parts
    from bot.export.writing import WRITERS
    from bot.store import StoreRefused, open_to_read
    from bot.store.views import reading

    try:
        with closing(open_to_read(database)), reading(database) as db:
            return WRITERS[form](file, wanted.columns, parts(db, wanted))
    except sqlite3.Error as error:
        raise StoreRefused(f"The database {database} cannot be read ({error}).") from error


@contextmanager
def _file(out: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that takes the place of the old one only when it is complete."""
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    unfinished = out.with_name(f"{out.name}.part")
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _moment(told: datetime | None, zone: ZoneInfo) -> datetime | None:
    return told.replace(tzinfo=zone).astimezone(UTC) if told else None
