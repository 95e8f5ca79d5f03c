"""Looks every half minute of domain time whether a digest is due, and to whom it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta

from bot.clock import Clock
from bot.digest.period import Timetable
from bot.digest.telling import tell_digests
from bot.digest_settings import DigestSettings
from bot.directory import Directory
from bot.store import Store

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=30)


class Teller:
    """Has each digest told once. `channels` gives the destination of each channel by its name in
    the settings, `wake` tells the outbox that messages wait."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        settings: DigestSettings,
        timetable: Timetable,
        *,
        channels: Mapping[str, str],
        directory: Directory,
        wake: Callable[[], None],
    ) -> None:
        self._store, self._clock, self._wake = store, clock, wake
        self._settings, self._timetable = settings, timetable
        self._channels, self._directory = channels, directory

    async def tick(self) -> None:
        if await asyncio.to_thread(self.run_due):
            self._wake()

    def run_due(self) -> list[str]:
        """The topics that are told from now on."""
        places = tuple(self._places())
        with self._store.writing() as db:
            told = tell_digests(db, self._timetable, places, self._clock.now())
        for topic in told:
            log.info("%s goes to %d places", topic, len(places))
            self._tell_missing()
        return told

    def _places(self) -> Iterator[str]:
        yield from (self._channels[name] for name in self._settings.channels)
        yield from (f"dm/{user}" for name in self._settings.people if (user := self._user(name)))
        yield from (f"pager/{name}" for name in self._settings.pagers)

    def _tell_missing(self) -> None:
        for name in self._settings.people:
            if self._user(name) is None:
                log.warning(
                    "the digest does not reach %s: give their [[person]] section the id or the"
                    " e-mail of their Slack account",
                    name,
                )

    def _user(self, name: str) -> str | None:
        return self._directory.find(name)
