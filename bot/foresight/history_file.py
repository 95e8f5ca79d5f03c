"""Reads a file of older call volumes: every fault with its line, or the hours that it tells."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import TypeVar

from bot.store.call_hours import MOSTLY
from bot.store.imports import ImportedHour
from bot.store.readings import hour_of
from checks.durations import say_duration
from checks.words import plain, say_count

T = TypeVar("T")

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
HEADERS = (("time", "system", "calls"), ("time", "system", "calls", "refusals"))
MOST = 1e12
"""More calls than any system takes in an hour: a number beyond it is a slip."""
SHOWN = 20


class Unusable(ValueError):
    """One line cannot be taken; the message says what was found and what is expected. `told` are
    the messages one by one, where several things are wrong."""

    @property
    def told(self) -> tuple[str, ...]:
        return tuple(map(str, self.args))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file: calls, and refusals, from `at` (UTC) on; `line` is where it stands."""

    at: datetime
    system: str
    calls: float
    refusals: int
    line: int


@dataclass(slots=True)
class Faults:
    """What is wrong with a file, line by line: `count` faults, of which those of the first twenty
    lines are told."""

    told: list[str] = field(default_factory=list)
    count: int = 0
    hidden: int = 0

    def add(self, line: int, *what: str) -> None:
        """All that is wrong with one line."""
        self.count += len(what)
        if len(self.told) < SHOWN:
            self.told.append(f"line {line:,}: {'; '.join(what)}")
        else:
            self.hidden += 1

    def __str__(self) -> str:
        more = [f"and {say_count(self.hidden, 'more line')}"] if self.hidden else []
        lines = [*self.told, *more]
        return "\n".join(f"  {line}" for line in lines)


Known = Callable[[str], str | None]
"""The subject of a system by its name in the file; raises Unusable for one that is not known, and
gives None where that was said before."""


def read_rows(
    lines: Iterable[str], known: Known, faults: Faults, latest: datetime | None = None
) -> dict[str, list[Row]]:
    """The rows of a file by the subject of their system, oldest first; what is wrong is added to
    `faults`. Nothing may begin after `latest` (UTC)."""
    table = csv.reader(lines, strict=True)
    found: dict[str, dict[datetime, Row]] = {}
    try:
        columns = _columns(next(table, []))
        for cells in table:
            if not cells:
                continue
            _take(found, cells, columns, table.line_num, known, faults, latest)
    except Unusable as unusable:
        faults.add(1, str(unusable))
    except csv.Error as error:
        faults.add(table.line_num, f"is not CSV ({error})")
    rows = {key: sorted(each.values(), key=lambda row: row.at) for key, each in found.items()}
    for told in rows.values():
        _refuse_days(told, faults)
    return rows


def _take(
    found: dict[str, dict[datetime, Row]],
    cells: Sequence[str],
    columns: Sequence[str],
    line: int,
    known: Known,
    faults: Faults,
    latest: datetime | None,
) -> None:
    try:
        row, subject = _read_row(cells, columns, line, known, latest)
        if subject is not None:
            rows = found.setdefault(subject, {})
            _refuse_contradiction(rows.setdefault(row.at, row), row)
    except Unusable as unusable:
        faults.add(line, *unusable.told)


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    named = tuple(cell.strip().casefold() for cell in header)
    if sorted(named) not in [sorted(each) for each in HEADERS]:
        shown = plain(",".join(header)) or "nothing"
        raise Unusable(f"found {shown}; expected the header time,system,calls[,refusals]")
    return named


def _read_row(
    cells: Sequence[str], columns: Sequence[str], line: int, known: Known, latest: datetime | None
) -> tuple[Row, str | None]:
    """The row and the subject of its system. Raises Unusable with all that is wrong with it."""
    if len(cells) != len(columns):
        raise Unusable(f"found {len(cells)} values; expected {len(columns)}: {','.join(columns)}")
    told = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
    wrong: list[str] = []
    at = _tried(lambda: _read_time(told["time"], latest), wrong)
    subject = _tried(lambda: known(told["system"]), wrong)
    calls = _tried(lambda: _read_amount("calls", told["calls"]), wrong)
    refusals = _tried(lambda: _read_amount("refusals", told.get("refusals") or "0"), wrong)
    if wrong or at is None or calls is None or refusals is None:
        raise Unusable(*wrong)
    row = Row(at=at, system=told["system"], calls=calls, refusals=round(refusals), line=line)
    return row, subject


