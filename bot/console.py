"""What every command shares: the settings option, the log, one sentence for a failure."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
COLOURS = {"breach": "red", "early": "yellow", "unknown": "bright_black", "ok": "green"}
QUIET = ("httpx", "httpcore", "slack_sdk", "slack_bolt", "apscheduler", "asyncio", "aiohttp")
FILE = click.Path(path_type=Path, dir_okay=False)

settings_option = click.option(
    "--config",
    "-c",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("seamwatch.toml"),
    show_default=True,
    help="the settings file",
)


@contextmanager
def one_sentence_for(*expected: type[Exception]) -> Iterator[None]:
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


def styled(level: str) -> str:
    """A level in its colour, as wide as the widest."""
    return click.style(f"{level:7}", fg=COLOURS[level])


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
