"""Puts a digest together for Slack: for a row of the outbox, or for whoever asks."""

from __future__ import annotations

from datetime import timedelta

from bot.digest.facts import Digest
from bot.digest.gathering import Around, gather
from bot.digest.period import Period, Timetable
from bot.digest.reading import names_of
from bot.digest.telling import period_told
from bot.slack.desk import Desk
from bot.slack.render.digest import digest_message
from bot.slack.render.message import Message
from bot.store.outbox import Row


def digest_of(
    desk: Desk, row: Row, timetable: Timetable, every: timedelta | None = None
) -> Message:
    """What the row of a digest says. Raises ValueError for another topic."""
    period = period_told(desk.store.db, timetable, row.topic)
    return digest_message(made(desk, period, every), native=desk.charting.native)


def made(desk: Desk, period: Period, every: timedelta | None = None) -> Digest:
    """`every` is the time between rounds; None: not known here."""
    around = Around(
        estate=desk.estate,
        titles=desk.check_titles,
        every=every,
        people=names_of(desk.directory),
        mutes=desk.mutes,
        rotas=desk.rotas,
    )
    return gather(desk.store.db, period, around, desk.clock.now())
