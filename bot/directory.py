"""Which Slack account is which person of the settings, found by id, by link, or by e-mail."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from bot.store import Store
from bot.store.links import find_accounts, links, save_accounts

log = logging.getLogger(__name__)

ANSWER_SECONDS = 10.0


class CannotAsk(Exception):
    """Slack could not be asked who somebody is; nothing is known by it."""


class Person(Protocol):
    """What the directory needs of a `[[person]]`."""

    @property
    def name(self) -> str: ...
    @property
    def slack(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...


class Team(Protocol):
    """What the directory needs of a `[[team]]`."""

    @property
    def name(self) -> str: ...
    @property
    def members(self) -> Sequence[str]: ...


class Accounts(Protocol):
    """Slack's own knowledge of who has which e-mail. All raise CannotAsk."""

    async def by_email(self, email: str) -> str | None:
        """The user id; None when no account of the workspace has this address."""

    async def email_of(self, user_id: str) -> str | None:
        """The address that Slack knows of an account; None when it tells none."""

    async def is_gone(self, user_id: str) -> bool:
        """Whether an account is switched off, so that nobody reads what is sent to it."""


class Directory:
    """People by name and by Slack user id. Names are told apart without regard to case.

    An id in the settings wins over a link, and a link over what Slack says of an e-mail. A link
    holds while the settings still name its e-mail for that person.
    """

    def __init__(
        self,
        people: Iterable[Person] = (),
        teams: Iterable[Team] = (),
        *,
        store: Store | None = None,
        accounts: Accounts | None = None,
    ) -> None:
        self._people = {person.name.casefold(): person for person in people}
        self._teams = tuple(teams)
        self._store, self._accounts = store, accounts
        self._looked_up = self._kept()
        self._gone: frozenset[str] = frozenset()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._by_name: Mapping[str, str] = {}
        self._by_user: Mapping[str, str] = {}
        self._index()

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody in the settings, in their order."""
        return tuple(person.name for person in self._people.values())

    def find(self, name: str) -> str | None:
        """A person's Slack user id; None while they are not linked, their account is switched off,
        or they are nobody we know."""
        found = self._by_name.get(name.casefold())
        return None if found in self._gone else found

    def name_of(self, user_id: str) -> str | None:
        """The person that an account belongs to, as the settings spell the name."""
        return self._by_user.get(user_id)

    def teams_of(self, name: str) -> frozenset[str]:
        """The teams that a person is in."""
        folded = name.casefold()
        return frozenset(
            team.name
            for team in self._teams
            if folded in {member.casefold() for member in team.members}
        )

    def unlinked(self) -> tuple[str, ...]:
        """Those of the settings who cannot be reached in Slack, because no account is known."""
        return tuple(name for name in self.names if self.find(name) is None)

    def named_by(self, email: str) -> str | None:
        """The person whose e-mail this is in the settings."""
        return next((p.name for p in self._people.values() if _same(p.email, email)), None)

    def reread(self) -> None:
        """Take over links that were just stored."""
        self._index()

    async def refresh(self) -> None:
        """Ask Slack for those who are known by e-mail only, and read the links anew.

        All at once, so that an unreachable Slack costs one time-out; those who are not known yet
        first, so that its rate limit does not keep the same people out. While Slack cannot be
        asked, what was known stays; it is logged once a refresh.
        """
        self._loop = asyncio.get_running_loop()
        asked = [
            (folded, each.email)
            for folded, each in self._people.items()
            if each.email and not each.slack
        ]
        asked.sort(key=lambda pair: pair[0] in self._looked_up)
        before = dict(self._looked_up)
        known = await asyncio.gather(*(self._look_up(*pair) for pair in asked))
        if self._looked_up != before:
            self._keep()
        if blind := known.count(False):
            log.warning("Slack could not be asked who %d people of the settings are", blind)
        self._index()
        users = list(self._by_user)
        gone = await asyncio.gather(*map(self._is_gone, users))
        self._gone = frozenset(user for user, is_gone in zip(users, gone, strict=True) if is_gone)

    def _kept(self) -> dict[str, str]:
        """Who was found by e-mail before, of those whose address the settings still have."""
        kept = find_accounts(self._store.db) if self._store else {}
        return {
            folded: kept[str(person.email).casefold()]
            for folded, person in self._people.items()
            if person.email and not person.slack and str(person.email).casefold() in kept
        }

    def _keep(self) -> None:
        """For whoever asks without Slack at hand, such as the command that writes a report."""
        if self._store is not None:
            told = {
                str(self._people[folded].email).casefold(): user_id
                for folded, user_id in self._looked_up.items()
            }
            with self._store.writing() as db:
                save_accounts(db, told, datetime.now(UTC))

    async def _look_up(self, folded: str, email: str) -> bool:
        """Remember whose address it is; False when Slack could not be asked."""
        if self._accounts is None:
            return True
        try:
            found = await self._accounts.by_email(email)
        except CannotAsk:
            return False
        self._looked_up.pop(folded, None)
        if found:
            self._looked_up[folded] = found
        return True

    async def _is_gone(self, user_id: str) -> bool:
        """Whether an account is switched off; what was known, where Slack cannot be asked."""
        try:
            return self._accounts is not None and await self._accounts.is_gone(user_id)
        except CannotAsk:
            return user_id in self._gone

    def email_of(self, user_id: str) -> str | None:
        """What Slack knows, asked from a thread while the loop goes on. Raises CannotAsk."""
        if self._accounts is None or self._loop is None:
            raise CannotAsk
        asked = asyncio.run_coroutine_threadsafe(self._accounts.email_of(user_id), self._loop)
        try:
            return asked.result(ANSWER_SECONDS)
        except TimeoutError:
            asked.cancel()
            raise CannotAsk from None

    def _index(self) -> None:
        """An account is one person only, and a person one account: whoever comes first."""
        own = {folded: each.slack for folded, each in self._people.items() if each.slack}
        by_name: dict[str, str] = {}
        by_user: dict[str, str] = {}
        for source in (own, self._linked(), self._looked_up):
            for folded, user_id in source.items():
                if folded not in by_name and user_id not in by_user:
                    by_name[folded] = user_id
                    by_user[user_id] = self._people[folded].name
        self._by_name, self._by_user = by_name, by_user

    def _linked(self) -> dict[str, str]:
        """The user ids of the links that still hold, by name."""
        found = {}
        for link in links(self._store.db) if self._store else ():
            person = self._people.get(link.person.casefold())
            if person is not None and _same(person.email, link.email):
                found[link.person.casefold()] = link.user_id
        return found


def _same(one: str | None, other: str | None) -> bool:
    """Whether two addresses are the same; Slack keeps them in lower case."""
    return bool(one and other) and str(one).casefold() == str(other).casefold()
