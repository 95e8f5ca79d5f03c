"""Takes in a file of older call volumes, so that forecasts need not wait for weeks of watching."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from bot.foresight.history_file import Faults, Row, Unusable, hours_of_rows, is_whole, read_rows
from bot.inventory import Inventory, find_inventory
from bot.settings import Settings
from bot.store import Database, Store, imports, open_store
from bot.store.imports import ImportedFile
from bot.system_settings import PATCHWORKS
from checks.words import plain, say_count

HOUR = timedelta(hours=1)
MOST_NAMED = 20

Progress = Callable[[Sequence[str]], AbstractContextManager[Iterable[str]]]
"""Shows how far the lines of a file have been read."""


class NotImported(Exception):
    """The file was not taken, and nothing of it; the message says what a person must change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was taken of a file. `hours` are new, of `systems` systems, from `since` to `until`
    (UTC); `known` were imported before. Of `incomplete` ones too little is told to learn from, of
    `averaged` ones not the single minutes. `before` is when the same file was taken first, None
    where it never was: it is then the only thing that was done."""

    file: str
    rows: int
    hours: int
    systems: int
    since: datetime
    until: datetime
    known: int = 0
    incomplete: int = 0
    averaged: int = 0
    before: datetime | None = None


def take_history(
    settings: Settings, path: Path, now: datetime, show: Progress, *, replace: bool = False
) -> Taken:
    """Add the hours that a file tells to the history, all of them or, on any fault, none.

    What was imported before stays as it was, unless it is to be replaced; what the bot has observed
    itself goes before it in any case. What begins after `now` (UTC, by the clock of the settings)
    is a fault. Raises NotImported and StoreRefused.
    """
    content = _read(path)
    digest = hashlib.sha256(content).hexdigest()
    with closing(open_store(settings.watch.database)) as store:
        before = None if replace else imports.find_import(store.db, digest)
        if before is not None:
            return _taken_before(before)
        rows = _rows(path, content, Names(settings, find_inventory(store.db)), now, show)
        return _keep(store, path, digest, rows, now, replace)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotImported(f"{path} cannot be read ({error.strerror or error}).") from error


def _rows(
    path: Path, content: bytes, names: Names, latest: datetime, show: Progress
) -> dict[str, list[Row]]:
    try:
        lines = list(io.StringIO(content.decode("utf-8-sig"), newline=""))
    except UnicodeDecodeError as error:
        raise NotImported(f"{path} is not text in UTF-8; save it as CSV in UTF-8.") from error
    faults = Faults()
    with show(lines) as shown:
        rows = read_rows(shown, names.subject, faults, latest)
    if faults.count:
        count = say_count(faults.count, "fault")
        raise NotImported(f"{path} has {count}, and nothing of it was imported:\n{faults}")
    if not rows:
        raise NotImported(f"{path} has a header and no rows; expected one for each hour.")
    return rows


def _keep(
    store: Store,
    path: Path,
    digest: str,
    rows: dict[str, list[Row]],
    now: datetime,
    replace: bool,
) -> Taken:
    hours = list(hours_of_rows(rows))
    with store.writing() as db:
        new = imports.add_hours(db, hours, replace=replace)
        taken = Taken(
            file=path.name,
            rows=sum(map(len, rows.values())),
            hours=new,
            systems=len(rows),
            since=min(each.hour for each in hours),
            until=max(each.hour for each in hours) + HOUR,
            known=len(hours) - new,
            incomplete=sum(not is_whole(each) for each in hours),
            averaged=sum(each.minutes == 0 for each in hours),
        )
        _remember(db, digest, taken, now)
    return taken


def _remember(db: Database, digest: str, taken: Taken, now: datetime) -> None:
    file = ImportedFile(
        digest=digest,
        at=now,
        file=taken.file,
        rows=taken.rows,
        hours=taken.hours,
        since=taken.since,
        until=taken.until,
    )
    imports.save_import(db, file)


def _taken_before(file: ImportedFile) -> Taken:
    return Taken(
        file=file.file,
        rows=file.rows,
        hours=0,
        systems=0,
        since=file.since,
        until=file.until,
        known=file.hours,
        before=file.at,
    )


class Names:
    """What a file may call a system: by a `[[system]]`, by an instance of Patchworks or its id, or
    "patchworks" for the platform's operations."""

    def __init__(self, settings: Settings, inventory: Inventory | None) -> None:
        instances = inventory.instances if inventory else ()
        self._told = {PATCHWORKS: "Patchworks"}
        self._subjects: dict[str, str | None] = {PATCHWORKS: imports.PLATFORM}
        for name in (name for each in settings.system for name in each.instances):
            self._add(name, imports.of_instance(name))
        for each in instances:
            alike = [other for other in instances if other.name.casefold() == each.name.casefold()]
            self._add(each.name, imports.of_instance(each.id) if len(alike) == 1 else None)
            self._add(each.id, imports.of_instance(each.id))
        for system in settings.system:
            self._add(system.name, imports.of_system(system.name))
        self._said: set[str] = set()

    def subject(self, name: str) -> str | None:
        """Where its hours are kept; None for an unknown one that was refused before.

        Raises Unusable.
        """
        key = name.casefold()
        if (found := self._subjects.get(key)) is not None:
            return found
        if key in self._said:
            return None
        self._said.add(key)
        if key in self._subjects:
            raise Unusable(f"{plain(name)} stands for several instances; write the id of one")
        raise Unusable(f"the system {plain(name)!r} is not known; {self._hint(key)}")

    def _add(self, name: str, subject: str | None) -> None:
        self._told[name.casefold()] = name
        self._subjects[name.casefold()] = subject

    def _hint(self, key: str) -> str:
        if near := get_close_matches(key, self._told, n=1):
            return f"did you mean {plain(self._told[near[0]])!r}?"
        names = [plain(self._told[key]) for key in sorted(self._told)]
        more = len(names) - MOST_NAMED
        last = [f"or one of {more} more"] if more > 0 else []
        return f"expected one of {', '.join([*names[:MOST_NAMED], *last])}"


def say_taken(taken: Taken) -> str:
    """For a person, one sentence a line."""
    span = f"from {taken.since:%Y-%m-%d} to {taken.until - HOUR:%Y-%m-%d}"
    if taken.before is not None:
        return (
            f"This file was imported on {taken.before:%Y-%m-%d at %H:%M} UTC already ({span}); "
            "nothing was changed."
        )
    hours, known = _say_hours(taken.hours), ""
    if taken.known:
        known = f"; {_say_hours(taken.known)} {_were(taken.known)} known already"
    lines = [f"Imported {hours} of {say_count(taken.systems, 'system')} {span}{known}."]
    if taken.incomplete:
        lines.append(
            f"{_say_hours(taken.incomplete)} {_were(taken.incomplete)} told for less than three "
            "quarters and cannot be learned from: write a row with 0 where there were no calls."
        )
    if taken.averaged:
        lines.append(
            "Single minutes are not told: the busiest of an hour is taken to be as far above the "
            "average as in the hours that were observed, and at the average while there are none."
        )
    return "\n".join(lines)


def as_json(taken: Taken) -> dict[str, object]:
    """The same for a machine; times as ISO 8601 in UTC."""
    told = asdict(taken)
    return {
        key: each.isoformat() if isinstance(each, datetime) else each for key, each in told.items()
    }


def _say_hours(amount: int) -> str:
    return f"{amount:,} hour{'' if amount == 1 else 's'}"


def _were(amount: int) -> str:
    return "was" if amount == 1 else "were"
