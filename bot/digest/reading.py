"""Reads a digest by a settings file, without a running bot and without changing anything."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot import facts
from bot.digest.facts import Digest
from bot.digest.gathering import Around, gather
from bot.digest.period import Form, Period, Timetable, ending_now, period_of
from bot.digest.rules import DigestRules, rules_of
from bot.directory import Directory
from bot.muting import Mutes
from bot.oncall.reading import rotas_of
from bot.settings import Settings
from bot.store import Store, open_to_read
from checks.registry import discover


class NoDigest(Exception):
    """There is none of that date; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`day` is a local date; None: up to now."""

    form: str = Form.DAILY
    day: date | None = None


def read_digest(settings: Settings, wanted: Wanted, now: datetime) -> Digest:
    """Raises NoDigest or StoreRefused."""
    rules = rules_of(settings)
    with closing(open_to_read(settings.watch.database)) as store:
        last = facts.find_round(store.db)
        if (
            settings.clock.url is not None and last is not None
        ):  # a sandbox lives in a time of its own
            now = last.at
        period = chosen_period(rules.timetable, Form(wanted.form), wanted.day, now)
        return gather(store.db, period, _around(settings, store, rules), now)


def chosen_period(timetable: Timetable, form: Form, day: date | None, now: datetime) -> Period:
    """Raises NoDigest for a date of which nothing can be known yet."""
    if day is None:
        return ending_now(timetable, form, now)
    period = period_of(timetable, form, day)
    if period.since >= now:
        raise NoDigest(
            f"The digest of {day.isoformat()} lies in the future: what it covers begins "
            f"{_local(period.since, timetable.zone)}. Ask for an earlier date."
        )
    return period


def names_of(directory: Directory) -> dict[str, str]:
    """Whoever the settings name, by Slack user id."""
    return {user: name for name in directory.names if (user := directory.find(name))}


def _around(settings: Settings, store: Store, rules: DigestRules) -> Around:
    zone = settings.estate.zone
    return Around(
        estate=settings.estate.name,
        titles={name: check.title for name, check in discover().items()},
        rules=rules,
        people=names_of(Directory(settings.person, settings.team, store=store)),
        mutes=Mutes(
            told_silences=tuple(each.silence(zone) for each in settings.silence),
            told_windows=tuple(each.maintenance(zone) for each in settings.maintenance),
        ),
        rotas=rotas_of(settings, store),
    )


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"
