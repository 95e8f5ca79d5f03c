"""`/seam swap @alex`: two people take each other's next shift."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.incidents.rota import Rota, Shift, shifts
from bot.permissions import Right
from bot.slack.arranging import (
    LONGEST_REASON,
    Refused,
    arrange,
    asker,
    reachable,
    take_person,
    take_rota,
)
from bot.slack.desk import Desk
from bot.slack.render import oncall as said
from bot.slack.render.message import Message
from bot.slack.verbs import Ask, Example, Verb
from bot.store.overrides import Arranged

AHEAD = timedelta(days=90)


def answer(desk: Desk, ask: Ask) -> Message:
    try:
        return _swap(desk, ask)
    except Refused as refused:
        return refused.message


def _swap(desk: Desk, ask: Ask) -> Message:
    rota, rest = take_rota(desk, ask.said)
    now, me = desk.clock.now(), asker(desk, ask)
    other, reason = take_person(desk, ask, rest.removeprefix("with "))
    if other == me:
        raise Refused(said.own_swap())
    reachable(desk, other)
    mine, theirs = apart(_next(desk, rota, me, now), _next(desk, rota, other, now))
    if mine.since >= mine.until or theirs.since >= theirs.until:
        raise Refused(said.both_on_call(other))
    wanted = [
        Arranged(
            rota=rota.name,
            person=person,
            replaces=shift.person,
            since=shift.since,
            until=shift.until,
            by=ask.user_id,
            reason=reason[:LONGEST_REASON],
        )
        for person, shift in ((other, mine), (me, theirs))
    ]
    made = arrange(desk, wanted, now)
    return said.swapped(made, rota.zone, desk.directory.find)


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
    changes=True,
    right=Right.OVERRIDE,
    examples=(Example(typed="swap @alex", does="you take each other's next shift"),),
)
