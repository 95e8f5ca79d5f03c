"""`seamwatch report`: the post-incident report of one incident, into a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.console import one_sentence_for, settings_option

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store import Database


@click.command()
@settings_option
@click.argument("incident", type=click.IntRange(1))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="the file to write; else it goes to standard output",
)
def report(path: Path, incident: int, out: Path | None) -> None:
    """Write the report on INCIDENT (its number) as Markdown.

    It tells what the running bot has stored; it only reads. People whom the settings do not name
    stand in it by their Slack ids.
    """
    from bot.clock import domain_now
    from bot.faults import SettingsRefused
    from bot.settings import load_settings
    from bot.store import StoreRefused

    with one_sentence_for(SettingsRefused, StoreRefused, LookupError, OSError):
        settings = load_settings(path)
        text = written(settings, incident, domain_now(settings.clock.url))
        if out is None:
            click.echo(text, nl=False)
            return
        _save(out, text)
    click.echo(f"{out} holds the report on #{incident}.")


def _save(out: Path, text: str) -> None:
    """Raises ClickException in a sentence where the file cannot be written."""
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        why = (error.strerror or "it is refused").lower()
        if not out.parent.is_dir():
            why = f"there is no folder {out.parent}"
        said = f"The report cannot be written to {out}: {why}. Name another file after --out."
        raise click.ClickException(said) from None


def written(settings: Settings, incident_id: int, now: datetime) -> str:
    """The report by what is stored. Raises StoreRefused, or LookupError in a sentence."""
    from bot.build_ownership import ownership_of
    from bot.costs import pricing_of
    from bot.directory import Directory
    from bot.reports.facts import Around, gather, people_in
    from bot.reports.report import write
    from bot.store import open_to_read
    from checks.registry import discover
    from runbooks.book import Book

    store = open_to_read(settings.watch.database)
    try:
        directory = Directory(settings.person, store=store)
        known = ((each, directory.name_of(each)) for each in people_in(store.db, incident_id))
        people = {user_id: name for user_id, name in known if name}
        around = Around(
            zone=settings.estate.zone,
            estate=settings.estate.name,
            titles={name: check.title for name, check in discover().items()},
            book=Book(),
            ownership=ownership_of(settings),
            pricing=pricing_of(settings),
            places=_places(settings, store.db, incident_id),
        )
        return write(gather(store.db, incident_id, around, people, now))
    finally:
        store.close()


def _places(settings: Settings, db: Database, incident_id: int) -> dict[str, str]:
    """What the channel is called. Slack is not asked, so this is known only where the settings
    announce everything in one channel and the incident was told in one."""
    from bot.store.reporting import told

    elsewhere = [each.channel for each in settings.team] + [each.channel for each in settings.route]
    if any(elsewhere):
        return {}
    places = {each.destination for each in told(db, incident_id)}
    channels = [each for each in places if each.startswith("slack/")]
    return {channels[0]: settings.slack.channel} if len(channels) == 1 else {}
