"""The rotas as they stand now, with the shifts of calendars that are kept elsewhere.

A calendar at an address is fetched every so often, and what was last read is kept in the
database: while it cannot be read, that holds, and `trouble` says so. Its address may be a secret,
so it stands in no log and no message.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from bot.clock import Clock, SystemClock
from bot.incidents.rota import Override, Rota
from bot.oncall.ical_import import LARGEST, BadCalendar, Imported, Person, read_shifts
from bot.rota_settings import RotaSettings
from bot.store import Store, overrides, runs

log = logging.getLogger(__name__)

REFRESH_EVERY = timedelta(minutes=15)
BACK, AHEAD = timedelta(days=40), timedelta(days=100)
"""How much of a calendar is read: enough for the feed, and for the gaps of four weeks."""
ANSWER_SECONDS = 20.0
NOT_YET = "it has not been fetched yet"


class Rotas:
    """Safe to share between threads. `people` tells guests and titles of calendars apart; `says`:
    trouble with a calendar is logged, which whoever tells it by itself does not want."""

    def __init__(
        self,
        settings: Sequence[RotaSettings] = (),
        people: Sequence[Person] = (),
        *,
        zone: ZoneInfo | None = None,
        store: Store | None = None,
        clock: Clock | None = None,
        says: bool = True,
    ) -> None:
        self._calendars = {
            each.name: each.ical.get_secret_value() for each in settings if each.ical
        }
        self._people, self._store = people, store
        self._clock = clock or SystemClock()
        self._standing = {each.name: each.as_rota(zone or ZoneInfo("UTC")) for each in settings}
        self._trouble: dict[str, str] = {}
        self._says = says
        self.reread()

    @property
    def all(self) -> tuple[Rota, ...]:
        """In the order of the settings."""
        return tuple(self._standing.values())

    @property
    def trouble(self) -> Mapping[str, str]:
        """What is wrong with the calendar of a rota, in a sentence, by the rota's name."""
        return dict(self._trouble)

    def find(self, name: str) -> Rota | None:
        """By name, in any case."""
        folded = name.casefold()
        return next((rota for rota in self.all if rota.name.casefold() == folded), None)

    def overrides(self, since: datetime) -> list[Override]:
        """What people arranged, as far as it ends after `since`."""
        return overrides.standing(self._store.db, since) if self._store else []

    async def refresh(self, http: httpx.AsyncClient) -> None:
        """Fetch the calendars that have an address, and read all of them anew."""
        missed: dict[str, str] = {}
        for name, place in self._calendars.items():
            if "://" in place:
                try:
                    body = await _fetch(http, place)
                    await asyncio.to_thread(self._take, name, body)
                except BadCalendar as error:
                    missed[name] = str(error)
        await asyncio.to_thread(self.reread, missed)

    def reread(self, missed: Mapping[str, str] | None = None) -> None:
        """Read every calendar's file, or what was last fetched of it. `missed` says what just could
        not be fetched."""
        for name, place in self._calendars.items():
            why = (missed or {}).get(name, "")
            try:
                body = self._last(name) if "://" in place else _from_file(Path(place))
                found = self._read(name, body)
                self._standing[name] = replace(self._standing[name], imported=found.shifts)
            except BadCalendar as error:
                kept = self._standing[name].imported
                found, why = Imported(shifts=kept), why or str(error)
            self._say(name, _sentence(name, why, found))

    def _take(self, name: str, body: bytes) -> None:
        """Keep what was fetched, once it has proved to be a calendar."""
        self._read(name, body)
        if self._store:
            with self._store.writing() as db:
                text = body.decode("utf-8", "replace")
                runs.save_snapshot(db, _key(name), self._clock.now(), text)

    def _last(self, name: str) -> bytes:
        found = runs.find_snapshot(self._store.db, _key(name)) if self._store else None
        if found is None:
            raise BadCalendar(NOT_YET)
        return str(found[1]).encode()

    def _read(self, name: str, body: bytes) -> Imported:
        now, zone = self._clock.now(), self._standing[name].zone
        return read_shifts(body, self._people, zone, now - BACK, now + AHEAD)

    def _say(self, name: str, trouble: str) -> None:
        """Logged when it changes, not every time it is still so."""
        if trouble == self._trouble.get(name, ""):
            return
        if not trouble:
            del self._trouble[name]
            log.info("the calendar of rota %s can be read", name)
            return
        self._trouble[name] = trouble
        if self._says and NOT_YET not in trouble:
            log.warning("%s", trouble)


async def _fetch(http: httpx.AsyncClient, url: str) -> bytes:
    """What stands at an address. Raises BadCalendar, which does not say the address."""
    body = bytearray()
    try:
        async with http.stream(
            "GET", url, timeout=ANSWER_SECONDS, follow_redirects=True
        ) as answered:
            if answered.status_code != httpx.codes.OK:
                raise BadCalendar(f"its server answers HTTP {answered.status_code}")
            async for part in answered.aiter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise BadCalendar(f"it is larger than {LARGEST / 1e6:.0f} MB")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadCalendar(f"its server does not answer ({type(error).__name__})") from None
    return bytes(body)


def _from_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCalendar(f"its file cannot be read ({type(error).__name__})") from None


def _sentence(name: str, why: str, found: Imported) -> str:
    if why:
        held = "what was last read of it holds" if found.shifts else "nobody is known to be on call"
        return f"The calendar of rota {name} cannot be used: {why}; {held}."
    if found.strangers:
        told = ", ".join(repr(title[:60]) for title in found.strangers[:3])
        more = f" and {len(found.strangers) - 3} more" if len(found.strangers) > 3 else ""
        return (
            f"The calendar of rota {name} has events that name no [[person]]: {told}{more}; "
            "nobody is on call by them."
        )
    return ""


def _key(name: str) -> str:
    return f"rota/{name}"
