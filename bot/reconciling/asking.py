"""Asks both sides again for the keys that differ, so that what is told is there."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.reconciling.reading import Tell, nobody
from bot.reconciling.sides import ReadSide
from checks.reconcile.compare import Again
from checks.reconcile.model import Pairing, Record, Role
from checks.reconcile.values import key_form, loose, text
from checks.reconcile.window import Window
from checks.unreadable import Unreadable

log = logging.getLogger(__name__)

AT_ONCE = 2
"""So many calls a side at a time: a survey's look waits behind no more than these."""
TOGETHER = 20
"""So many keys in one call, where a system takes several: an address stays below 2,000 signs."""
Told = dict[str, list[Record]]


async def ask_again(
    pairing: Pairing,
    keys: Sequence[str],
    sides: Sequence[ReadSide],
    window: Window,
    clock: Clock,
    tell: Tell = nobody,
) -> Again | None:
    """What both sides tell of these common keys now; a key without an answer is left out.

    A side that cannot be asked for a key reads its lists anew, up to this moment.
    """
    if not keys:
        return None
    asked = [_Asked(pairing, keys, each, tell) for each in sides]
    at = clock.now()
    await asyncio.gather(*(each.ask(window, at) for each in asked))
    told = {each.side.role: each.told for each in asked}
    if pairing.ignore_case or pairing.ignore_zeros:
        _leave_out_unfound(told, keys)
    why = "; ".join(filter(None, (each.why for each in asked)))
    return Again(at=at, source=told[Role.SOURCE], target=told[Role.TARGET], why=why)


class _Asked:
    """What one side tells of the keys; `why` it was not asked for all of them."""

    def __init__(self, pairing: Pairing, keys: Sequence[str], side: ReadSide, tell: Tell) -> None:
        self.side, self.told, self.why = side, dict[str, list[Record]](), ""
        self._pairing, self._keys, self._tell = pairing, keys, tell
        self._form = key_form(pairing, pairing.side(side.role))

    async def ask(self, window: Window, now: datetime) -> None:
        """What was answered before a failure counts."""
        try:
            if not self.side.can_be_asked:
                await self._read_anew(window, now)
            else:
                await self._ask_in_pieces(TOGETHER if self.side.can_be_asked_together else 1)
        except (Unreadable, ValueError) as error:
            self.why = error.what if isinstance(error, Unreadable) else str(error)
            log.info("%s was not asked for every key again: %s", self.side.system.name, self.why)

    async def _ask_in_pieces(self, size: int) -> None:
        """A few at a time; after a failure nothing further is asked, and it is raised."""
        keys = self._keys
        pieces = iter([keys[start : start + size] for start in range(0, len(keys), size)])

        async def ask_on() -> None:
            for piece in pieces:
                self._take(piece, await self._found(piece))
                said = f"{len(self.told):,} of {len(keys):,} keys asked for again"
                self._tell(f"{self.side.system.name}: {said}")

        results = await asyncio.gather(*(ask_on() for _ in range(AT_ONCE)), return_exceptions=True)
        if failed := next((each for each in results if isinstance(each, BaseException)), None):
            raise failed

    async def _found(self, keys: Sequence[str]) -> list[Record]:
        spelt = [each for key in keys for each in _spellings(self._pairing, self.side.role, key)]
        if self.side.can_be_asked_together:
            return list(await self.side.ask_together(spelt))
        return [record for each in spelt for record in await self.side.ask(each)]

    def _take(self, keys: Sequence[str], records: Sequence[Record]) -> None:
        """Gives every record to the key that it may be of, whatever a change of type took."""
        found: defaultdict[str, list[Record]] = defaultdict(list)
        for record in records:
            found[loose(self._form(record.key).casefold())].append(record)
        for key in keys:
            self.told[key] = found.get(loose(key.casefold()), [])

    async def _read_anew(self, window: Window, now: datetime) -> None:
        """All or nothing: a key is only known to be absent once the lists were read to their
        end."""
        told: Told = {key: [] for key in self._keys}
        for place in self.side.lists:
            until = max(now, window.read_until)
            async for page in self.side.pages(place, window.read_since, until):
                for record in page:
                    if (key := self._form(record.key)) in told:
                        told[key].append(record)
        self.told = told


def _spellings(pairing: Pairing, role: Role, key: str) -> list[str]:
    """How a system may write a key of which the case is not known any more."""
    keys = [key, key.upper()] if pairing.ignore_case else [key]
    return list(dict.fromkeys(pairing.side(role).asks(text(each)) for each in keys))


def _leave_out_unfound(told: Mapping[Role, Told], keys: Sequence[str]) -> None:
    """A key whose first spelling is lost, and that nobody knows, was asked for in vain."""
    for key in keys:
        if not any(answers.get(key) for answers in told.values()):
            for answers in told.values():
                answers.pop(key, None)
