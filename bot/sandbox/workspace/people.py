"""The made-up company that lives in the sandbox: its members, its guests and its channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

TIME_ZONE = "Europe/London"
_ZONE_NAMES = {
    "GMT": "Greenwich Mean Time",
    "BST": "British Summer Time",
    "EST": "Eastern Standard Time",
    "EDT": "Eastern Daylight Time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or a bot. `team_id` differs from the workspace's for a Slack Connect outsider."""

    id: str
    name: str
    real_name: str
    team_id: str
    colour: str
    title: str = ""
    email: str | None = None
    zone: str = TIME_ZONE
    is_bot: bool = False
    is_guest: bool = False
    is_outsider: bool = False
    is_deactivated: bool = False
    bot_id: str | None = None

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.real_name.split()[:2]).upper()

    @property
    def profile(self) -> dict[str, object]:
        """The profile; an outsider's holds neither e-mail nor title."""
        profile: dict[str, object] = {
            "real_name": self.real_name,
            "display_name": self.name,
            "team": self.team_id,
        }
        if not self.is_outsider:
            profile |= {"title": self.title} | ({"email": self.email} if self.email else {})
        return profile | ({"bot_id": self.bot_id} if self.bot_id else {})

    def as_json(self, now: datetime) -> dict[str, object]:
        """The user object of users.info. A deactivated account has neither zone nor role."""
        common: dict[str, object] = {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "deleted": self.is_deactivated,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "profile": self.profile,
        }
        if self.is_deactivated:
            return common
        return (
            common
            | _zone(self.zone, now)
            | {
                "real_name": self.real_name,
                "color": self.colour.lstrip("#"),
                "is_admin": False,
                "is_owner": False,
                "is_restricted": self.is_guest,
                "is_ultra_restricted": False,
                "is_stranger": self.is_outsider,
            }
        )


def _zone(name: str, now: datetime) -> dict[str, object]:
    """The zone as users.info tells it; the offset, in seconds, is that of the moment."""
    local = now.astimezone(ZoneInfo(name))
    offset = local.utcoffset() or timedelta(0)
    label = _ZONE_NAMES.get(local.tzname() or "", name)
    return {"tz": name, "tz_label": label, "tz_offset": int(offset.total_seconds())}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How a member of the made-up company is described before the workspace gives it an id."""

    name: str
    real_name: str
    title: str
    colour: str
    zone: str = TIME_ZONE
    is_guest: bool = False
    is_outsider: bool = False
    is_deactivated: bool = False


TEAM_NAME = "Acme Outdoors"
TEAM_DOMAIN = "acme-outdoors"
SLACKBOT = "USLACKBOT"

PEOPLE = (
    Person(name="priya", real_name="Priya Raman", title="On-call engineer", colour="#2d6a9f"),
    Person(name="alex", real_name="Alex Marsh", title="Integration engineer", colour="#7a5195"),
    Person(name="marcus", real_name="Marcus Bell", title="Retail systems lead", colour="#3b7a57"),
    Person(
        name="gina", real_name="Gina Costa", title="Contractor", colour="#b5651d", is_guest=True
    ),
    Person(
        name="otto",
        real_name="Otto Lindqvist",
        title="Partner agency",
        colour="#9c3d54",
        is_outsider=True,
    ),
    Person(
        name="nora",
        real_name="Nora Whitfield",
        title="Integration engineer, New York",
        colour="#4a6fa5",
        zone="America/New_York",
    ),
    Person(
        name="theo",
        real_name="Theo Blake",
        title="Integration engineer until last month",
        colour="#6b7280",
        is_deactivated=True,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserGroup:
    """A user group of the workspace; `members` are user ids, `changed` Unix seconds."""

    id: str
    handle: str
    name: str
    description: str = ""
    members: tuple[str, ...] = ()
    created: int = 0
    changed: int = 0
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """How a user group is described before it gets an id; `members` are names."""

    handle: str
    name: str
    description: str
    members: tuple[str, ...]


USER_GROUPS = (
    Crowd(
        handle="integrations-oncall",
        name="Integrations on-call",
        description="Whoever looks after the integrations right now",
        members=("priya", "nora"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How a channel is described before it gets an id. Outsiders are only in shared ones."""

    name: str
    topic: str
    has_app: bool
    is_shared: bool = False


CHANNELS = (
    Place(
        name="integrations",
        topic="Flows, queues and the systems behind them",
        has_app=True,
        is_shared=True,
    ),
    Place(
        name="retail-managers",
        topic="The daily picture for those who run the shops",
        has_app=True,
    ),
    Place(name="random", topic="Anything but work", has_app=False),
)
