"""Settings that change while the bot runs: noticed, tried, and taken over or refused in words.

The bot is made anew by the new settings in the same process. What is refused changes nothing: the
bot goes on by the settings it has, and `/seam status` says why.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot import facts
from bot.build import Bot, build
from bot.facts import SettingsFacts
from bot.faults import Fault, SettingsRefused
from bot.fingerprint import fingerprint
from bot.not_started import NotStarted
from bot.settings import Settings, load_settings
from bot.slack.connection import SlackRefused

log = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
AGAIN_SECONDS = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may be wished for from outside: that the bot stops, or reads its settings now."""

    stop: asyncio.Event
    reload: asyncio.Event

    async def pause(self, seconds: float) -> bool:
        """Wait so long, or until something is wished for; whether reading now was."""
        waits = [asyncio.create_task(each.wait()) for each in (self.stop, self.reload)]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        asked = self.reload.is_set()
        self.reload.clear()
        return asked


class Reloader:
    """Looks after one settings file. `told` is what there is to say about it; None before a bot
    has begun to live by it."""

    def __init__(self, path: Path, environ: Mapping[str, str] | None = None) -> None:
        self._path, self._environ = path, environ
        self._settings: Settings | None = None
        self._in_force = self._judged = self._unsettled = ""
        self.told: SettingsFacts | None = None

    def load(self) -> Settings:
        """Read the file for the first time. Raises SettingsRefused."""
        self._judged = fingerprint(self._path)
        return load_settings(self._path, self._environ)

    def take_over(self, settings: Settings, now: datetime) -> None:
        """A bot has begun to live by what was read last."""
        self._settings, self._in_force = settings, self._judged
        self.told = SettingsFacts(loaded_at=now)

    def look(self, now: datetime, *, asked: bool) -> Settings | None:
        """Other settings, when there are and they hold; None when all stays as it is.

        A change counts when it stands still from one look to the next, because a file may be
        half written; when a person has asked, it counts at once, and so does what is unchanged.
        """
        found = fingerprint(self._path)
        if not (asked or self._has_settled(found)):
            return None
        self._judged = found
        if found == self._in_force and not asked:
            self._forget_refusal()
            return None
        try:
            return self._load()
        except SettingsRefused as refusal:
            self.refuse(map(str, refusal.faults), now)
            return None

    def refuse(self, faults: Iterable[str], now: datetime) -> None:
        """Keep what is in force, and say once why."""
        if self.told is None:
            return
        self.told = replace(self.told, refused_at=now, faults=tuple(faults))
        lines = "\n".join(f"  {fault}" for fault in self.told.faults)
        log.warning("%s is refused; the settings from before stay in force:\n%s", self._path, lines)

    def _has_settled(self, found: str) -> bool:
        """Whether it is news, and has been the same in two looks."""
        before, self._unsettled = self._unsettled, found
        return found != self._judged and found == before

    def _forget_refusal(self) -> None:
        if self.told is not None and self.told.faults:
            self.told = replace(self.told, refused_at=None, faults=())
            log.info("%s is again as it was when it was read", self._path)

    def _load(self) -> Settings:
        """Raises SettingsRefused, also for what cannot change while the bot runs."""
        settings = load_settings(self._path, self._environ)
        if self._settings and settings.watch.database != self._settings.watch.database:
            fault = Fault(
                key="watch.database",
                found=f"found {str(settings.watch.database)!r}",
                expected="it cannot change while the bot runs; restart to move the database",
            )
            raise SettingsRefused(self._path, [fault])
        return settings


async def live(path: Path, wishes: Wishes) -> None:
    """Run the bot by its settings file until it is to stop; anew whenever the file changes.

    At the start it raises SettingsRefused, NotStarted, SlackRefused or StoreRefused. Later, new
    settings that no bot can live by are refused and those from before hold again.
    """
    reloader = Reloader(path)
    coming: Settings | None = reloader.load()
    good: Settings | None = None
    refused: Sequence[str] = ()
    while coming is not None and not wishes.stop.is_set():
        try:
            following = await _one_life(coming, reloader, refused, wishes)
        except (NotStarted, SlackRefused, ExceptionGroup) as error:
            reason = _reason(error)
            if good is None or reason is None:
                raise
            if coming is good:
                log.warning("%s Trying again in %.0f s.", reason, AGAIN_SECONDS)
                await wishes.pause(AGAIN_SECONDS)
            else:
                coming, refused = good, (reason,)
        else:
            coming, good, refused = following, coming, ()


async def _one_life(
    settings: Settings, reloader: Reloader, refused: Sequence[str], wishes: Wishes
) -> Settings | None:
    """Live by these settings; those to live by next, None when the bot is to stop.

    `refused` says why newer ones could not be lived by.
    """
    async with build(settings) as bot:
        if refused:
            reloader.refuse(refused, bot.clock.now())
        else:
            reloader.take_over(settings, bot.clock.now())
        log.info("watching %s", settings.estate.name)
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            change = group.create_task(_change(bot, reloader, wishes, over))
            await bot.run(over)
        return change.result()


async def _change(
    bot: Bot, reloader: Reloader, wishes: Wishes, over: asyncio.Event
) -> Settings | None:
    """Wait for other settings or the wish to stop; then this life is `over`."""
    found, saved = None, None
    while found is None and not wishes.stop.is_set():
        if reloader.told != saved and _save(bot, reloader.told):
            saved = reloader.told
        asked = await wishes.pause(LOOK_SECONDS)
        now = bot.clock.now()
        if not wishes.stop.is_set():
            found = await asyncio.to_thread(reloader.look, now, asked=asked)
    over.set()
    return found


def _save(bot: Bot, told: SettingsFacts | None) -> bool:
    """For `/seam status`; whether it could be saved."""
    if told is None:
        return False
    try:
        with bot.store.writing() as db:
            facts.save_settings(db, told, bot.clock.now())
    except sqlite3.OperationalError as error:
        log.warning("how the settings stand could not be saved: %s", error)
        return False
    return True


def _reason(error: Exception) -> str | None:
    """The sentence of a refusal, also from within a group; None when it is something else."""
    if isinstance(error, ExceptionGroup):
        wanted, others = error.split((NotStarted, SlackRefused))
        if wanted is None or others is not None:
            return None
        return _reason(wanted.exceptions[0])
    return str(error)
