"""Makes the outbox with every kind of destination: channels, people, paging services."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache, partial

from bot.outbox import Destination, Outbox
from bot.paging.destination import PagerDestination, RemovedPager
from bot.paging.model import Pager
from bot.slack.connect import Slack
from bot.slack.desk import Desk
from bot.slack.digesting import digest_mail
from bot.slack.direct import Direct
from bot.slack.files import Pictures
from bot.slack.gateway import Channel, Sketching
from bot.slack.letters import composed, remember_file
from bot.slack.paging_out import compose_page


def make_outbox(
    desk: Desk,
    slack: Slack,
    pictures: Pictures,
    pagers: Mapping[str, Pager],
    awake: asyncio.Event,
) -> Outbox:
    """`pagers` by name, `awake` is set by whoever writes rows."""
    sketching = Sketching(
        pictures=pictures,
        remember=partial(remember_file, desk.store),
        refused=desk.charting.refused,
    )

    def channel(channel_id: str) -> Channel:
        return Channel(slack.client, channel_id, partial(composed, desk), sketching)

    def pager(name: str) -> Destination:
        if name not in pagers:
            return RemovedPager(name=name)
        return PagerDestination(
            pager=pagers[name],
            compose=partial(compose_page, desk),
            write=partial(digest_mail, desk),
        )

    makers: dict[str, Callable[[str], Destination]] = {
        "slack": channel,
        "dm": lambda user_id: Direct(slack.client, user_id, channel),
        "pager": pager,
    }

    @cache
    def find_destination(name: str) -> Destination:
        kind, _, place = name.partition("/")
        return makers[kind](place)

    return Outbox(desk.store, desk.clock, find_destination, awake, slack.fallback)
