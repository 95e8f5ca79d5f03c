"""Turns "netsuite volume x3 on 2026-11-27" into the peak that is meant. Nothing is evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.foresight.rehearsal import NotRehearsed, Wanted
from checks.words import plain
from forecasting.trading_days import Occasion

EXAMPLE = "whatif netsuite volume x3 on friday"
LONGEST = timedelta(weeks=5)
LEAST, MOST = 0.1, 100.0
LENGTH = 300
ONE_DAY = timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WRITTEN = ("%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y")
QUOTES = "\"'`\u201c\u201d\u201e\u2018\u2019"
NUMBER = r"\d{1,4}(?:[.,]\d{1,3})?"
_ASKED = re.compile(
    rf"(?P<system>.*?)\s*(?:\bvolume\b)?\s*(?:(?<!\w)[x\u00d7*]\s?(?P<times>{NUMBER})"
    rf"|(?<!\w)(?P<fold>{NUMBER})\s?[x\u00d7](?!\w)|(?P<sign>[+-])(?P<percent>{NUMBER})\s?%)"
    r"(?!\w)\s*(?P<rest>.*)",
    re.IGNORECASE,
)
_DAYS = r"(?:on\s+(?P<on>.+?)|from\s+(?P<first>.+?)\s+(?:to|until|till)\s+(?P<last>.+?))"
_FLOW = r"for\s+(?P<flow>\"[^\"]+\"|(?!\").+?)"
_RESTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_FLOW}\s+{_DAYS}",
        rf"(?:{_DAYS})?(?:\s*\b{_FLOW})?",
        rf"(?P<on>.+?)(?:\s+{_FLOW})?",
    )
)


def read_wanted(text: str, today: date, occasions: Sequence[Occasion] = ()) -> Wanted:
    """What is asked for, by the estate's calendar: weekdays are the next ones, today included.

    `occasions` are those ahead, which may be named in place of a day. Raises NotRehearsed.
    """
    asked = _ASKED.fullmatch(" ".join(text[:LENGTH].split()))
    if asked is None:
        raise NotRehearsed(_no_multiple(" ".join(text[:LENGTH].split())))
    found = filter(None, (each.fullmatch(asked["rest"]) for each in _RESTS))
    rest = {"on": None, "first": None, "last": None, "flow": None} | next(found).groupdict()
    first, last, occasion = _days(rest, today, occasions)
    return Wanted(
        times=_times(asked),
        system=_unquoted(asked["system"]),
        flow=_unquoted(rest["flow"] or ""),
        first=first,
        last=last,
        occasion=occasion,
    )


def _no_multiple(typed: str) -> str:
    named = f'"{plain(typed, 60)}" names no multiple: say' if typed else "Say"
    return f"{named} how much more, such as x3 or +50%."


def _times(asked: re.Match[str]) -> float:
    """ "x3" and "3x" are three times, "+50%" one and a half."""
    if asked["percent"]:
        share = _number(asked["percent"]) / 100
        times = 1 + share if asked["sign"] == "+" else 1 - share
    else:
        times = _number(asked["times"] or asked["fold"])
    if not LEAST <= times <= MOST:
        raise NotRehearsed(
            f"A peak of {times:g} times the usual cannot be rehearsed; write a multiple from "
            f"{LEAST:g} to {MOST:g}, such as x3 or +50%."
        )
    return times


def _days(
    rest: Mapping[str, str | None], today: date, occasions: Sequence[Occasion]
) -> tuple[date | None, date | None, str]:
    """The first and the last day, and what they are called; None where none was told."""
    if rest["on"]:
        first, last, name = _day(rest["on"], today, occasions)
    elif rest["first"] and rest["last"]:
        first, _, _ = _day(rest["first"], today, occasions)
        _, last, _ = _day(rest["last"], today, occasions)
        name = ""
    else:
        return None, None, ""
    first = max(first, today) if first < today <= last and name else first
    _check(first, last, today)
    return first, last, name


def _check(first: date, last: date, today: date) -> None:
    if last < first:
        raise NotRehearsed(f"{last} is before {first}; write the first day first.")
    if first < today:
        raise NotRehearsed(f"{first} is over; name a day from today ({today}) on.")
    if last > today + LONGEST:
        raise NotRehearsed(
            f"{last} is too far ahead: a rehearsal reaches five weeks, to {today + LONGEST}."
        )


def _day(told: str, today: date, occasions: Sequence[Occasion]) -> tuple[date, date, str]:
    """A day, or the days of an occasion with its name."""
    word = " ".join(_unquoted(told).casefold().split())
    if word in ("today", "tomorrow"):
        day = today + ONE_DAY * (word == "tomorrow")
        return day, day, ""
    weekday = word.removeprefix("next ")
    if weekday in WEEKDAYS:
        day = today + (WEEKDAYS.index(weekday) - today.weekday()) % 7 * ONE_DAY
        return day, day, ""
    if (written := _date(word, today)) is not None:
        return written, written, ""
    if occasion := _occasion(word, occasions):
        return occasion.first, occasion.last, occasion.name
    known = ", ".join(dict.fromkeys(plain(each.name, 40) for each in occasions[:5]))
    also = f", or an occasion ({known})" if known else ""
    raise NotRehearsed(
        f'"{plain(told, 40)}" is no day that I know; write 2026-11-27, friday, tomorrow{also}.'
    )


def _date(word: str, today: date) -> date | None:
    """ "2026-11-27", "27 november", "nov 27 2026"; without a year the next one."""
    try:
        return date.fromisoformat(word)
    except ValueError:
        pass
    for year in (today.year, today.year + 1):
        for pattern in WRITTEN:
            for full in (word, f"{word} {year}"):
                try:
                    found = datetime.strptime(full, pattern).date()  # noqa: DTZ007  a day, no moment
                except ValueError:
                    continue
                if found >= today or full == word:
                    return found
    return None


def _occasion(word: str, occasions: Sequence[Occasion]) -> Occasion | None:
    """The next one of exactly that name, else the next that begins so, else that has it in it."""
    for suits in (str.__eq__, str.startswith, str.__contains__):
        for each in occasions:
            if suits(" ".join(each.name.casefold().split()), word):
                return each
    return None


def _number(told: str) -> float:
    return float(told.replace(",", "."))


def _unquoted(text: str) -> str:
    return text.strip().strip(QUOTES).strip()
