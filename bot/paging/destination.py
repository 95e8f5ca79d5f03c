"""A pager as a destination of the outbox: pages about incidents, and letters by mail."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.outbox import CannotLook, NeedsPerson
from bot.paging.model import Mail, Mailer, Page, Pager
from bot.store.outbox import Row

SECONDS_BETWEEN_PAGES = 0.2


@dataclass(slots=True, kw_only=True)
class PagerDestination:
    """Sends what `compose` makes of a row, as things are now; it may raise Needless. What is about
    no incident is a letter, which `write` makes, in a thread: that may take seconds."""

    pager: Pager
    compose: Callable[[Row], Page]
    write: Callable[[Row], Mail] | None = None
    _next_turn: float = field(default=0.0, init=False)

    async def turn(self) -> None:
        await asyncio.sleep(max(0.0, self._next_turn - time.monotonic()))
        self._next_turn = time.monotonic() + SECONDS_BETWEEN_PAGES

    async def deliver(self, row: Row) -> str:
        if self.write is not None and row.incident_id is None:
            return await self._mail(await asyncio.to_thread(self.write, row))
        return await self.pager.send(self.compose(row))

    async def _mail(self, mail: Mail) -> str:
        if not isinstance(self.pager, Mailer):
            raise NeedsPerson(
                f'[[pager]] {self.pager.name!r} sends no letters; name one of kind "email" for'
                " digests"
            )
        return await self.pager.mail(mail)

    async def find(self, row: Row) -> str | None:  # noqa: ARG002 (as the outbox asks)
        """None of these services tells what it was sent; each knows a copy by its key or id."""
        raise CannotLook(f"{self.pager.name} cannot be read back")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedPager:
    """A pager that the settings no longer have, while something is still to be told to it."""

    name: str

    async def turn(self) -> None:
        """It is never busy."""

    async def deliver(self, row: Row) -> str:  # noqa: ARG002 (as the outbox asks)
        raise NeedsPerson(f"the settings have no [[pager]] {self.name!r} any more; put it back")

    async def find(self, row: Row) -> str | None:  # noqa: ARG002 (as the outbox asks)
        raise CannotLook("the settings no longer have it")