def _tried(read: Callable[[], T], wrong: list[str]) -> T | None:
    """What is read; None where it cannot be, and `wrong` then holds why."""
    try:
        return read()
    except Unusable as unusable:
        wrong += unusable.told
        return None


def _read_time(text: str, latest: datetime | None) -> datetime:
    """UTC where no zone is told."""
    try:
        told = datetime.fromisoformat(text)
        at = told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)
        hour_of(at) + HOUR  # the calendar goes on at least until its hour is over
    except (ValueError, OverflowError):
        raise Unusable(
            f'found the time {plain(text)!r}; expected one such as "2026-09-27T14:00:00+01:00", '
            "in UTC where it has no zone"
        ) from None
    if latest is not None and at >= latest:
        raise Unusable(f"the time {plain(text)} is not over yet; expected what has been")
    return at


def _read_amount(what: str, text: str) -> float:
    try:
        amount = float(text) if text.isascii() and "_" not in text else -1.0
    except ValueError:
        amount = -1.0
    if not 0 <= amount <= MOST:  # also refuses what is not a number
        raise Unusable(f"found {plain(text)!r} {what}; expected a number of 0 or more")
    return amount


def _refuse_contradiction(first: Row, row: Row) -> None:
    if (first.calls, first.refusals) != (row.calls, row.refusals):
        raise Unusable(
            f"tells another amount of {plain(row.system)} at this time than line {first.line:,}; "
            "expected one line for each time and system"
        )


def hours_of_rows(rows: Mapping[str, Sequence[Row]]) -> Iterator[ImportedHour]:
    """The hours that the rows of each subject, oldest first, add up to.

    An hour counts as observed for the share of it that has rows: a time without a row is not known,
    and not zero.
    """
    for subject, told in rows.items():
        step = step_of(told)
        for hour, within in groupby(told, key=lambda row: hour_of(row.at)):
            yield _add_up(subject, hour, list(within), step)


def _refuse_days(rows: Sequence[Row], faults: Faults) -> None:
    if (apart := _apart(rows)) > HOUR:
        faults.add(
            rows[0].line,
            f"rows of {plain(rows[0].system)} are {say_duration(apart)} apart; expected calls by "
            "the hour or finer",
        )


def step_of(rows: Sequence[Row]) -> timedelta:
    """How much time a row stands for: what usually lies between two, an hour at most."""
    return min(HOUR, _apart(rows))


def _apart(rows: Sequence[Row]) -> timedelta:
    gaps = sorted(later.at - row.at for row, later in pairwise(rows))
    return gaps[(len(gaps) - 1) // 2] if gaps else HOUR


def _add_up(subject: str, hour: datetime, rows: Sequence[Row], step: timedelta) -> ImportedHour:
    calls = sum(row.calls for row in rows)
    minutes = _by_minute(rows) if step <= MINUTE else {}
    return ImportedHour(
        subject=subject,
        hour=hour,
        minutes=len(minutes),
        calls=calls,
        busiest=max(minutes.values(), default=calls / 60),
        observed=min(1.0, len(rows) * (step / HOUR)),
        refusals=sum(row.refusals for row in rows),
    )


def _by_minute(rows: Sequence[Row]) -> dict[datetime, float]:
    found: dict[datetime, float] = {}
    for row in rows:
        minute = row.at.replace(second=0, microsecond=0)
        found[minute] = found.get(minute, 0.0) + row.calls
    return found


def is_whole(hour: ImportedHour) -> bool:
    """Whether enough of the hour is told for it to be learned from."""
    return hour.observed >= MOSTLY
