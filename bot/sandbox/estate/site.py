"""What every request handler of the look-alike needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.credentials import Credentials
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.faults import Faults
from bot.sandbox.estate.limiter import TokenBucket
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.scenarios import find


@dataclass(slots=True, kw_only=True)
class Site:
    """The estate behind its doors: clock, credentials, limiter and injected faults."""

    clock: SandboxClock
    options: EstateOptions
    estate: Estate
    credentials: Credentials
    limiter: TokenBucket
    faults: Faults

    def live(self) -> Estate:
        """The estate as it is now, by the sandbox's clock."""
        self.estate.advance(self.clock.now())
        return self.estate

    def play(self, name: str) -> None:
        """Start a scenario from now. Raises UnknownScenario, which lists the names that exist."""
        self.live().play(find(name).steps)


SITE = web.AppKey("site", Site)
FIRST_PAGE_AGAIN = web.RequestKey("first_page_again", bool)
"""Set on a request by the fault that makes every page the first one."""
