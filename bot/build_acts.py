"""Makes what acts on Patchworks for people."""

from __future__ import annotations

from bot.acting.executing import Executor
from bot.acting.transport import Starter
from bot.acts import Acts
from bot.build_outside import Outside, credentials_of
from bot.settings import Settings
from bot.slack.desk import Desk


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
