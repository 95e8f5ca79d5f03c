"""`[acts]`: who approves what is done on the platform, for how long, and by which routes."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field, field_validator

from bot.acting.proposal import Approval, Deed
from bot.acting.routes import UNCONFIRMED, ActRules, read_route
from bot.section import Section
from checks.durations import Duration

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=12)


class ActSettings(Section):
    """Starting a flow and replaying a payload are documented by Patchworks and need no route."""

    approval: Approval = Field(
        default=Approval.SECOND_PERSON,
        description='"second_person", or "confirm_with_reason" for a night shift of one',
    )
    expires: Duration = Field(
        default=timedelta(minutes=30), description="a proposal that is not approved by then lapses"
    )
    routes: dict[str, str] = Field(
        default_factory=dict,
        description="requests for retry, stop, disable, priority, as your account takes them",
    )

    @field_validator("expires")
    @classmethod
    def _sensible(cls, expires: timedelta) -> timedelta:
        if not SHORTEST <= expires <= LONGEST:
            raise ValueError("expected between 1m and 12h: who approves must know what still holds")
        return expires

    @field_validator("routes")
    @classmethod
    def _readable(cls, routes: dict[str, str]) -> dict[str, str]:
        known = [deed.value for deed in UNCONFIRMED]
        for name, told in routes.items():
            if name not in known:
                raise ValueError(f"unknown act {name!r}; expected one of {', '.join(known)}")
            read_route(Deed(name), told)
        return routes

    @property
    def rules(self) -> ActRules:
        routes = {Deed(name): read_route(Deed(name), told) for name, told in self.routes.items()}
        return ActRules(approval=self.approval, expires=self.expires, routes=routes)
