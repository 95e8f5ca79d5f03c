"""The bot's own door for HTTP: where paging services call back, its health, and what it shows."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial

from bot.hearing import HeardBefore, hear
from bot.not_started import NotStarted
from bot.settings import Settings
from bot.slack.desk import Desk
from bot.store import Database
from bot.web.feeds.answering import Feeds
from bot.web.guard import Guard
from bot.web.inbound import Inbound
from bot.web.looking import Looking
from bot.web.pages import Pages
from bot.web.server import CannotListen, Offer, make_web, serving
from bot.web_settings import is_loopback

log = logging.getLogger(__name__)


@asynccontextmanager
async def make_door(
    settings: Settings, desk: Desk, unwell: Callable[[], str]
) -> AsyncIterator[None]:
    """Open while it is used, if some pager is to call back or something is to be seen; else there
    is no door at all.

    Raises NotStarted when its address cannot be listened on.
    """
    heard = partial(hear, desk.store, desk.clock, desk.rules.destination, desk.wake)
    inbound = Inbound(settings.pager, settings.estate.name, heard, HeardBefore(desk.store))
    if not (inbound.expects_anybody or settings.web.offers_anything):
        yield
        return

    try:
        with make_offer(settings, desk, unwell) as offer:
            application = make_web(inbound, unwell, offer)
            async with serving(application, settings.web.listen) as url:
                log.info("listening at %s", url)
                yield
    except CannotListen as error:
        raise NotStarted(str(error)) from None


@contextmanager
def make_offer(settings: Settings, desk: Desk, unwell: Callable[[], str]) -> Iterator[Offer | None]:
    """What there is to see by `[web]`; None where that is nothing."""
    offered = settings.web
    if not offered.offers_anything:
        yield None
        return
    host = offered.listen.rpartition(":")[0]
    if offered.open and not is_loopback(host):
        log.warning("[web] is open: whoever reaches %s sees everything there", offered.listen)
    looking, guard = Looking(settings.watch.database), Guard(offered)
    feeds = Feeds(looking, offered.url or "", settings.privacy.keys)
    try:
        yield Offer(
            guard=guard,
            pages=_pages(desk, looking, guard, unwell) if offered.dashboard else None,
            feeds=feeds if offered.feeds else None,
            metrics=partial(_metrics, desk, looking, unwell) if offered.metrics else None,
        )
    finally:
        looking.close()


def _pages(desk: Desk, looking: Looking, guard: Guard, unwell: Callable[[], str]) -> Pages:
    return Pages(
        looking,
        guard,
        estate=desk.estate,
        board=partial(_board, desk, unwell, guard.wants_token),
        digest=partial(_digest, desk),
    )


def _board(desk: Desk, unwell: Callable[[], str], leave: bool, db: Database) -> str:
    from bot.digest.reading import names_of
    from bot.web.dashboard.board import Around
    from bot.web.dashboard.gathering import gather
    from bot.web.dashboard.page import render

    around = Around(
        estate=desk.estate,
        zone=desk.zone,
        titles=desk.check_titles,
        people=names_of(desk.directory),
        pairs=desk.pairs,
    )
    return render(gather(db, around, desk.clock.now(), unwell()), leave=leave)


def _digest(desk: Desk, _: Database) -> str:
    from bot.digest.page import render
    from bot.digest.period import Form, ending_now
    from bot.slack.digesting import made

    return render(made(desk, ending_now(desk.digest.timetable, Form.DAILY, desk.clock.now())))


async def _metrics(
    desk: Desk, looking: Looking, unwell: Callable[[], str], accept: str
) -> tuple[bytes, str]:
    from bot.web.metrics import exposition

    now, problem = desk.clock.now(), unwell()
    return await looking.look(partial(exposition, now=now, unwell=problem, accept=accept))
