"""The settings: one TOML file, checked whole, every fault reported at once, secrets by reference.

A fault never shows a secret: what stands at a secret's key is shown only when it is a reference
("env:NAME" or "file:PATH").
"""

from __future__ import annotations

import os
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    BaseModel,
    Field,
    ValidationError,
    create_model,
    field_validator,
)

from bot.act_settings import ActSettings
from bot.credential_settings import CredentialSettings
from bot.digest_settings import DigestSettings, digest_faults
from bot.faults import Fault, SettingsRefused, faults_of
from bot.flow_settings import FlowSettings, cost_faults
from bot.forecast_settings import ForecastSettings, PromotionSettings, calendar_of
from bot.ownership_settings import ResponsibilitySettings, ownership_faults
from bot.pager_settings import PagerSettings
from bot.people_settings import HoursText, PersonSettings, TeamSettings
from bot.permission_settings import PermissionSettings, unknown_holders
from bot.policy_settings import PolicySettings, ResponseSettings, RouteSettings
from bot.privacy_settings import PrivacySettings
from bot.reconcile_faults import reconcile_faults
from bot.reconcile_settings import ReconcileSettings
from bot.response_faults import response_faults
from bot.rota_settings import RotaSettings, rota_faults
from bot.section import Section
from bot.silence_settings import MaintenanceSettings, SilenceSettings
from bot.system_settings import SystemSettings, system_models
from bot.values import (
    ApiKeySecret,
    AppToken,
    BotToken,
    Channel,
    Currency,
    Listen,
    RunUrl,
    Sayings,
    Secret,
    Url,
    Zone,
)
from bot.web_settings import WebSettings
from checks.durations import Duration
from checks.patchworks_routes import route_fault
from checks.policy import CheckPolicy
from checks.registry import discover
from forecasting.trading_days import Calendar


class EstateSettings(Section):
    name: str = Field(min_length=1, max_length=60, description="the retailer, as people say it")
    timezone: Zone = Field(default="UTC", description="IANA zone in which the business lives")
    working: HoursText | None = Field(
        default=None, description='working hours, "Mon-Fri 09:00-17:30"; none: always'
    )
    currency: Currency = Field(default="", description="of costs, as in ISO 4217, such as GBP")
    SMALLEST = 'name = "Acme Outdoors" (the retailer) and timezone = "Europe/London"'

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Charts(StrEnum):
    """How forecasts and the chart of a digest are drawn: as Slack's own chart, as a picture, not at
    all, or as Slack's own where the workspace takes it and as a picture where it does not."""

    AUTO = "auto"
    NATIVE = "native"
    PICTURE = "picture"
    NONE = "none"


class SlackSettings(Section):
    SMALLEST = (
        'token = "env:SEAMWATCH_SLACK_TOKEN", app_token = "env:SEAMWATCH_SLACK_APP_TOKEN" and '
        'channel = "#integrations"'
    )
    token: BotToken = Field(description="the bot token, xoxb-...")
    app_token: AppToken | None = Field(
        default=None, description="the app-level token, xapp-..., for Socket Mode"
    )
    signing_secret: Secret | None = Field(
        default=None, description="the signing secret, for HTTP mode instead of Socket Mode"
    )
    channel: Channel = Field(description="where incidents are announced: #name or id")
    fallback_channel: Channel | None = Field(
        default=None, description="where to say that the channel cannot be posted to: #name or id"
    )
    api_url: Url = Field(
        default="https://slack.com/api/", description="a Slack-compatible server's Web API"
    )
    listen: Listen = Field(
        default="127.0.0.1:3000",
        description="HTTP mode: address and port that Slack's requests arrive at",
    )
    charts: Charts = Field(
        default=Charts.AUTO,
        description='charts as Slack\'s own ("native"), as a "picture", "none" at all, or '
        '"auto": native until the workspace refuses it, then pictures',
    )

    @property
    def mode(self) -> Literal["socket", "http"]:
        return "socket" if self.app_token else "http"

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if ("app_token" in told) == ("signing_secret" in told):
            yield "expected either app_token (Socket Mode) or signing_secret (HTTP mode), not both"


