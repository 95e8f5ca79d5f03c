"""The `seamwatch` command. Heavy imports wait until a command needs them, so that --help is quick.

Every command ends with a non-zero status and one clear sentence when it fails.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.console import one_sentence_for, set_up_logging, settings_option, styled
from bot.digest.commands import digest
from bot.export.commands import export
from bot.foresight import commands
from bot.oncall.commands import oncall, warnings_of
from bot.reconciling.commands import forget, reconcile
from bot.reports.audit import audit
from bot.reports.commands import report
from bot.signals import in_foreground, on_hangup, run_until_stopped

if TYPE_CHECKING:
    from bot.once import Look
    from bot.settings import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="seamwatch")
def main() -> None:
    """Seamwatch watches the seams between a retailer's systems, joined by Patchworks.

    Try it with `seamwatch demo`; run it with `seamwatch run`.
    """


@main.command()
@settings_option
@click.option("--verbose", "-v", is_flag=True, help="log more of what is done")
def run(path: Path, verbose: bool) -> None:
    """Run the bot until it is stopped (Ctrl-C, SIGTERM).

    The settings file, and the files that its secrets stand in, are read anew when they change, and
    at once on SIGHUP. A file with faults changes nothing: the log and `/seam status` name them.

    In the foreground of a terminal SIGHUP means that the terminal is closed: the bot stops. Under
    nohup SIGHUP is ignored.
    """
    from bot.faults import SettingsRefused
    from bot.not_started import NotStarted
    from bot.reload import Wishes, live
    from bot.slack.connection import SlackRefused
    from bot.store import StoreRefused

    async def by_settings(stop: asyncio.Event) -> None:
        wishes = Wishes(stop=stop, reload=asyncio.Event())
        if not in_foreground():
            on_hangup(wishes.reload)
        await live(path, wishes)

    set_up_logging(verbose)
    with one_sentence_for(SettingsRefused, NotStarted, SlackRefused, StoreRefused):
        run_until_stopped(by_settings)


@main.group()
def config() -> None:
    """Look after the settings file."""


@config.command()
@settings_option
def check(path: Path) -> None:
    """List every fault of the settings file at once."""
    from bot.build_ownership import ownership_warnings
    from bot.faults import SettingsRefused
    from bot.flow_warnings import flow_warnings
    from bot.reconcile_warnings import reconcile_warnings
    from bot.settings import load_settings
    from bot.silence_warnings import silence_warnings

    with one_sentence_for(SettingsRefused):
        settings = load_settings(path)
    now = datetime.now(UTC)
    click.echo(
        f"{path} is in order: watching {settings.estate.name}, a round every "
        f"{settings.watch.every.total_seconds():.0f} s, incidents go to {settings.slack.channel} "
        f"({'Socket Mode' if settings.slack.mode == 'socket' else 'HTTP mode'})."
    )
    for sentence in (
        *warnings_of(settings, now),
        *silence_warnings(settings, now),
        *ownership_warnings(settings),
        *flow_warnings(settings),
        *reconcile_warnings(settings),
    ):
        click.echo(f"{click.style('Warning:', fg='yellow')} {sentence}")


@main.command()
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("seamwatch.toml"),
    show_default=True,
    help="the file to write",
)
@click.option("--force", is_flag=True, help="overwrite it if it is there")
@click.option(
    "--api-key-env",
    metavar="NAME",
    default="SEAMWATCH_PATCHWORKS_API_KEY",
    show_default=True,
    help="the environment variable with the API key",
)
@click.option("--username", help="instead of a key: a user's name")
@click.option(
    "--password-env",
    metavar="NAME",
    default="SEAMWATCH_PATCHWORKS_PASSWORD",
    show_default=True,
    help="and the environment variable with the password",
)
@click.option("--core-url", metavar="URL", help="another Core API than Patchworks' own")
@click.option("--login-url", metavar="URL", help="another place to log in")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON with what was found")
def init(output: Path, force: bool, as_json: bool, **told: str | None) -> None:
    """Ask Patchworks for its flows and instances, and write a settings file to fill in."""
    import json

    from bot import init as first

    set_up_logging(verbose=False)
    wanted = first.Wanted(output=output, force=force, patchworks=_way_into_patchworks(told))
    with one_sentence_for(first.NotWritten):
        found = asyncio.run(first.write_first_settings(wanted))
    said = json.dumps(first.as_json(found, output)) if as_json else first.say(found, output)
    click.echo(said)


@main.command()
@settings_option
@click.option("--json", "as_json", is_flag=True, help="one line of JSON a finding")
def doctor(path: Path, as_json: bool) -> None:
    """Say of everything the bot leans on whether it is reachable, permitted and fresh."""
    from bot.faults import SettingsRefused
    from bot.settings import load_settings

    set_up_logging(verbose=False)
    with one_sentence_for(SettingsRefused):
        settings = load_settings(path)
    if not asyncio.run(_examine(settings, as_json)):
        raise SystemExit(1)


@main.command("round")
@settings_option
@click.option("--json", "as_json", is_flag=True, help="one line of JSON a verdict, ok ones too")
def look(path: Path, as_json: bool) -> None:
    """Look once at everything, print what is seen, send nothing.

    It judges by what the database remembers, which it only reads, so it may be asked beside a
    running bot.

    Exit status: 0 all is ok, 1 it could not look, 2 the command was misspelt, 3 trouble was seen,
    4 no trouble was seen but not everything could be seen or judged.
    """
    from bot.faults import SettingsRefused
    from bot.not_started import NotStarted
    from bot.once import look_once
    from bot.settings import load_settings
    from bot.store import StoreRefused

    set_up_logging(verbose=False)
    logging.getLogger().setLevel(logging.ERROR)  # what cannot be read stands in the answer
    with one_sentence_for(SettingsRefused, NotStarted, StoreRefused):
        found = asyncio.run(look_once(load_settings(path)))
    _print_look(found, as_json)
    raise SystemExit(int(found.ending))


@main.command()
@click.option("--http", "url", metavar="URL", help="for HTTP mode: where Slack reaches the bot")
def manifest(url: str | None) -> None:
    """Print the manifest to create the Slack app from."""
    from bot.slack.manifest import render

    if url is not None and not url.startswith("https://"):
        raise click.BadParameter(
            "expected the https:// address that Slack reaches", param_hint="--http"
        )
    click.echo(render("http", url) if url else render("socket"))


@main.command()
@click.option("--scenario", default="stuck_queue", show_default=True, help="what happens")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="of the page; 0: any free")
@click.option("--speed", default=1.0, show_default=True, help="sandbox seconds a second")
@click.option("--no-browser", is_flag=True, help="do not open the page")
@click.option("--keep", is_flag=True, help="keep the demo's folder (settings, database, log)")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON with addresses and tokens")
def demo(
    scenario: str, port: int, speed: float, no_browser: bool, keep: bool, as_json: bool
) -> None:
    """Try it: a made-up workspace and estate on this machine, and the real bot between them."""
    from bot.sandbox.demo import Demo, DemoFailed, Options
    from bot.slack.manifest import load
    from bot.slack.verbs import COMMAND, verbs

    set_up_logging(verbose=False)
    options = Options(
        scenario=scenario,
        port=port,
        speed=speed,
        open_browser=not (no_browser or as_json),
        keep=keep,
        as_json=as_json,
    )
    hints = {f"{COMMAND} {each.typed}": each.does for verb in verbs() for each in verb.examples}
    with one_sentence_for(DemoFailed):
        run_until_stopped(Demo(options, load(), hints).run)


for command in (commands.forecast, commands.whatif, commands.backtest, commands.history):
    main.add_command(command)
for command in (oncall, report, audit, digest, export, reconcile, forget):
    main.add_command(command)


def _way_into_patchworks(told: Mapping[str, str | None]) -> dict[str, str]:
    """The keys of `[patchworks]` that the options stand for."""
    if told["username"]:
        secret = {"username": told["username"], "password": f"env:{told['password_env']}"}
    else:
        secret = {"api_key": f"env:{told['api_key_env']}"}
    return secret | {key: url for key in ("core_url", "login_url") if (url := told[key])}


async def _examine(settings: Settings, as_json: bool) -> bool:
    """Print every finding; whether none is trouble."""
    import json
    from dataclasses import asdict

    from bot.doctor import State, examine

    signs = {State.WELL: "ok     ", State.TROUBLE: "TROUBLE", State.UNKNOWN: "unknown"}
    well = True
    async for finding in examine(settings):
        well = well and finding.state is not State.TROUBLE
        line = f"{signs[finding.state]}  {finding.about}: {finding.sentence}"
        click.echo(json.dumps(asdict(finding)) if as_json else line)
    return well


def _print_look(look: Look, as_json: bool) -> None:
    import json

    from bot import once

    if as_json:
        for verdict in look.verdicts:
            click.echo(json.dumps(once.as_json(verdict)))
        return
    for level, line in once.lines_of(look):
        click.echo(f"{styled(level.value)}  {line}")
