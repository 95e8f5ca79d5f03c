"""What a person may ask for, by word or by button. Each verb is one file in `features`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from bot.slack import features
from bot.slack.desk import Desk
from bot.slack.render.message import Message

COMMAND = "/seam"
MENTION = "@Seamwatch"


def spoken(via: str) -> str:
    """How the bot is addressed there, because Slack takes no commands in threads."""
    return MENTION if via == "mention" else COMMAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. `via` is button, command or mention.

    `incident_id` is the incident that was named, pressed, or whose thread it is; `seen_version` is
    the version that its reader was looking at when pressing a button. `rest` is what follows the
    verb without an incident's number, `said` all of it.
    """

    user_id: str
    via: str
    word: str = ""
    incident_id: int | None = None
    seen_version: int | None = None
    rest: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One line of the help, and a test at the same time: `typed` follows the command."""

    typed: str
    does: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`answer` is told the request and returns the private answer.

    `place` is its place in the help. `button` is the action id that means the same. `changes` says
    that it may write, `open_to_all` that no membership is needed, and `slow` that it works for
    longer than the loop may wait.
    """

    name: str
    place: int
    answer: Callable[[Desk, Ask], Message]
    examples: tuple[Example, ...]
    aliases: tuple[str, ...] = ()
    button: str = ""
    changes: bool = False
    open_to_all: bool = False
    slow: bool = False


@cache
def verbs() -> tuple[Verb, ...]:
    """Every verb, in the order of the help. A file in `features` declares one as `VERB`."""
    names = (module.name for module in pkgutil.iter_modules(features.__path__))
    modules = [importlib.import_module(f"{features.__name__}.{name}") for name in names]
    return tuple(sorted((module.VERB for module in modules), key=lambda verb: verb.place))


@cache
def by_word() -> Mapping[str, Verb]:
    return {word: verb for verb in verbs() for word in (verb.name, *verb.aliases)}


@cache
def by_button() -> Mapping[str, Verb]:
    return {verb.button: verb for verb in verbs() if verb.button}


def nearest(word: str) -> str | None:
    """The verb most like what was typed; None when nothing is near."""
    near = get_close_matches(word[:40], by_word(), n=1, cutoff=0.6)
    return by_word()[near[0]].name if near else None
