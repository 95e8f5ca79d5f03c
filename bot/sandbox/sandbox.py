"""The sandbox's servers together, and the settings file that points a bot at them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from bot.sandbox import declared_loss
from bot.sandbox.clock import SandboxClock
from bot.sandbox.declared import promotion_text, secrets_of, settings_text, used_shops
from bot.sandbox.declared_response import BotsDoor, find_door, response_secrets, response_text
from bot.sandbox.estate.company import TO_THE_ERP
from bot.sandbox.estate.options import AS_DOCUMENTED, EstateOptions
from bot.sandbox.estate.server import EstateServer
from bot.sandbox.history import write_history
from bot.sandbox.pagers.server import PagerServer
from bot.sandbox.scenarios import UnknownScenario, all_scenarios, find
from bot.sandbox.workspace.options import SLACKS_OWN, WorkspaceOptions
from bot.sandbox.workspace.server import WorkspaceServer

SETTINGS = """\
# Made for the sandbox: everything in it is made up, and nothing leaves this machine.
[estate]
name = "Acme Outdoors"
timezone = "Europe/London"
currency = "GBP"

[slack]
token = "file:bot_token"
app_token = "file:app_token"
channel = "#integrations"
fallback_channel = "#retail-managers"
api_url = "{api_url}"

[patchworks]
api_key = "file:api_key"
core_url = "{core_url}"
start_url = "{start_url}"
login_url = "{login_url}"
budget_per_minute = 200

[watch]
every = "5s"                # a minute in real life
database = "seamwatch.db"

[clock]
url = "{clock_url}"

[[flow]]
name = "Orders to NetSuite"
time_sensitive = true

[checks.stalled_queue]
opens_after = "3 of 5"      # as in real life
stall_after = "20s"         # a minute in real life
stay_clear = "30s"          # five minutes in real life
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """How a sandbox is set up; but for `systems` and `response`, the defaults are the demo's."""

    scenario: str = "stuck_queue"
    port: int = 0
    speed: float = 1.0
    workspace: WorkspaceOptions = SLACKS_OWN
    estate: EstateOptions = AS_DOCUMENTED
    systems: bool = False
    """Whether the bot looks at the company's systems too, not only at the platform."""
    response: bool = False
    """Whether the settings say who is on call and who is told when."""
    reconcile: bool = False
    """Whether the settings have orders compared, which takes `systems`."""
    owners: bool = False
    """Whether they say whose flows are, and what errors cost."""
    digest: bool = False
    """Whether they have managers told how the day went, which takes `response`."""


class Sandbox:
    """Workspace, estate, pagers and their clock, on loopback. `manifest` and `hints` are the bot's.

    Raises UnknownScenario, and ValueError for a negative speed.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any],
        choice: Choice,
        hints: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._playing = choice.scenario
        self._systems, self._response = choice.systems, choice.response
        self._choice = choice
        self.pagers = PagerServer()
        self._door: BotsDoor | None = None
        self.clock = SandboxClock(speed=1.0)
        self.clock.set_speed(choice.speed)
        self.estate = EstateServer(
            clock=self.clock, scenario=choice.scenario, options=choice.estate
        )
        self.workspace = WorkspaceServer(
            clock=self.clock,
            manifest=manifest,
            port=choice.port,
            options=choice.workspace,
            hints=hints,
            controls={"scenario": self._play},
            scenarios=[
                {"name": scenario.name, "title": scenario.title}
                for scenario in all_scenarios().values()
            ],
            playing=lambda: self._playing,
        )

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        await self.workspace.start()
        await self.estate.start()
        await self.pagers.start()
        self._door = find_door()
        self.pagers.callbacks = self._door.callbacks()

    async def stop(self) -> None:
        await self.workspace.stop()
        await self.estate.stop()
        await self.pagers.stop()
        if self._door is not None:
            self._door.kept.close()

    @property
    def dashboard_url(self) -> str:
        """Of the bot's own page, with its metrics and feeds; "" where it has none, or none yet."""
        return f"http://{self._door.listen}/" if self._response and self._door else ""

    def write_settings(self, folder: Path) -> Path:
        """Write the settings file and the secrets beside it; returns the file's path."""
        secrets = {
            "bot_token": self.workspace.bot_token,
            "app_token": self.workspace.app_token,
            "api_key": self.estate.api_key,
        }
        for shop in used_shops() if self._systems else ():
            secrets |= secrets_of(shop)
        if self._response:
            secrets |= response_secrets(self.pagers)
        for name, secret in secrets.items():
            (folder / name).write_text(secret, encoding="utf-8")
            (folder / name).chmod(0o600)
        path = folder / "seamwatch.toml"
        path.write_text(self._settings(), encoding="utf-8")
        return path

    def _settings(self) -> str:
        text = SETTINGS.format(
            api_url=self.workspace.api_url,
            core_url=self.estate.core_url,
            start_url=self.estate.start_url,
            login_url=self.estate.login_url,
            clock_url=self.estate.clock_url,
        )
        today = self.clock.now().date()
        if self._systems:
            soon = find(self._playing).ends_in_days
            text += "\n" + settings_text(
                self.estate.url, today, soon, self.estate.company.instances
            )
            text += promotion_text(find(self._playing).promotion, self.clock.now())
        if self._response and self._door is not None:
            text += response_text(self.pagers, self._door, today)
        return text + self._about_data()

    def _about_data(self) -> str:
        """What is compared, whose flows are, who gets the digest: as far as it was chosen."""
        choice = self._choice
        text = declared_loss.RECONCILE if choice.reconcile and choice.systems else ""
        if choice.owners:
            has_erp = TO_THE_ERP in find(self._playing).flows
            text += declared_loss.flows_text(with_people=choice.response, with_erp=has_erp)
            text += declared_loss.RESPONSIBLE if choice.response else ""
        return text + (declared_loss.DIGEST if choice.digest and choice.response else "")

    def write_history(self, folder: Path) -> Path:
        """Write the company's older volumes as a user would have them; returns the file's path.

        Raises RuntimeError for a sandbox that has not started.
        """
        path = folder / "history.csv"
        write_history(self.estate.company, path)
        return path

    def as_json(self) -> str:
        """One line with every address and token, so that any Slack client can join."""
        return json.dumps(
            {
                "page": self.workspace.page_url,
                "api_url": self.workspace.api_url,
                "control_url": self.workspace.control_url,
                "bot_token": self.workspace.bot_token,
                "app_token": self.workspace.app_token,
                "user_tokens": self.workspace.user_tokens,
                "estate": {
                    "core_url": self.estate.core_url,
                    "start_url": self.estate.start_url,
                    "login_url": self.estate.login_url,
                    "clock_url": self.estate.clock_url,
                },
                "pagers": self.pagers.url + "/control",
                "dashboard": self.dashboard_url,
            }
        )

    async def _play(self, body: dict[str, Any]) -> dict[str, Any]:
        """`/control/scenario {name}`."""
        try:
            self.estate.play(str(body.get("name", "")))
        except UnknownScenario as error:
            raise ValueError(str(error)) from None
        self._playing = str(body["name"])
        return {"scenario": body["name"]}
