"""`[[credential]]`: what the operator knows of a credential that Patchworks uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from pydantic import Field

from bot.section import Section
from checks.durations import Duration


class CredentialSettings(Section):
    """One credential of the platform. Patchworks tells neither its end nor its owner."""

    name: str = Field(min_length=1, max_length=60, description="as people say it")
    instance: str | None = Field(
        default=None, description="the instance that it stands on, by name or id in Patchworks"
    )
    type: str | None = Field(default=None, description="what it is, such as certificate")
    owner: str | None = Field(default=None, description="who renews it")
    expires: date | None = Field(default=None, description="the day on which it ends")
    issued: date | None = Field(default=None, description="instead: the day it was issued")
    lasts: Duration | None = Field(default=None, description="and how long it lasts")
    endless: bool = Field(default=False, description="it does not end by itself")
    renews_itself: bool = Field(default=False, description="nobody needs to renew it")
    note: str = Field(default="", max_length=300, description="for people: how it is renewed")

    @property
    def ends_on(self) -> date | None:
        """The declared or computed day of its end (UTC); None when it is not known."""
        if self.expires is not None:
            return self.expires
        if self.issued is None or self.lasts is None:
            return None
        return self.issued + timedelta(days=self.lasts.days)

    @classmethod
    def conflicts(cls, told: Mapping[str, object]) -> Iterator[str]:
        if ("issued" in told) != ("lasts" in told):
            yield "expected issued and lasts together"
        ways = [name for name in ("expires", "issued", "endless") if told.get(name)]
        if len(ways) > 1:
            yield f"expected only one of {' and '.join(ways)}"
