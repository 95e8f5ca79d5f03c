"""The `seamwatch` command. Heavy imports wait until a command needs them, so that --help is quick.

Every command ends with a non-zero status and one clear sentence when it fails.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.settings import Settings

Live = Callable[[asyncio.Event], Awaitable[None]]

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
QUIET = ("httpx", "httpcore", "slack_sdk", "slack_bolt", "apscheduler", "asyncio", "aiohttp")

settings_option = click.option(
    "--config",
    "-c",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("seamwatch.toml"),
    show_default=True,
    help="the settings file",
)


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
    """Run the bot until it is stopped (Ctrl-C, SIGTERM)."""
    from bot.build import NotStarted
    from bot.faults import SettingsRefused
    from bot.settings import load_settings
    from bot.slack.connection import SlackRefused
    from bot.store import StoreRefused

    set_up_logging(verbose)
    with _one_sentence_for(SettingsRefused, NotStarted, SlackRefused, StoreRefused):
        _run_until_stopped(_live(load_settings(path)))


@main.group()
def config() -> None:
    """Look after the settings file."""


@config.command()
@settings_option
def check(path: Path) -> None:
    """List every fault of the settings file at once."""
    from bot.faults import SettingsRefused
    from bot.settings import load_settings

    with _one_sentence_for(SettingsRefused):
        settings = load_settings(path)
    click.echo(
        f"{path} is in order: watching {settings.estate.name}, a round every "
        f"{settings.watch.every.total_seconds():.0f} s, incidents go to {settings.slack.channel} "
        f"({'Socket Mode' if settings.slack.mode == 'socket' else 'HTTP mode'})."
    )


@main.command()
@settings_option
@click.option("--json", "as_json", is_flag=True, help="one line of JSON a finding")
def doctor(path: Path, as_json: bool) -> None:
    """Say of everything the bot leans on whether it is reachable, permitted and fresh."""
    from bot.faults import SettingsRefused
    from bot.settings import load_settings

    set_up_logging(verbose=False)
    with _one_sentence_for(SettingsRefused):
        settings = load_settings(path)
    if not asyncio.run(_examine(settings, as_json)):
        raise SystemExit(1)


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
    with _one_sentence_for(DemoFailed):
        _run_until_stopped(Demo(options, load(), hints).run)


@contextmanager
def _one_sentence_for(*expected: type[Exception]) -> Iterator[None]:
    """These errors end the command with a non-zero status and their sentence, without a trace."""
    try:
        yield
    except expected as error:
        raise click.ClickException(str(error)) from None
    except ExceptionGroup as group:
        if (found := group.subgroup(expected)) is None:
            raise
        raise click.ClickException(str(_first(found))) from None


def set_up_logging(verbose: bool) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format=LOG_FORMAT, stream=sys.stderr
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of every single retry; the watch itself says when sight is lost and when it is back.
    logging.getLogger("stamina").setLevel(logging.DEBUG if verbose else logging.ERROR)
    logging.getLogger("stamina").setLevel(logging.ERROR)  # what is lost in the end says so itself


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


def _live(settings: Settings) -> Live:
    async def live(stop: asyncio.Event) -> None:
        from bot.build import build

        async with build(settings) as bot:
            logging.getLogger("bot").info("watching %s", settings.estate.name)
            await bot.run(stop)

    return live


def _run_until_stopped(live: Live) -> None:
    """Run `live(stop)`; the first SIGINT or SIGTERM sets `stop`, the second one ends at once.

    The end of the terminal (SIGHUP) sets it too. It is often told twice and never insists; under
    nohup it stays ignored.
    """

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, stop, loop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, stop.set)
        await live(stop)

    asyncio.run(run())


def _stop(stop: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    stop.set()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
