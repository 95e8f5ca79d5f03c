"""`seamwatch audit`: who did what, and who was refused, as the running bot wrote it down."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from bot.console import one_sentence_for, settings_option

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.store.audit import Audited

NameOf = Callable[[str], str | None]

LATELY = timedelta(days=7)
WORDS = 200
"""Characters that are shown of what was typed, and of why something was refused."""
THROUGH = {"button": "with a button", "command": "by command", "modal": "in a form"}
MOMENT = click.DateTime(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.command()
@settings_option
@click.option(
    "--since", type=MOMENT, help="from this local date or time on; else the last seven days"
)
@click.option("--incident", type=click.IntRange(1), help="all that was done to this incident")
@click.option("--refused", is_flag=True, help="only what was refused")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a line")
def audit(
    path: Path, since: datetime | None, incident: int | None, refused: bool, as_json: bool
) -> None:
    """List who did what in Slack, or was refused and why; the oldest first.

    It only reads, and may run beside the bot. Times are those of the estate; people whom the
    settings do not name stand in it by their Slack ids.
    """
    from bot.faults import SettingsRefused
    from bot.settings import load_settings
    from bot.store import StoreRefused

    with one_sentence_for(SettingsRefused, StoreRefused):
        settings = load_settings(path)
        lines = listed(settings, since, incident, refused=refused, as_json=as_json)
    for line in lines:
        click.echo(line)
    if not lines:
        click.echo("Nothing of that kind was done or refused.", err=True)


def listed(
    settings: Settings,
    since: datetime | None,
    incident: int | None,
    *,
    refused: bool,
    as_json: bool,
) -> list[str]:
    """A line for each attempt. `since` is by the clocks of the estate. Raises StoreRefused."""
    from bot.clock import domain_now
    from bot.directory import Directory
    from bot.store import open_to_read
    from bot.store.audit import audited_of, audited_since

    zone = settings.estate.zone
    store = open_to_read(settings.watch.database)
    try:
        first = since.replace(tzinfo=zone) if since else None
        if incident is not None:
            found = audited_of(store.db, f"#{incident}")
        else:
            found = audited_since(store.db, first or domain_now(settings.clock.url) - LATELY)
        name_of = Directory(settings.person, store=store).name_of
    finally:
        store.close()
    wanted = [
        each for each in found if (not first or each.at >= first) and not (refused and each.allowed)
    ]
    return [(as_object if as_json else as_line)(each, zone, name_of) for each in wanted]


def as_line(done: Audited, zone: ZoneInfo, name_of: NameOf) -> str:
    """ "2026-11-22 14:03:05 GMT · Priya · ack #42 with a button", and why it was refused."""
    from bot.slack.render.text import foreign_plain

    who = foreign_plain(name_of(done.who) or done.who, WORDS)
    through = THROUGH.get(done.via, f"through {done.via}")
    what = foreign_plain(f"{done.what} {done.subject}".strip(), WORDS)
    refused = "" if done.allowed else f" · REFUSED: {foreign_plain(done.because, WORDS)}"
    return f"{done.at.astimezone(zone):%Y-%m-%d %H:%M:%S %Z} · {who} · {what} {through}{refused}"


def as_object(done: Audited, _: ZoneInfo, name_of: NameOf) -> str:
    """The same for a machine: the moment in UTC, and everything that was kept."""
    told = {
        "at": done.at.isoformat(),
        "who": done.who,
        "name": name_of(done.who),
        "team": done.team,
        "what": done.what,
        "subject": done.subject,
        "via": done.via,
        "allowed": done.allowed,
        "because": done.because,
    }
    return json.dumps(told)
