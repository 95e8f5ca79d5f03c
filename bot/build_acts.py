"""Makes what acts on Patchworks for people, and holds what lies outside the process."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from bot.acting.executing import Executor
from bot.acting.transport import Starter
from bot.acts import Acts
from bot.clock import Clock
from bot.settings import PatchworksSettings, Settings
from bot.slack.connect import Slack
from bot.slack.desk import Desk
from checks.fetch import Budget
from checks.patchworks import ApiKey, Login, Patchworks


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What lies outside the process and has answered; `budget` is that of calls to Patchworks."""

    http: httpx.AsyncClient
    clock: Clock
    budget: Budget
    patchworks: Patchworks
    slack: Slack


def make_acts(settings: Settings, desk: Desk, outside: Outside) -> Acts:
    """What carries out what people approved, within the same budget of calls."""
    rules = settings.acts.rules
    starter = Starter(
        outside.http,
        core_url=settings.patchworks.core_url,
        start_url=settings.patchworks.start_url,
        login_url=settings.patchworks.login_url,
        credentials=credentials_of(settings.patchworks),
        budget=outside.budget,
        now=desk.clock.now,
    )
    return Acts(
        desk.store,
        desk.clock,
        Executor(desk.store, desk.clock, outside.patchworks, starter, rules),
        rules,
        may=desk.rights.may,
        home=desk.rules.destination,
        told=desk.wake,
    )


def credentials_of(settings: PatchworksSettings) -> ApiKey | Login:
    if settings.api_key is not None:
        return ApiKey(settings.api_key)
    if settings.username is None or settings.password is None:
        raise ValueError("[patchworks] has neither an api_key nor a username and password")
    return Login(settings.username, settings.password)
