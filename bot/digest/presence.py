"""What a digest tells of the present: forecasts, credentials, sight, and the bot's own health."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bot import facts, inventory
from bot.digest.facts import Health, Present, Unjudged
from bot.digest.period import Period
from bot.digest.rules import DigestRules
from bot.digest.unjudged import SHAPES, unjudged_of
from bot.digest.unseen_lists import long_unseen, say_unseen
from bot.evidence import QUEUE
from bot.foresight.foreseen import OLD, ForeseenAllowance, foreseen_of
from bot.heartbeat import problems
from bot.inventory import JudgedCredential, Register
from bot.oncall.gaps import gap_sentences
from bot.oncall.rotas import Rotas
from bot.store import Database, outbox, shapes
from bot.store import digest as stored
from checks.credentials import Holder, KnownBy

AHEAD = timedelta(days=30)
WORTH_TELLING = 0.1
"""A chance below it is none that a manager looks into."""
LIKELY = 0.5
EVERY_ROUND = "queue.waiting"
LOOKED_INTO = timedelta(days=7)
STALE = timedelta(minutes=15)
PACES = 6
"""Where the clock runs faster than rounds can be made, so many of the usual times between two."""


def presence(
    db: Database, period: Period, rotas: Rotas, rules: DigestRules, now: datetime
) -> Present:
    foreseen = foreseen_of(inventory.find_limits(db))
    register = inventory.find_register(db)
    return Present(
        foreseen=tuple(each for each in foreseen if _is_worth_telling(each, now)),
        unproven=tuple(each for each in foreseen if _is_unproven(each, now)),
        withheld=sum(each.is_withheld or _is_old(each, now) for each in foreseen),
        credentials=tuple(sorted(_ending(register, now), key=_first_to_end)),
        endless=_endless(register),
        blind=(*_blind(db), *_unseen_lists(db, now)),
        unjudged=tuple(_unjudged(db)),
        gaps=(*rotas.trouble.values(), *gap_sentences(rotas.all, rotas.overrides(now), now)),
        unowned=tuple(rules.unowned(inventory.find_inventory(db))),
        health=_health(db, period, rules, now),
    )


def watched_since(db: Database) -> datetime | None:
    """Since when rounds have been made, as far as is remembered; None before the first."""
    known = (
        stored.first_hour(db, QUEUE, EVERY_ROUND),
        stored.first_reading(db, QUEUE, EVERY_ROUND),
    )
    return min((at for at in known if at is not None), default=None)


def _is_worth_telling(each: ForeseenAllowance, now: datetime) -> bool:
    trusted = each.in_trouble or each.has_skill
    likely = each.is_reached or (trusted and each.chance >= WORTH_TELLING)
    return likely and not each.is_withheld and not _is_old(each, now)


def _is_unproven(each: ForeseenAllowance, now: datetime) -> bool:
    """Likely by a forecast that has been no better than a guess: nobody is warned by it, and it is
    told here alone."""
    likely = each.chance >= LIKELY and not each.has_skill and not each.in_trouble
    return likely and not each.is_withheld and not _is_old(each, now)


def _is_old(each: ForeseenAllowance, now: datetime) -> bool:
    return now - each.forecast.made_at > OLD


def _ending(register: Register | None, now: datetime) -> Iterator[JudgedCredential]:
    """Not accepted, or ended, or ending soon; a vendor's date only while it lies ahead."""
    for judged in register.credentials if register else ():
        held = judged.held
        if held.refused_since is not None or (
            judged.signal == "rejected" and judged.level.is_trouble
        ):
            yield judged
        elif held.ends_at is not None and held.ends_at - now <= AHEAD:
            over = held.holder is Holder.NOBODY and held.ends_at <= now
            if not over and (not held.renews_itself or judged.level.is_trouble):
                yield judged


def _first_to_end(judged: JudgedCredential) -> tuple[object, ...]:
    held = judged.held
    return held.refused_since is None, held.ends_at is not None, held.ends_at or 0, held.id


def _endless(register: Register | None) -> int:
    """How many have no known end, and do not renew themselves."""
    held = [judged.held for judged in register.credentials] if register else []
    return sum(
        each.ends_at is None
        and not each.renews_itself
        and each.known_by is not KnownBy.ENDLESS
        and each.holder is not Holder.NOBODY
        for each in held
    )


def _blind(db: Database) -> Iterator[str]:
    """The parts of Patchworks and the systems that cannot be seen, each with why; foreign words."""
    for name, part in facts.find_blindness(db).items():
        yield f"Patchworks, {name}: {part.why}"
    for system in facts.find_systems(db):
        if system.blind_since is not None:
            yield f"{system.name}: {system.why}"


def _unjudged(db: Database) -> Iterator[Unjudged]:
    last = facts.find_round(db)
    by_check = last.unjudged_by if last else {}
    yield from unjudged_of(by_check, shapes.find_shapes(db) if SHAPES in by_check else ())


def _unseen_lists(db: Database, now: datetime) -> Iterator[str]:
    """A line a system that answers and yet has not shown some list for a day."""
    blind = {each.name for each in facts.find_systems(db) if each.blind_since is not None}
    for system, lists in long_unseen(facts.find_unseen_lists(db), now).items():
        if system not in blind:
            yield f"{system}: {say_unseen(lists)}"


def _health(db: Database, period: Period, rules: DigestRules, now: datetime) -> Health:
    every = rules.every
    first, last = stored.first_reading(db, QUEUE, EVERY_ROUND), facts.find_round(db)
    until = min(period.until, now)
    since = max(period.since, until - LOOKED_INTO, first or until)
    seen = stored.looks(db, QUEUE, EVERY_ROUND, since, until)
    due = (until - since) // every if every and not rules.steered else 0
    expected = max(seen.count, due)
    return Health(
        expected=expected,
        missed=max(0, expected - seen.count),
        longest=seen.longest,
        longest_from=seen.longest_from,
        patience=max(STALE, PACES * seen.pace) if rules.steered else STALE,
        steered=rules.steered,
        last_round=last.at if last else None,
        waiting=outbox.waiting_count(db),
        waiting_since=stored.waiting_since(db),
        calls=last.calls_last_minute if last else 0,
        budget=last.calls_per_minute if last else 0,
        trouble=tuple(_trouble(db, now)),
    )


def _trouble(db: Database, now: datetime) -> Iterator[str]:
    yield from problems(db, now)
    settings, learning = facts.find_settings(db), facts.find_learning(db)
    if settings is not None and settings.refused_at is not None:
        yield "The newest settings were refused; the older ones are in force."
    if learning is not None and learning.trouble:
        yield f"Forecasts are made by a plain baseline: {learning.trouble}"
