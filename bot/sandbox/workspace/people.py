"""The made-up company that lives in the sandbox: its members, its guests and its channels."""

from __future__ import annotations

from dataclasses import dataclass


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
    is_bot: bool = False
    is_guest: bool = False
    is_outsider: bool = False
    bot_id: str | None = None

    @property
    def initials(self) -> str:
        return "".join(word[0] for word in self.real_name.split()[:2]).upper()

    def as_json(self) -> dict[str, object]:
        """The user object of users.info. An outsider's profile holds neither e-mail nor title."""
        profile: dict[str, object] = {
            "real_name": self.real_name,
            "display_name": self.name,
            "team": self.team_id,
        }
        if not self.is_outsider:
            profile |= {"title": self.title} | ({"email": self.email} if self.email else {})
        if self.bot_id:
            profile |= {"bot_id": self.bot_id}
        return {
            "id": self.id,
            "team_id": self.team_id,
            "name": self.name,
            "real_name": self.real_name,
            "deleted": False,
            "color": self.colour.lstrip("#"),
            "tz": "Europe/London",
            "tz_label": "Greenwich Mean Time",
            "tz_offset": 0,
            "is_admin": False,
            "is_owner": False,
            "is_bot": self.is_bot,
            "is_app_user": False,
            "is_restricted": self.is_guest,
            "is_ultra_restricted": False,
            "is_stranger": self.is_outsider,
            "profile": profile,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """How a member of the made-up company is described before the workspace gives it an id."""

    name: str
    real_name: str
    title: str
    colour: str
    is_guest: bool = False
    is_outsider: bool = False


TEAM_NAME = "Acme Outdoors"
TEAM_DOMAIN = "acme-outdoors"
TIME_ZONE = "Europe/London"
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
