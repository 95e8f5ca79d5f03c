"""What a person may ask for, by word, button, menu or modal. Each is one file in `features`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from bot.permissions import Right
from bot.slack import features
from bot.slack.desk import Desk
from bot.slack.modals import Fields, View
from bot.slack.render.message import Message

COMMAND = "/seam"
MENTION = "@Seamwatch"


def spoken(via: str) -> str:
    """How the bot is addressed there, because Slack takes no commands in threads."""
    return MENTION if via == "mention" else COMMAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request. `via` is button, command, mention or modal; `word` the verb as it was typed.

    `incident_id` is the incident that was named, pressed, or whose thread it is; `seen_version` is
    the version that its reader was looking at when pressing a button. `rest` is what follows the
    verb without an incident's number, or what was chosen in a menu; `said` all of it. `accounts` is
    who was mentioned, the Slack user id by what was seen: {"@priya": "U0PRIYA"}. `channel` is where
    it was asked, by id. `strangers` says of each account that the verb `names` and that is no full
    member of the workspace, why.
    """

    user_id: str
    via: str
    word: str = ""
    incident_id: int | None = None
    seen_version: int | None = None
    rest: str = ""
    said: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)
    channel: str = ""
    strangers: Mapping[str, str] = field(default_factory=dict)


def incident_of(_: Desk, ask: Ask) -> int | None:
    """The incident in whose channel a request needs its right: as a rule that which it names."""
    return ask.incident_id


def nobody(_: Desk, __: Ask) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """The modal that a verb's button opens. `view` is what it shows, or the answer that says why
    it does not open. `read` turns what was filled in into the same request as typed, or tells what
    is wrong by the block_id of the field, in plain text; it reads the store only, because Slack
    waits three seconds for it."""

    view: Callable[[Desk, Ask], View | Message]
    read: Callable[[Desk, Ask, Fields], Ask | Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One line of the help, and a test at the same time: `typed` follows the command."""

    typed: str
    does: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """`answer` is told the request and returns the private answer.

    `place` is its place in the help. `button` is the action id that means the same. `changes` says
    that it may write, `lists` that without words it only lists, `open_to_all` that no membership is
    needed, and `slow` that it works for longer than the loop may wait.

    `right` is what a change needs besides membership, decided by the channel of the incident that
    it `concerns`. `dialog` is opened by the button, unless a menu has told all that is needed.
    Whoever it `names` has to be a full member, as the verb says in its answer. Where it `replaces`,
    the answer to a button takes the place of the private message with the button.
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
    lists: bool = False
    right: Right | None = None
    concerns: Callable[[Desk, Ask], int | None] = incident_of
    dialog: Dialog | None = None
    names: Callable[[Desk, Ask], Iterable[str]] = nobody
    replaces: bool = False

    def would_change(self, ask: Ask) -> bool:
        """Whether this request may write."""
        only_lists = self.lists and ask.said.strip().lower() in ("", "list")
        return self.changes and not only_lists

    def needs(self, ask: Ask) -> Right | None:
        """The right that it takes; None where membership is enough."""
        return self.right if self.would_change(ask) else Right.READ


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
