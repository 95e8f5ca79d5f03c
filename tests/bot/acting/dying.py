"""A process that carries out what is approved and is killed on the way: `dying.py DB URLS WHEN`."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from bot.acting.executing import Executor
from bot.acting.routes import ActRules
from bot.acting.transport import Starter
from bot.acts import Acts
from bot.permissions import ALLOWED
from bot.store import open_store
from checks.fetch import Budget
from checks.patchworks import ApiKey, Patchworks
from tests.loopback import NO_TLS_HERE


class StillClock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    async def follow(self) -> None:
        raise NotImplementedError


async def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


async def everybody(*_: Any, **__: Any) -> Any:
    return ALLOWED


async def main(path: str, told: dict[str, str], moment: str) -> None:
    store, clock = open_store(Path(path)), StillClock(datetime.fromisoformat(told["now"]))
    async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
        asked: dict[str, Any] = {
            "core_url": told["core"],
            "login_url": told["login"],
            "credentials": ApiKey(SecretStr(told["key"])),
            "budget": Budget(240),
            "now": clock.now,
        }
        starter = Starter(http, start_url=told["start"], **asked)
        executor = Executor(store, clock, Patchworks(http, **asked), starter, ActRules())
        if moment == "claimed":
            executor.carry_out = die  # type: ignore[method-assign]
        if moment == "sent":
            send = starter.start

            async def send_and_die(*args: Any) -> Any:
                await send(*args)
                await die()

            starter.start = send_and_die  # type: ignore[method-assign]
        loop = Acts(
            store, clock, executor, ActRules(), may=everybody, home="slack/C1", told=lambda: None
        )
        if moment == "recorded":
            loop._tell = die  # type: ignore[method-assign,assignment]
            executor._finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # type: ignore[method-assign]  # dies there
        await loop.work()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]))
