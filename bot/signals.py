"""Signals of the process: what stops the bot, and what a hangup means."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable

Live = Callable[[asyncio.Event], Awaitable[None]]

TURN_SECONDS = 0.0005
"""How long a thread may keep the interpreter when the loop waits for it. Every look into the
database lets go of it; with Python's own 5 ms a command of twenty looks waits a tenth of a second
while a round is judged in a thread. https://docs.python.org/3/library/sys.html#sys.setswitchinterval
"""


def run_until_stopped(live: Live) -> None:
    """Run `live(stop)`; the first SIGINT or SIGTERM sets `stop`, the second one ends at once.

    The end of the terminal (SIGHUP) sets it too. It is often told twice and never insists; under
    nohup it stays ignored.
    """

    sys.setswitchinterval(TURN_SECONDS)

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, _stop, stop, loop)
        on_hangup(stop)
        await live(stop)

    asyncio.run(run())


def on_hangup(event: asyncio.Event) -> None:
    """SIGHUP sets this event from now on, unless it is ignored."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, event.set)


def in_foreground() -> bool:
    """Whether a terminal's Ctrl-C would reach us; asked at the start, because a terminal that was
    closed no longer tells."""
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:
        return False


def _stop(stop: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    stop.set()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
