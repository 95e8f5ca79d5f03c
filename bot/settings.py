"""The settings: one TOML file, checked whole, every fault reported at once, secrets by reference.

A fault never shows a secret: what stands at a secret's key is shown only when it is a reference
("env:NAME" or "file:PATH").
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    create_model,
    model_validator,
)

from bot.faults import Fault, SettingsRefused, faults_of
from checks.durations import Duration
from checks.policy import CheckPolicy
from checks.registry import discover

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _resolve_secret(value: object, info: ValidationInfo) -> object:
    """The secret that a reference points to. Raises ValueError in one sentence."""
    around: Mapping[str, Any] = info.context or {"environ": {}, "folder": Path()}
    kind, _, place = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "env" and place:
        secret = around["environ"].get(place, "")
        if not secret.strip():
            raise ValueError(f"the environment variable {place} is not set; set it to the secret")
    elif kind == "file" and place:
        try:
            secret = (around["folder"] / place).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = type(error).__name__
            raise ValueError(f"the file {place} cannot be read ({reason})") from error
    else:
        raise ValueError('expected a reference, "env:NAME" or "file:PATH", not the secret itself')
    if not secret.strip() or not secret.strip().isprintable():
        raise ValueError("the reference leads to an empty or broken secret; expected one line")
    return SecretStr(secret.strip())


_zones = cache(available_timezones)


def _check_zone(name: str) -> str:
    if name not in _zones():
        near = get_close_matches(name, _zones(), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f'expected an IANA time zone such as "Europe/London"{hint}')
    return name


def _check_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('expected a URL such as "https://host/path"')
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("expected https:// (plain http only to this machine): secrets go there")
    if parts.username or parts.password:
        raise ValueError("expected a URL without a user name or password in it")
    return url


Secret = Annotated[SecretStr, BeforeValidator(_resolve_secret)]
Url = Annotated[str, AfterValidator(_check_url)]
Zone = Annotated[str, AfterValidator(_check_zone)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EstateSettings(Section):
    name: str = Field(min_length=1, max_length=60, description="the retailer, as people say it")
    timezone: Zone = Field(default="UTC", description="IANA zone in which the business lives")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class SlackSettings(Section):
    token: Secret = Field(description="the bot token, xoxb-...")
    app_token: Secret | None = Field(
        default=None, description="the app-level token, xapp-..., for Socket Mode"
    )
    signing_secret: Secret | None = Field(
        default=None, description="the signing secret, for HTTP mode instead of Socket Mode"
    )
    channel: str = Field(min_length=1, description="where incidents are announced: #name or id")
    fallback_channel: str | None = Field(
        default=None, description="where to say that the channel cannot be posted to: #name or id"
    )
    api_url: Url = Field(
        default="https://slack.com/api/", description="a Slack-compatible server's Web API"
    )
    listen: str = Field(
        default="127.0.0.1:3000",
        pattern=r"^[^\s:]+:\d{1,5}$",
        description="HTTP mode: address and port that Slack's requests arrive at",
    )

    @property
    def mode(self) -> Literal["socket", "http"]:
        return "socket" if self.app_token else "http"

    @model_validator(mode="after")
    def _tokens_fit(self) -> Self:
        if not self.token.get_secret_value().startswith("xoxb-"):
            raise ValueError("token: expected a bot token, which begins with xoxb-")
        if (self.app_token is None) == (self.signing_secret is None):
            raise ValueError(
                "expected either app_token (Socket Mode) or signing_secret (HTTP mode), not both"
            )
        if self.app_token and not self.app_token.get_secret_value().startswith("xapp-"):
            raise ValueError("app_token: expected an app-level token, which begins with xapp-")
        return self


class PatchworksSettings(Section):
    api_key: Secret | None = Field(default=None, description="an API key, sent bare")
    username: str | None = Field(default=None, description="instead of a key: a user's name")
    password: Secret | None = Field(default=None, description="and password")
    core_url: Url = Field(default="https://core.wearepatchworks.com", description="Core API")
    start_url: Url = Field(
        default="https://start.wearepatchworks.com/api/v1",
        description="Start API; nothing is started yet, so it is only checked",
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
    run_url: str = Field(
        default="https://app.wearepatchworks.com/flow-run-logs/{run_id}",
        description="link to a run's log; {run_id} stands for the run",
    )
    dashboard_url: Url = Field(
        default="https://app.wearepatchworks.com", description="link to the dashboard"
    )
    routes: dict[str, str] = Field(
        default_factory=dict, description="paths that differ on your account, by name"
    )

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        login = (self.username is not None, self.password is not None)
        if any(login) and not all(login):
            raise ValueError("expected username and password together")
        if (self.api_key is not None) == all(login):
            raise ValueError("expected either api_key or username and password")
        if "{run_id}" not in self.run_url or not self.run_url.startswith(("http://", "https://")):
            raise ValueError('run_url: expected a URL with "{run_id}" in it')
        return self


class WatchSettings(Section):
    every: Duration = Field(default=timedelta(seconds=60), description="time between rounds")
    database: Path = Field(
        default=Path("seamwatch.db"), description="where everything is remembered"
    )
    raw_for: Duration = Field(default=timedelta(days=14), description="raw readings are kept")
    rollups_for: Duration = Field(default=timedelta(days=730), description="hourly roll-ups")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.every < timedelta(seconds=1):
            raise ValueError("every: expected at least 1s between rounds")
        if self.raw_for < timedelta(days=1):
            raise ValueError("raw_for: expected at least 1d, or there is nothing to compare with")
        return self


class ClockSettings(Section):
    url: Url | None = Field(default=None, description="a sandbox's clock; none: the machine's")


class FlowSettings(Section):
    name: str | None = Field(default=None, description="the flow's name in Patchworks")
    id: str | None = Field(default=None, description="or its id")
    time_sensitive: bool = Field(default=False, description="a stop of it is critical")
    max_age: Duration | None = Field(default=None, description="its jobs may wait this long")

    @model_validator(mode="after")
    def _named(self) -> Self:
        if (self.name is None) == (self.id is None):
            raise ValueError("expected either name or id")
        return self


class Settings(Section):
    """Everything the owner decides. Made by `load_settings` only."""

    estate: EstateSettings
    slack: SlackSettings
    patchworks: PatchworksSettings
    watch: WatchSettings = WatchSettings()
    clock: ClockSettings = ClockSettings()
    flow: tuple[FlowSettings, ...] = ()
    checks: BaseModel

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
    return create_model("Settings", __base__=Settings, checks=(checks, checks()))


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


def _unreadable(what: str) -> Fault:
    expected = "a TOML file; seamwatch.example.toml is one to copy"
    return Fault(key="(file)", found=what, expected=expected)
