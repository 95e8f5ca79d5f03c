"""The bot's own door for HTTP: where paging services call back, and its health."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from bot.hearing import hear
from bot.not_started import NotStarted
from bot.settings import Settings
from bot.slack.desk import Desk
from bot.web.inbound import Inbound
from bot.web.server import CannotListen, make_web, serving

log = logging.getLogger(__name__)


@asynccontextmanager
async def make_door(
    settings: Settings, desk: Desk, unwell: Callable[[], str]
) -> AsyncIterator[None]:
    """Open while it is used, if some pager is to call back; else there is no door at all.

    Raises NotStarted when its address cannot be listened on.
    """
    heard = partial(hear, desk.store, desk.clock, desk.rules.destination, desk.wake)
    inbound = Inbound(settings.pager, settings.estate.name, heard)
    if not inbound.expects_anybody:
        yield
        return

    try:
        async with serving(make_web(inbound, unwell), settings.web.listen) as url:
            log.info("listening at %s", url)
            yield
    except CannotListen as error:
        raise NotStarted(str(error)) from None
