"""Who can be reached now through a target of a policy: people, those on call, pagers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.incidents.escalation import Address, Target, TargetKind
from bot.incidents.model import Severity
from bot.people_settings import PersonSettings
from bot.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Reachable:
    """A `Reach` by the settings. `people` are by their names in lower case, `on_call` names who is
    on call for a rota, `user_of` gives a person's Slack user id, `channels` the destination of each
    channel by name.
    """

    people: Mapping[str, PersonSettings]
    zone: ZoneInfo
    user_of: Callable[[str], str | None]
    on_call: Callable[[Database, str, datetime], Sequence[str]]
    channels: Mapping[str, str]
    pagers: frozenset[str]

    def __call__(
        self, db: Database, target: Target, severity: Severity, now: datetime
    ) -> Sequence[Address]:
        match target.kind:
            case TargetKind.PERSON:
                return self._person(target.name, severity, now)
            case TargetKind.ROTA:
                on_call = self.on_call(db, target.name, now)
                return [each for name in on_call for each in self._person(name, severity, now)]
            case TargetKind.GROUP:
                return [Address(kind="group", id=target.name, name=f"group {target.name}")]
            case TargetKind.CHANNEL:
                place = self.channels.get(target.name)
                return [Address(kind="channel", id=place, name=target.name)] if place else []
            case TargetKind.PAGER:
                known = target.name in self.pagers
                return [_pager(target.name, target.name)] if known else []

    def _person(self, name: str, severity: Severity, now: datetime) -> list[Address]:
        """Nothing in their quiet hours, unless it is critical."""
        person = self.people.get(name.casefold())
        if person is None:
            return []
        quiet = person.quiet_hours(self.zone)
        if quiet is not None and severity < Severity.CRITICAL and quiet.hold(now):
            return []
        user = self.user_of(name)
        own = [Address(kind="slack", id=user, name=name)] if user else []
        return own + [_pager(each, name) for each in person.pagers if each in self.pagers]


def _pager(pager: str, name: str) -> Address:
    return Address(kind="pager", id=f"pager/{pager}", name=name)
