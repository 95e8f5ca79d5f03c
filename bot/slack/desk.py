"""What a feature may use: the store, the clock, the rules, the runbooks, and who may act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.clock import Clock
from bot.foresight.rehearsal import Rehearsal
from bot.slack.charting import Charting
from bot.slack.people import People
from bot.slack.render.links import Links
from bot.store import Store
from bot.transitions import Rules
from runbooks.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a command, a button or a mention works with.

    `wake` tells the outbox that messages wait; `connection` says in one phrase how the connection
    to Slack stands; `check_titles` gives the title of each check by its name. `zone` is the
    estate's, for what Slack cannot show in each reader's own, and `charting` says how charts go.
    """

    store: Store
    clock: Clock
    rules: Rules
    people: People
    book: Book
    links: Links
    check_titles: dict[str, str]
    wake: Callable[[], None]
    connection: Callable[[], str]
    zone: ZoneInfo
    charting: Charting
    rehearse: Callable[[str], Rehearsal]
