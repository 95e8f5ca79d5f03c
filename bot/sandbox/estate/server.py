"""The look-alike as a server on loopback: Patchworks' Core, Start and login APIs for one estate."""

from __future__ import annotations

from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.company import FLOWS
from bot.sandbox.estate.credentials import Credentials
from bot.sandbox.estate.doors import DOORS
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.faults import Faults
from bot.sandbox.estate.limiter import TokenBucket
from bot.sandbox.estate.options import AS_DOCUMENTED, EstateOptions
from bot.sandbox.estate.routes import LOGIN, ROUTES, START
from bot.sandbox.estate.site import SITE, Site
from bot.sandbox.scenarios import find

_LARGEST_REQUEST = 8 * 1024**2
_FAREWELL = 0.1  # seconds that open calls get when the server stops; a clock may be long awaited


class EstateServer:
    """One estate behind HTTP on 127.0.0.1. The addresses are known once it has started.

    Its scenario and its seven days of history begin with the clock's time at the start. Raises
    UnknownScenario for a scenario that does not exist, OSError for a port that is taken.
    """

    def __init__(
        self,
        *,
        clock: SandboxClock,
        port: int = 0,
        scenario: str = "quiet_day",
        options: EstateOptions = AS_DOCUMENTED,
    ) -> None:
        self._clock, self._port, self._options = clock, port, options
        self._scenario = find(scenario)
        self._credentials = Credentials(token_lifetime=options.token_lifetime)
        self._runner: web.AppRunner | None = None
        self._site: Site | None = None
        self.url = ""

    async def start(self) -> None:
        """Bring the history about, start the scenario and listen."""
        now = self._clock.now()
        scenario = self._scenario
        estate = Estate(
            now=now,
            opens=scenario.opens,
            options=self._options,
            flows=(*FLOWS, *scenario.flows),
            growth=scenario.growth,
        )
        estate.play(scenario.steps)
        self._site = Site(
            clock=self._clock,
            options=self._options,
            estate=estate,
            credentials=self._credentials,
            limiter=TokenBucket(self._options.calls_per_minute),
            faults=Faults(),
        )
        app = web.Application(middlewares=DOORS, client_max_size=_LARGEST_REQUEST)
        app[SITE] = self._site
        app.add_routes(ROUTES)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_FAREWELL)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError:
            await self.stop()
            raise
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Stop listening; calls that are still open are ended."""
        if self._runner is not None:
            await self._runner.cleanup()

    def play(self, name: str) -> None:
        """Start a scenario from now. Raises UnknownScenario, which lists the names that exist."""
        self._started().play(name)

    @property
    def company(self) -> Estate:
        """The estate as it is now. Raises RuntimeError before it has started."""
        return self._started().live()

    def _started(self) -> Site:
        if self._site is None:
            raise RuntimeError("start the estate before anything is done with it")
        return self._site

    @property
    def core_url(self) -> str:
        """Where Core API paths such as /api/v1/flows begin."""
        return self.url

    @property
    def start_url(self) -> str:
        return self.url + START

    @property
    def login_url(self) -> str:
        return self.url + LOGIN

    @property
    def clock_url(self) -> str:
        return self.url + "/clock"

    @property
    def api_key(self) -> str:
        return self._credentials.api_key

    @property
    def username(self) -> str:
        return self._credentials.username

    @property
    def password(self) -> str:
        return self._credentials.password

    @property
    def concurrent_flows(self) -> int:
        """The allowance: how many runs there may be at once."""
        return self._options.concurrent_flows
