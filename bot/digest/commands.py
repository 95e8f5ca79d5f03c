"""`seamwatch digest`: what managers are told of a day, in the terminal or as a page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.console import FILE, one_sentence_for, settings_option

if TYPE_CHECKING:
    from bot.digest.facts import Digest

DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@settings_option
@click.option("--date", "day", type=DATE, help="the local date of the digest; none: up to now")
@click.option(
    "--form",
    type=click.Choice(["daily", "weekly", "monthly"]),
    default="daily",
    show_default=True,
    help="what it covers",
)
@click.option("--html", "page", type=FILE, help="write it into this file as one printable page")
def digest(path: Path, day: datetime | None, form: str, page: Path | None) -> None:
    """Say how it went: what is open, what was resolved, how runs went, what lies ahead.

    It tells what the running bot has stored; it only reads, and sends nothing.
    """
    from bot.digest import reading
    from bot.digest.page import render
    from bot.faults import SettingsRefused
    from bot.settings import load_settings
    from bot.store import StoreRefused

    with one_sentence_for(SettingsRefused, StoreRefused, reading.NoDigest, OSError):
        settings = load_settings(path)
        wanted = reading.Wanted(form=form, day=_date(day))
        found = reading.read_digest(settings, wanted, datetime.now(UTC))
        if page is not None:
            page.write_text(render(found), encoding="utf-8")
    if page is not None:
        click.echo(f"Written to {page}.")
    else:
        _print(found)


def _print(found: Digest) -> None:
    from bot.digest.plain import lines_of

    for line in lines_of(found):
        click.echo(line)


def _date(told: datetime | None) -> date | None:
    return told.date() if told else None