class PatchworksSettings(Section):
    SMALLEST = 'api_key = "env:SEAMWATCH_PATCHWORKS_API_KEY"'
    api_key: ApiKeySecret | None = Field(default=None, description="an API key, sent bare")
    username: str | None = Field(default=None, description="instead of a key: a user's name")
    password: Secret | None = Field(default=None, description="and password")
    core_url: Url = Field(default="https://core.wearepatchworks.com", description="Core API")
    start_url: Url = Field(
        default="https://start.wearepatchworks.com/api/v1",
        description="Start API, for what people have started and replayed",
    )
    login_url: Url = Field(
        default="https://app.wearepatchworks.com/fabric/api/login", description="where to log in"
    )
    budget_per_minute: int = Field(
        default=120,
        ge=6,
        le=240,
        description="calls a minute; the platform allows 240 and others share them",
    )
    concurrent_flows: int | None = Field(
        default=None, ge=1, description="runs at a time by your plan, where the API does not tell"
    )
    operations_field: str = Field(
        default="operations.used",
        description="where the allowances answer tells the operations used this month",
    )
    operations_limit_field: str = Field(
        default="operations.limit", description="and how many your plan has"
    )
    operations_per_month: int | None = Field(
        default=None, ge=1, description="operations of your plan, where the API does not tell"
    )
    calls_per_minute: int = Field(
        default=240, ge=1, description="the platform's limit on its own API, shared by all callers"
    )
    sayings: Sayings = Field(
        default_factory=dict, description="what your flows' logs say when they fail, by cause"
    )
    queue_cap: int | None = Field(
        default=None, ge=1, description="jobs the queue holds by your plan, if you know it"
    )
    concurrent_flows_field: str = Field(
        default="concurrent_flows.limit",
        description="where the allowances answer tells the runs at a time, dots between the steps",
    )
    waiting_statuses: tuple[str, ...] = Field(
        default=(), description="statuses of a scheduled flow that mean waiting; none: all do"
    )
    run_url: RunUrl = Field(
        default="https://app.wearepatchworks.com/flow-run-logs/{run_id}",
        description="link to a run's log; {run_id} stands for the run",
    )
    dashboard_url: Url = Field(
        default="https://app.wearepatchworks.com", description="link to the dashboard"
    )
    routes: dict[str, str] = Field(
        default_factory=dict, description="paths that differ on your account, by name"
    )

    @field_validator("routes")
    @classmethod
    def _known_routes(cls, routes: dict[str, str]) -> dict[str, str]:
        faults = [fault for name, path in routes.items() if (fault := route_fault(name, path))]
        if faults:
            raise ValueError("; ".join(faults))
        return routes

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        login = {"username", "password"} & told.keys()
        if len(login) == 1:
            yield "expected username and password together"
        if ("api_key" in told) == bool(login):
            yield "expected either api_key or username and password"


class WatchSettings(Section):
    every: Duration = Field(default=timedelta(seconds=60), description="time between rounds")
    systems_every: Duration = Field(
        default=timedelta(minutes=5), description="time between looks at the configured systems"
    )
    systems_at_once: int = Field(
        default=15, ge=1, le=500, description="systems that are looked at at the same time"
    )
    database: Path = Field(
        default=Path("seamwatch.db"), description="where everything is remembered"
    )
    raw_for: Duration = Field(default=timedelta(days=14), description="raw readings are kept")
    rollups_for: Duration = Field(default=timedelta(days=730), description="hourly roll-ups")

    @field_validator("every", "systems_every")
    @classmethod
    def _not_too_often(cls, every: timedelta) -> timedelta:
        if every < timedelta(seconds=1):
            raise ValueError("expected at least 1s between looks")
        return every

    @field_validator("raw_for")
    @classmethod
    def _long_enough(cls, raw_for: timedelta) -> timedelta:
        if raw_for < timedelta(days=1):
            raise ValueError("expected at least 1d, or there is nothing to compare with")
        return raw_for


class ClockSettings(Section):
    url: Url | None = Field(default=None, description="a sandbox's clock; none: the machine's")


NAMED = (
    "system",
    "credential",
    "pager",
    "silence",
    "maintenance",
    "person",
    "team",
    "rota",
    "policy",
    "reconcile",
)
"""Sections of which each has a name of its own."""


