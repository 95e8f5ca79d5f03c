"""What override, cover and swap have in common: which rota, which person, and keeping it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.incidents.rota import Override, Rota, gaps, on_call, shifts
from bot.outbox import Needless
from bot.saying import intend
from bot.slack.desk import Desk
from bot.slack.moments import NotAMoment, Span, read_span
from bot.slack.named import nearest_names
from bot.slack.render import oncall as said
from bot.slack.render.choice import none_named
from bot.slack.render.message import Message
from bot.slack.verbs import Ask
from bot.store import Database
from bot.store.outbox import Purpose, Row
from bot.store.overrides import Arranged, Overlaps, find_override, save_overrides, standing

TOPIC = "override"
LONGEST_REASON = 500
LONGEST = timedelta(days=30)
"""Who is away for longer is replaced in the rota itself, where everybody sees it."""
BEFORE_A_PERSON = {"with", "for", "me", "myself"}
_ACCOUNT = re.compile(r"[UW][A-Z0-9]{2,30}")
_LONGEST_NAME = 4  # words


class Refused(Exception):
    """It cannot be arranged; `message` is the private answer that says what is missing."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.text)
        self.message = message


def take_rota(desk: Desk, text: str) -> tuple[Rota, str]:
    """The rota that the first word names, or the only one, and what follows."""
    first, _, rest = text.strip().partition(" ")
    if rota := desk.rotas.find(first):
        return rota, rest.strip()
    names = [rota.name for rota in desk.rotas.all]
    if not names:
        raise Refused(said.no_rota())
    if _stands_before_a_person(desk, first, rest):
        raise Refused(said.no_such_rota(first, names))
    if len(names) > 1:
        raise Refused(said.which_rota(names))
    return desk.rotas.all[0], text.strip()


def _stands_before_a_person(desk: Desk, first: str, rest: str) -> bool:
    """Whether a word that is no rota stands where one would: "nosuch @alex 2h"."""
    people = {name.casefold().split()[0] for name in desk.directory.names}
    second = rest.split()[0].casefold() if rest.strip() else ""
    if first.startswith("@") or first.casefold() in people | BEFORE_A_PERSON:
        return False
    return second.startswith("@") or second in people


def take_person(desk: Desk, ask: Ask, text: str) -> tuple[str, str]:
    """The person of the settings whom the first words name or mention, and what follows."""
    words = text.split()
    for many in range(min(len(words), _LONGEST_NAME), 0, -1):
        if name := _person(desk, ask, " ".join(words[:many])):
            return name, " ".join(words[many:])
    if not words:
        raise Refused(said.who_missing())
    asked, names = words[0].lstrip("@"), desk.directory.names
    raise Refused(none_named("person", asked, nearest_names(asked, names), names))


def asker(desk: Desk, ask: Ask) -> str:
    """The person of the settings who asks."""
    if (name := desk.directory.name_of(ask.user_id)) is None:
        raise Refused(said.you_are_unlinked())
    return name


def reachable(desk: Desk, name: str) -> None:
    """Only who is linked to an account can be put on call."""
    if desk.directory.find(name) is None:
        raise Refused(said.not_linked(name))


def read_when(text: str, now: datetime, zone: ZoneInfo) -> Span:
    """Times are those of the rota's own clocks."""
    try:
        return read_span(text, now, zone)
    except NotAMoment as error:
        raise Refused(said.no_time(str(error))) from None


def put_on_call(
    desk: Desk, ask: Ask, rota: Rota, person: str, replaces: str | None, text: str
) -> Message:
    """Arrange that a person is on call, from when until when and why as `text` says."""
    now = desk.clock.now()
    span = read_when(text, now, rota.zone)
    if span.until - span.since > LONGEST:
        raise Refused(said.too_long(LONGEST))
    known = desk.rotas.overrides(now)
    planned = shifts(rota, known, span.since, span.until)
    alone = {each.person for each in planned} == {person}
    if alone and not gaps(rota, known, span.since, span.until):
        raise Refused(said.on_call_already(person, rota.name, span.since, span.until))
    wanted = Arranged(
        rota=rota.name,
        person=person,
        replaces=replaces,
        since=span.since,
        until=span.until,
        by=ask.user_id,
        reason=span.rest[:LONGEST_REASON],
    )
    made = arrange(desk, [wanted], now)
    before = on_call(rota, known, span.since)
    return said.arranged(made[0], before, rota.zone, desk.directory.find)


def arrange(desk: Desk, arranged: Sequence[Arranged], now: datetime) -> list[Override]:
    """Keep all of them, or none; whom somebody else puts on call is told."""
    try:
        with desk.store.writing() as db:
            made = save_overrides(db, arranged, now)
            for each in made:
                _tell(db, each, desk.directory.find(each.person), now)
            return made
    except Overlaps as error:
        raise Refused(said.overlapping(error.standing, desk.directory.find)) from None


def _tell(db: Database, made: Override, user_id: str | None, now: datetime) -> None:
    if user_id is not None and user_id != made.by:
        intend(db, f"{TOPIC}/{made.id}", f"dm/{user_id}", Purpose.ROOT, now)


def put_on_call_of(desk: Desk, row: Row) -> Message:
    """The message to whom somebody else put on call. Raises Needless, or LookupError."""
    number = int(row.topic.partition("/")[2])
    found = find_override(desk.store.db, number)
    if found is None:
        raise LookupError(f"there is no {row.topic}")
    if all(each.id != number for each in standing(desk.store.db, desk.clock.now())):
        raise Needless
    return said.put_on_call(found)


def _person(desk: Desk, ask: Ask, typed: str) -> str | None:
    shown = typed.rstrip(",;:")
    bare = shown.lstrip("@")
    account = ask.accounts.get(shown) or (bare if _ACCOUNT.fullmatch(bare) else None)
    if account:
        name = desk.directory.name_of(account)
        if name is None and shown.startswith("@"):
            raise Refused(said.account_unknown(account))
        if name:
            return name
    if bare.casefold() in ("me", "myself"):
        return asker(desk, ask)
    names = desk.directory.names
    exact = [name for name in names if name.casefold() == bare.casefold()]
    by_first = [name for name in names if name.casefold().split()[0] == bare.casefold()]
    return next(iter(exact), by_first[0] if len(by_first) == 1 else None)
