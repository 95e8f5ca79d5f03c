"""What a feature may use: the store, the clock, the rules, the runbooks, and who may act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.acting.routes import ActRules
from bot.clock import Clock
from bot.costs import Pricing
from bot.digest.rules import DigestRules
from bot.directory import Directory
from bot.foresight.rehearsal import Rehearsal
from bot.muting import Mutes
from bot.oncall.rotas import Rotas
from bot.ownership import Ownership
from bot.reconcile_settings import ReconcileSettings
from bot.rules import Rules
from bot.slack.charting import Charting
from bot.slack.people import People
from bot.slack.render.links import Links
from bot.slack.rights import Rights
from bot.store import Store
from bot.system_settings import SystemSettings
from checks.reconcile.showing import Keys
from runbooks.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a command, a button or a mention works with.

    `wake` tells the outbox that messages wait; `connection` says in one phrase how the connection
    to Slack stands; `check_titles` gives the title of each check by its name. `zone` is the
    estate's, for what Slack cannot show in each reader's own, and `charting` says how charts go.
    `systems` are those of the settings, `pairs` those that are compared, `keys` how keys of orders
    and customers are shown.
    """

    store: Store
    clock: Clock
    rules: Rules
    people: People
    rights: Rights
    book: Book
    links: Links
    check_titles: dict[str, str]
    wake: Callable[[], None]
    connection: Callable[[], str]
    zone: ZoneInfo
    charting: Charting
    rehearse: Callable[[str], Rehearsal]
    estate: str = "Seamwatch"
    directory: Directory = field(default_factory=Directory)
    rotas: Rotas = field(default_factory=Rotas)
    mutes: Mutes = field(default_factory=Mutes)
    acts: ActRules = field(default_factory=ActRules)
    digest: DigestRules = field(default_factory=DigestRules)
    ownership: Ownership = field(default_factory=Ownership)
    pricing: Pricing = field(default_factory=Pricing)
    systems: tuple[SystemSettings, ...] = ()
    pairs: tuple[ReconcileSettings, ...] = ()
    keys: Keys = Keys.FULL
