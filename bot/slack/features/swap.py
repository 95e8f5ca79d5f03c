"""`/seam swap @alex`: two people take each other's next shift, once the other one has agreed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.rota import Rota, Shift, shifts
from bot.oncall import swaps as asking
from bot.permissions import Right
from bot.slack.arranging import LONGEST_REASON, Refused, asker, take_person, take_rota
from bot.slack.desk import Desk
from bot.slack.render import oncall as said
from bot.slack.render import swap as told
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store import Database, swaps
from bot.store.overrides import Overlaps
from bot.store.swaps import Stage, Swap, Wanted

AHEAD = timedelta(days=90)
_DECIDES = re.compile(rf"({told.ACCEPT}|{told.REFUSE})(?:\s+#?([0-9]{{1,15}}))?", re.IGNORECASE)


def answer(desk: Desk, ask: Ask) -> Message:
    decides = _DECIDES.fullmatch(ask.said.strip())
    try:
        if decides:
            number = decides[2] or str(ask.incident_id or "")
            return _decide(desk, ask, number, agrees=decides[1].lower() == told.ACCEPT)
        return _ask(desk, ask)
    except Refused as refused:
        return refused.message


def _ask(desk: Desk, ask: Ask) -> Message:
    rota, rest = take_rota(desk, ask.said)
    now, me = desk.clock.now(), asker(desk, ask)
    if not rest:
        raise Refused(told.whom_missing())
    other, reason = take_person(desk, ask, rest.removeprefix("with "))
    if other == me:
        raise Refused(said.own_swap())
    other_id = desk.directory.find(other)
    if other_id is None:
        raise Refused(said.not_linked(other))
    mine, theirs = apart(_next(desk, rota, me, now), _next(desk, rota, other, now))
    if mine.since >= mine.until or theirs.since >= theirs.until:
        raise Refused(said.both_on_call(other))
    wanted = Wanted(
        rota=rota.name,
        asker=mine,
        asker_id=ask.user_id,
        other=theirs,
        other_id=other_id,
        reason=reason[:LONGEST_REASON],
        expires_at=asking.expiry(mine, theirs, now),
    )
    with desk.store.writing() as db:
        if swaps.is_asked(db, wanted):
            raise Refused(told.asked_already(other_id))
        asked = asking.ask(db, wanted, now)
    return told.asked(asked)


def _decide(desk: Desk, ask: Ask, number: str, *, agrees: bool) -> Message:
    now = desk.clock.now()
    with desk.store.writing() as db:
        swap = _mine(db, number, ask.user_id, now)
        if not agrees:
            asking.close(db, swap, Stage.REFUSED, now)
            return told.refused(swap)
        rota = desk.rotas.find(swap.wanted.rota)
        if rota is None:
            raise Refused(said.no_such_rota(swap.wanted.rota, [r.name for r in desk.rotas.all]))
        try:
            made = asking.accept(db, swap, now)
        except Overlaps as error:
            raise Refused(said.overlapping(error.standing, desk.directory.find)) from None
    return told.accepted(made, rota.zone)


def _mine(db: Database, number: str, user_id: str, now: datetime) -> Swap:
    """The swap that this person is asked for and may still decide."""
    swap = swaps.find(db, int(number)) if number else None
    if swap is None:
        raise Refused(told.no_such_swap(number))
    if swap.wanted.other_id != user_id:
        raise Refused(told.not_yours(swap))
    if swap.stage is not Stage.ASKED:
        raise Refused(told.over(swap))
    if swap.wanted.expires_at <= now:
        raise Refused(told.too_late())
    return swap


def _next(desk: Desk, rota: Rota, person: str, now: datetime) -> Shift:
    """The shift that they are in, its rest only, or the one that comes next."""
    coming = shifts(rota, desk.rotas.overrides(now), now, now + AHEAD)
    for shift in coming:
        if shift.person.casefold() == person.casefold():
            return shift
    raise Refused(said.no_shift(person, rota.name))


def apart(one: Shift, other: Shift) -> tuple[Shift, Shift]:
    """The two without the time in which both are on call anyway, as in a repeated hour: there is
    nothing to swap in it."""
    begin, end = max(one.since, other.since), min(one.until, other.until)
    if begin >= end:
        return one, other
    if one.since <= other.since:
        return replace(one, until=begin), replace(other, since=end)
    return replace(one, since=end), replace(other, until=begin)


VERB = Verb(
    name="swap",
    place=27,
    answer=answer,
    button=told.SWAP,
    changes=True,
    right=Right.OVERRIDE,
    concerns=lambda _desk, _ask: None,  # its number is a swap's
    examples=(Example(typed="swap @alex", does="ask to take each other's next shift"),),
)
