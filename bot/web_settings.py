"""`[web]`: what the bot offers over HTTP, and to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr

from bot.section import Section
from bot.values import Listen, Secret, Url

SHORTEST_TOKEN = 16
OFFERED = ("dashboard", "metrics", "feeds")


def _check_token(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < SHORTEST_TOKEN:
        raise ValueError(
            f"expected a secret of {SHORTEST_TOKEN} characters or more; make one with:"
            " openssl rand -hex 24"
        )
    return secret


Token = Annotated[Secret, AfterValidator(_check_token)]


def is_loopback(host: str) -> bool:
    """Whether a name or an address, with or without brackets, means this machine alone."""
    bare = host.strip("[]").partition("%")[0]
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return bare.casefold() == "localhost"


class WebSettings(Section):
    """There is no door at all while nothing of this is offered and no pager calls back."""

    listen: Listen = Field(
        default="127.0.0.1:8321",
        description="where everything of this section and what pagers call back arrive; put a proxy"
        " with TLS before it to let others in",
    )
    dashboard: bool = Field(default=False, description="the page for people, at /")
    metrics: bool = Field(default=False, description="/metrics, for Prometheus")
    feeds: bool = Field(default=False, description="/feeds/, for Power BI and its like")
    token: Token | None = Field(
        default=None,
        description="what everybody has to show; none: nobody but this machine is let in",
    )
    open: bool = Field(default=False, description="let everybody in who gets there, without token")
    url: Url | None = Field(
        default=None, description="the address that others reach it by, where a proxy stands before"
    )

    @property
    def offers_anything(self) -> bool:
        return self.dashboard or self.metrics or self.feeds

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if "token" in told and told.get("open") is True:
            yield "expected either token or open = true: with a token nobody else is let in"
            return
        guarded = "token" in told or told.get("open") is True
        if guarded or not any(told.get(each) is True for each in OFFERED):
            return
        listen = told.get("listen")
        if isinstance(listen, str) and not is_loopback(listen.rpartition(":")[0]):
            yield "expected a token (or open = true), because listen lets other machines in"
        elif "url" in told:
            yield "expected a token (or open = true), because url says that others are let in"
