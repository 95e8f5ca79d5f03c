"""`seamwatch oncall`: who is on call, as sentences or as a calendar; and warnings about gaps."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.console import one_sentence_for, settings_option

if TYPE_CHECKING:
    from bot.incidents.rota import Override, Rota
    from bot.oncall.rotas import Rotas
    from bot.settings import Settings


@click.command()
@settings_option
@click.argument("rota", default="")
@click.option(
    "--ical", is_flag=True, help="the shifts as a calendar (iCalendar), on standard output"
)
@click.option("--weeks", type=click.IntRange(1, 52), default=4, show_default=True, help="how far")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON a shift")
def oncall(path: Path, rota: str, ical: bool, weeks: int, as_json: bool) -> None:
    """Say who is on call now and in the next weeks, of ROTA or of all.

    It tells the rotas of the settings with what people arranged in Slack; it only reads, so it may
    be asked beside a running bot.
    """
    import json

    from bot.clock import domain_now
    from bot.faults import SettingsRefused
    from bot.oncall.ical_export import export
    from bot.oncall.reading import NoRota, known_rotas
    from bot.settings import load_settings

    with one_sentence_for(SettingsRefused):
        settings = load_settings(path)
    now = domain_now(settings.clock.url)
    until = now + timedelta(weeks=weeks)
    with one_sentence_for(NoRota), known_rotas(settings) as known:
        arranged = known.overrides(now)
        for each in _chosen(known, rota, one=ical):
            if ical:
                click.echo(export(each, arranged, now, until), nl=False)
            elif as_json:
                for shift in as_rows(each, arranged, now, until):
                    click.echo(json.dumps(shift))
            else:
                click.echo("\n".join(_lines(each, arranged, now, until)))


def warnings_of(settings: Settings, now: datetime) -> list[str]:
    """What `config check` warns of: gaps of the next four weeks, and calendars that cannot be used.

    A calendar at an address is not fetched for it: what the running bot last read counts.
    """
    from bot.oncall.gaps import gap_sentences
    from bot.oncall.reading import known_rotas

    with known_rotas(settings, says=False) as known:
        trouble = known.trouble
        usable = [rota for rota in known.all if rota.layers or rota.imported]
        return [*trouble.values(), *gap_sentences(usable, known.overrides(now), now)]


def as_rows(
    rota: Rota, overrides: Iterable[Override], since: datetime, until: datetime
) -> Iterable[dict[str, Any]]:
    from bot.incidents.rota import shifts

    for shift in shifts(rota, overrides, since, until):
        yield {
            "rota": rota.name,
            "person": shift.person,
            "since": shift.since.isoformat(),
            "until": shift.until.isoformat(),
            "from": shift.layer,
        }


def _chosen(known: Rotas, name: str, *, one: bool) -> list[Rota]:
    """Raises NoRota."""
    from bot.oncall.reading import NoRota

    names = ", ".join(rota.name for rota in known.all)
    if not names:
        raise NoRota("There is no [[rota]] in the settings.")
    if not name and one and len(known.all) > 1:
        raise NoRota(f"A calendar is of one rota; name one of {names}.")
    found = known.find(name) if name else None
    if name and found is None:
        raise NoRota(f"There is no rota {name!r}; there are {names}.")
    return [found] if found else list(known.all)


def _lines(
    rota: Rota, overrides: Iterable[Override], now: datetime, until: datetime
) -> Iterable[str]:
    """By the clocks of the rota's zone."""
    from bot.incidents.rota import on_call, shifts
    from bot.oncall.gaps import gap_sentences

    kept = list(overrides)
    people = " and ".join(on_call(rota, kept, now)) or "nobody"
    yield f"{rota.name} ({rota.zone.key}): {people} on call now"
    for shift in shifts(rota, kept, now, until):
        begin, end = (at.astimezone(rota.zone) for at in (shift.since, shift.until))
        yield f"  {begin:%a %-d %b %H:%M} to {end:%a %-d %b %H:%M}  {shift.person}  ({shift.layer})"
    yield from gap_sentences([rota], kept, now)
