"""The kinds of values in the settings, each refusing what it is not in one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from checks.declare import Cause, Mark, Saying, Source

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
LAST_PORT = 65_535
CURRENCY = re.compile(r"[A-Z]{3}")
CHANNEL = re.compile(r"#\S+|[CDG][A-Z0-9]+")
COST = re.compile(r"[0-9]{1,15}(\.[0-9]{1,6})?")


def resolve_secret(value: object, info: ValidationInfo) -> SecretStr:
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


def _begins_with(start: str, what: str) -> Callable[[SecretStr], SecretStr]:
    def check(secret: SecretStr) -> SecretStr:
        if not secret.get_secret_value().startswith(start):
            raise ValueError(f"the reference leads to something else; expected {what}, {start}...")
        return secret

    return check


def _bare(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value().lower().startswith("bearer "):
        raise ValueError('expected the bare key: leave out the word "Bearer"')
    return secret


def _check_listen(address: str) -> str:
    host, _, port = address.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > LAST_PORT:
        raise ValueError('expected an address and a port up to 65535, such as "127.0.0.1:3000"')
    return address


def _check_sayings(told: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    causes = [cause.name.lower() for cause in Cause if cause is not Cause.UNKNOWN]
    for cause, patterns in told.items():
        if cause not in causes:
            raise ValueError(f"unknown cause {cause!r}; expected one of {', '.join(causes)}")
        for pattern in patterns:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression ({error})") from None
    return told


def sayings_of(told: Mapping[str, tuple[str, ...]]) -> tuple[Saying, ...]:
    """The operator's own sayings, as a connector declares them."""
    return tuple(
        Saying(pattern=pattern, cause=Cause[cause.upper()], source=Source(mark=Mark.CONFIRMED))
        for cause, patterns in told.items()
        for pattern in patterns
    )


def _check_run_url(url: str) -> str:
    if "{run_id}" not in url or not url.startswith(("http://", "https://")):
        raise ValueError('expected a URL with "{run_id}" in it')
    return url


def _check_currency(code: str) -> str:
    if code and not CURRENCY.fullmatch(code):
        raise ValueError('expected three capital letters as in ISO 4217, such as "GBP"')
    return code


def check_channel(channel: str) -> str:
    if not CHANNEL.fullmatch(channel):
        near = f'"#{channel}"' if channel and not channel.startswith("#") else '"#integrations"'
        raise ValueError(f'expected a channel such as {near}, or its id, such as "C0123ABCD"')
    return channel


def _read_cost(told: object) -> object:
    """An amount is text, because a number of TOML is not exact."""
    if not isinstance(told, str):
        raise ValueError('expected an amount in quotes, such as "20.00", so that it stays exact')
    if COST.fullmatch(told.removeprefix("-")) and told.startswith("-"):
        raise ValueError("expected 0 or more: it is what an error costs, without a sign")
    if not COST.fullmatch(told):
        raise ValueError(
            'expected digits only, such as "40" or "40.50"; the currency stands in [estate]'
        )
    return Decimal(told)


Sayings = Annotated[dict[str, tuple[str, ...]], AfterValidator(_check_sayings)]
Secret = Annotated[SecretStr, BeforeValidator(resolve_secret)]
BotToken = Annotated[Secret, AfterValidator(_begins_with("xoxb-", "a bot token"))]
Cost = Annotated[Decimal, BeforeValidator(_read_cost)]
Currency = Annotated[str, AfterValidator(_check_currency)]
Channel = Annotated[str, AfterValidator(check_channel)]
AppToken = Annotated[Secret, AfterValidator(_begins_with("xapp-", "an app-level token"))]
ApiKeySecret = Annotated[Secret, AfterValidator(_bare)]
Listen = Annotated[str, AfterValidator(_check_listen)]
RunUrl = Annotated[str, AfterValidator(_check_run_url)]
Url = Annotated[str, AfterValidator(_check_url)]
Zone = Annotated[str, AfterValidator(_check_zone)]
