"""What a bot knows that has watched for a day: read once a process as the bot does, then copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import httpx
from pydantic import SecretStr

from bot.backfill import Backfill
from bot.keep import Keeper
from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from bot.sandbox.scenarios import find
from bot.settings import WatchSettings
from bot.store import Store, calls
from checks.fetch import Budget
from checks.patchworks import ApiKey, Patchworks
from tests.databases import new_store
from tests.loopback import NO_TLS_HERE

PLENTY = 1_000_000  # calls a minute: a past is not paced
USUAL = find("quiet_day")


class Pasts:
    """Databases in a folder, one for each kind of estate whose past was asked for."""

    def __init__(self, folder: Path, began: SandboxClock) -> None:
        self._folder, self._began = folder, began
        self._known: dict[EstateOptions, Path] = {}

    async def give(self, path: Path, options: EstateOptions) -> None:
        """At `path`, a database in which every run is known that had started when stories begin."""
        if options not in self._known:
            past = self._folder / f"past-{len(self._known)}.db"
            await self._read(past, options)
            self._known[options] = past
        shutil.copyfile(self._known[options], path)

    async def _read(self, path: Path, options: EstateOptions) -> None:
        server = EstateServer(clock=self._began, scenario=USUAL.name, options=options)
        await server.start()
        try:
            async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
                store = new_store(path)
                await self._remember(_client(server, http, self._began), store)
                store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                store.close()
        finally:
            await server.stop()

    async def _remember(self, patchworks: Patchworks, store: Store) -> None:
        await Backfill(patchworks, store, self._began, PLENTY).run()
        flows = await patchworks.flows()
        with store.writing() as db:
            calls.count_runs_into_calls(db, flows)
        keeper = Keeper(store, self._began, WatchSettings())
        await keeper.prune()  # counts the days that are over
        await keeper.roll_up()


def is_shared(scenario: str) -> bool:
    """Whether the past of a scenario's estate is that of a quiet day."""
    told = find(scenario)
    own = (told.opens, told.growth, told.flows)
    return own == (USUAL.opens, USUAL.growth, USUAL.flows)


def _client(server: EstateServer, http: httpx.AsyncClient, clock: SandboxClock) -> Patchworks:
    return Patchworks(
        http,
        core_url=server.core_url,
        login_url=server.login_url,
        credentials=ApiKey(SecretStr(server.api_key)),
        budget=Budget(PLENTY),
        now=clock.now,
    )