class Settings(Section):
    """Everything the owner decides. Made by `load_settings` only."""

    estate: EstateSettings
    slack: SlackSettings
    patchworks: PatchworksSettings
    watch: WatchSettings = WatchSettings()
    clock: ClockSettings = ClockSettings()
    flow: tuple[FlowSettings, ...] = ()
    responsibility: tuple[ResponsibilitySettings, ...] = ()
    system: tuple[SystemSettings, ...] = ()
    credential: tuple[CredentialSettings, ...] = ()
    forecast: ForecastSettings = ForecastSettings()
    promotion: tuple[PromotionSettings, ...] = ()
    person: tuple[PersonSettings, ...] = ()
    team: tuple[TeamSettings, ...] = ()
    rota: tuple[RotaSettings, ...] = ()
    pager: tuple[PagerSettings, ...] = ()
    web: WebSettings = WebSettings()
    permission: tuple[PermissionSettings, ...] = ()
    silence: tuple[SilenceSettings, ...] = ()
    maintenance: tuple[MaintenanceSettings, ...] = ()
    policy: tuple[PolicySettings, ...] = ()
    route: tuple[RouteSettings, ...] = ()
    response: ResponseSettings = ResponseSettings()
    acts: ActSettings = ActSettings()
    digest: DigestSettings = DigestSettings()
    reconcile: tuple[ReconcileSettings, ...] = ()
    privacy: PrivacySettings = PrivacySettings()
    checks: BaseModel

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        yield from rota_faults(told)
        known = _mappings(told.get("flow"))
        for key in ("name", "id"):
            for name in _repeated(known, key):
                yield f"[[flow]] {key} {name!r} stands more than once; expected one section a flow"
        for section in NAMED:
            for name in _repeated(_mappings(told.get(section)), "name", str.casefold):
                yield (
                    f"[[{section}]] name {name!r} stands more than once; expected a name for each"
                )
        people, teams = _names(told.get("person")), _names(told.get("team"))
        yield from unknown_holders(_mappings(told.get("permission")), people, teams)
        yield from response_faults(told)
        yield from digest_faults(told)
        yield from reconcile_faults(told)
        yield from cost_faults(told)
        yield from ownership_faults(told)

    @property
    def calendar(self) -> Calendar:
        """The holidays and promotions that forecasts go by."""
        return calendar_of(self.forecast, self.promotion, self.estate.zone)

    @property
    def policies(self) -> Mapping[str, CheckPolicy]:
        """The policy of each check, by the check's name."""
        return {name: getattr(self.checks, name) for name in type(self.checks).model_fields}


@cache
def settings_model() -> type[Settings]:
    """The settings with a `[checks.NAME]` section for every check there is."""
    fields: dict[str, Any] = {
        name: (check.policy, check.policy()) for name, check in discover().items()
    }
    checks = create_model("ChecksSettings", __base__=Section, **fields)
    systems = tuple.__class_getitem__((system_models(), ...))
    made: dict[str, Any] = {"checks": (checks, checks()), "system": (systems, ())}
    return create_model("Settings", __base__=Settings, **made)


def load_settings(path: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check a settings file. Raises SettingsRefused with every fault it has.

    Relative paths (the database, secrets in files) are taken from the file's own folder.
    """
    environ = os.environ if environ is None else environ
    folder = path.absolute().parent
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SettingsRefused(path, [_unreadable("there is no such file")]) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsRefused(path, [_unreadable(f"it cannot be read ({error})")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused(path, [_unreadable(f"it is not TOML: {error}")]) from error
    model = settings_model()
    try:
        settings = model.model_validate(told, context={"environ": environ, "folder": folder})
    except ValidationError as error:
        raise SettingsRefused(path, faults_of(error, model)) from None
    database = folder / settings.watch.database
    watch = settings.watch.model_copy(update={"database": database})
    return settings.model_copy(update={"watch": watch})


def _mappings(told: object) -> list[Mapping[str, object]]:
    """The tables of an array of tables, whatever else stands there."""
    return [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []


def _names(told: object) -> list[str]:
    return [str(table["name"]) for table in _mappings(told) if "name" in table]


def _repeated(
    tables: Sequence[Mapping[str, object]], key: str, fold: Callable[[str], str] = str
) -> list[str]:
    counted = Counter(fold(str(table[key])) for table in tables if key in table)
    return [name for name, times in counted.items() if times > 1]


def _unreadable(what: str) -> Fault:
    expected = "expected a TOML file such as seamwatch.example.toml, which is there to be copied"
    return Fault(key="(file)", found=what, expected=expected)
