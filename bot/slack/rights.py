"""Whether somebody may do what they ask for: membership first, then the rules; and its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.directory import Directory
from bot.permissions import Asker, Permission, Right, Rule, groups_of, may
from bot.slack.groups import Groups
from bot.slack.people import People
from bot.slack.render.text import mask
from bot.store import Database, Store, audit, handling, incidents
from bot.store.audit import Audited

OF_INCIDENTS = frozenset(
    {
        Right.ACKNOWLEDGE,
        Right.RESOLVE,
        Right.SNOOZE,
        Right.ESCALATE,
        Right.ASSIGN,
        Right.NOTE,
    }
)
"""Without a number these mean the only open incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Answers for a workspace. `channels` gives the names of channels ("#payments") by id."""

    people: People
    groups: Groups
    directory: Directory
    rules: Sequence[Rule] = ()
    channels: Mapping[str, str] = field(default_factory=dict)

    async def may(
        self, user_id: str, right: Right | None, *, team_id: str | None = None, channel: str = ""
    ) -> Permission:
        """Whether this person may. Without a right, being a full member is enough.

        `team_id` came with the request; `channel` is the id of the channel that the incident is
        announced in, or for what concerns no incident, of that in which it was asked.
        """
        member = await self.people.may_act(user_id, team_id)
        if not member.allowed:
            return Permission(allowed=False, because=member.because)
        if right is None:
            return Permission(allowed=True)
        person = self.directory.name_of(user_id)
        asker = Asker(
            user_id=user_id,
            channel=channel,
            person=person,
            teams=self.directory.teams_of(person) if person else frozenset(),
        )
        if needed := groups_of(right, channel, self.rules):
            asker = replace(asker, groups=await self.groups.those_with(user_id, needed))
        said = may(asker, right, self.rules)
        if said.allowed:
            return said
        called = {**self.channels, **(await self.groups.handles() if needed else {})}
        return may(replace(asker, called=called), right, self.rules)


def channel_of(db: Database, right: Right | None, incident_id: int | None, asked_in: str) -> str:
    """The id of the channel whose rules decide: that in which the incident was announced, or with
    none named the only open one; else the one in which it was asked."""
    if incident_id is None and right in OF_INCIDENTS:
        standing = incidents.open_incidents(db)
        incident_id = standing[0].id if len(standing) == 1 else None
    known = handling.find_handling(db, incident_id) if incident_id is not None else None
    return known.home.removeprefix("slack/") if known else asked_in


def record(
    store: Store,
    now: datetime,
    permission: Permission,
    *,
    who: str,
    team: str | None,
    what: str,
    via: str,
    incident_id: int | None = None,
    said: str = "",
) -> None:
    """One row of the audit, before anything is done: what was permitted, or why it was refused.

    `said` is what was typed where no incident is meant; what looks like a secret in it is struck
    out. It waits for the database: in a thread.
    """
    done = Audited(
        at=now,
        who=who or "nobody",
        team=team or "",
        what=what,
        subject=f"#{incident_id}" if incident_id is not None else mask(said),
        via=via,
        allowed=permission.allowed,
        because=permission.because,
    )
    with store.writing() as db:
        audit.write(db, done)
