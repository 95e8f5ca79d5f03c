"""A running look-alike with something to act on: its flows, its failed runs, and who asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from pydantic import SecretStr

from bot.acting.executing import Executor
from bot.acting.proposal import Approval, Deed, Draft, Target
from bot.acting.routes import ActRules, read_route
from bot.acting.transport import Starter
from bot.acts import Acts
from bot.permissions import ALLOWED, Permission
from bot.sandbox.clock import SandboxClock
from bot.sandbox.estate.estate import Estate
from bot.sandbox.estate.model import Run, Status, Trigger
from bot.sandbox.estate.options import EstateOptions
from bot.sandbox.estate.server import EstateServer
from bot.store import Store, acts
from checks.fetch import Budget, Patience
from checks.patchworks import ApiKey, Patchworks
from tests.bot.sandbox.estate.conftest import NO_TLS_HERE

NOW = datetime(2026, 3, 4, 9, 14, 7, tzinfo=UTC)
FLOW = "Orders to NetSuite"
PRIYA, ALEX = "U0PRIYA", "U0ALEX"
HOME = "slack/C1"
QUICK = Patience(
    connect=timedelta(seconds=2),
    read=timedelta(seconds=2),
    total=timedelta(seconds=3),
    first_retry=timedelta(milliseconds=1),
)
RULES = ActRules(
    routes={
        Deed.RETRY: read_route(Deed.RETRY, "POST /api/v1/flow-runs/{id}/retry"),
        Deed.STOP: read_route(Deed.STOP, "POST /api/v1/flow-runs/{id}/stop"),
    }
)


async def everybody(user_id: str, right: Any, *, channel: str = "") -> Permission:
    return ALLOWED


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A store, and an estate that stands still until it is told to move."""

    store: Store
    server: EstateServer
    clock: SandboxClock
    patchworks: Patchworks
    starter: Starter
    http: httpx.AsyncClient
    rules: ActRules = RULES

    @property
    def company(self) -> Estate:
        return self.server.company

    @property
    def flow_id(self) -> str:
        return str(self.company.flow(FLOW).id)

    def executor(self, rules: ActRules | None = None, pause: Any = None) -> Executor:
        async def pass_over(seconds: float) -> None:
            self.clock.advance(timedelta(seconds=seconds))

        return Executor(
            self.store,
            self.clock,
            self.patchworks,
            self.starter,
            rules or self.rules,
            pause or pass_over,
        )

    def acts(self, *, may: Any = everybody, rules: ActRules | None = None, **more: Any) -> Acts:
        executor = more.pop("executor", None) or self.executor(rules)
        return Acts(
            self.store,
            self.clock,
            executor,
            rules or self.rules,
            may=may,
            home=HOME,
            told=lambda: None,
        )

    def failed_run(self, payload: str | None = None) -> Run:
        """A run of the flow that has failed a minute ago."""
        queue = self.company.queue
        run = queue.start_now(self.company.flow(FLOW), Trigger.WEBHOOK, payload)
        self.clock.advance(timedelta(minutes=30))
        failed = replace(self.company.queue.runs[run.id], outcome=Status.FAILURE)
        self.company.queue.runs[run.id] = failed
        return failed

    def begun(self, trigger: Trigger = Trigger.API) -> list[Run]:
        """Runs of the flow that an act began, once the queue has been picked."""
        self.clock.advance(timedelta(seconds=30))
        flow_id = self.company.flow(FLOW).id
        runs = self.company.queue.runs.values()
        return [run for run in runs if run.flow.id == flow_id and run.trigger is trigger]

    async def spoil(self, **fault: Any) -> None:
        answer = await self.http.post(self.server.core_url + "/control/fault", json=fault)
        assert answer.is_success, answer.text

    def draft(self, deed: Deed = Deed.START, run: Run | None = None, **more: Any) -> Draft:
        target = Target(
            flow_id=self.flow_id,
            flow_name=FLOW,
            run_id=str(run.id) if run else "",
            forgotten_at=run.started_at + timedelta(hours=72) if run else None,
        )
        told: dict[str, Any] = {"deed": deed, "targets": (target,), "preview": ("Does it.",)}
        return Draft(**(told | more))

    def stage_of(self, proposal_id: int) -> str:
        found = acts.find(self.store.db, proposal_id)
        assert found is not None
        return found.stage.value


@asynccontextmanager
async def visited(store: Store, **options: Any) -> AsyncIterator[Scene]:
    clock = SandboxClock(start=NOW, speed=0)
    server = EstateServer(clock=clock, options=EstateOptions(**{"history_days": 0, **options}))
    await server.start()
    try:
        async with httpx.AsyncClient(verify=NO_TLS_HERE) as http:
            asked: dict[str, Any] = {
                "core_url": server.core_url,
                "login_url": server.login_url,
                "credentials": ApiKey(SecretStr(server.api_key)),
                "budget": Budget(240),
                "now": clock.now,
                "patience": QUICK,
            }
            yield Scene(
                store=store,
                server=server,
                clock=clock,
                patchworks=Patchworks(http, **asked),
                starter=Starter(http, start_url=server.start_url, **asked),
                http=http,
            )
    finally:
        await server.stop()


ALONE = replace(RULES, approval=Approval.CONFIRM_WITH_REASON)
