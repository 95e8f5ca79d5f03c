"""Puts a digest together for Slack or for a mail: for a row of the outbox, or for whoever asks.

That takes seconds on a large estate: all of it is for threads.
"""

from __future__ import annotations

from dataclasses import replace

from bot.digest import phrases
from bot.digest.facts import Digest
from bot.digest.gathering import Around, gather
from bot.digest.page import render
from bot.digest.period import Period
from bot.digest.plain import lines_of
from bot.digest.reading import names_of
from bot.digest.telling import is_beside_daily, period_told
from bot.paging.model import Mail
from bot.slack.desk import Desk
from bot.slack.render.digest import digest_message
from bot.slack.render.message import Message
from bot.store.outbox import Row

MARK = "(This mail may be a repeat.)"


def digest_of(desk: Desk, row: Row) -> Message:
    """What the row of a digest says. Raises ValueError for another topic."""
    charting = desk.charting
    return digest_message(_told(desk, row), native=charting.native, pictures=charting.pictures)


def digest_mail(desk: Desk, row: Row) -> Mail:
    """The same as a letter. Raises ValueError for another topic."""
    told = _told(desk, row)
    repeat = [MARK, ""] if row.possible_repeat else []
    return Mail(
        subject=phrases.title(told.period, told.estate),
        text="\n".join([*repeat, *lines_of(told)]) + "\n",
        page=render(told),
        name=f"{row.topic.replace('/', '-')}.html",
        at=told.made_at,
        row_id=row.id,
    )


def made(desk: Desk, period: Period) -> Digest:
    """As of now."""
    around = Around(
        estate=desk.estate,
        titles=desk.check_titles,
        rules=desk.digest,
        people=names_of(desk.directory),
        mutes=desk.mutes,
        rotas=desk.rotas,
    )
    return gather(desk.store.db, period, around, desk.clock.now())


def _told(desk: Desk, row: Row) -> Digest:
    period = period_told(desk.store.db, desk.digest.timetable, row.topic)
    found = made(desk, period)
    return replace(
        found,
        late=found.made_at - period.until,
        beside_daily=is_beside_daily(desk.store.db, row.topic),
    )
