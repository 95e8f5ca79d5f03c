"""Makes the people, channels and user groups that a new workspace begins with. Pure but for ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.sandbox.workspace import ids, people
from bot.sandbox.workspace.messages import Channel
from bot.sandbox.workspace.people import Person, User, UserGroup


def members(team_id: str) -> list[User]:
    """Everybody of the made-up company, the deactivated account included."""
    return [_member(person, team_id) for person in people.PEOPLE]


def slackbot(team_id: str) -> User:
    return _bot(people.SLACKBOT, "slackbot", "Slackbot", team_id, colour="#4a154b")


def app_user(manifest: Mapping[str, Any], team_id: str) -> User:
    """The app's own user, named by its manifest."""
    name = str(manifest.get("features", {}).get("bot_user", {}).get("display_name", "app"))
    handle = name.lower().replace(" ", "-")
    bot_id = ids.new("B")
    return _bot(ids.new("U"), handle, name, team_id, colour="#0b7a75", bot_id=bot_id)


def channels(humans: Sequence[User], bot: User) -> list[Channel]:
    """The channels, with everybody in them whom Slack would let in."""
    return [
        Channel(
            id=ids.new("C"),
            name=place.name,
            topic=place.topic,
            members=frozenset(
                {user.id for user in humans if place.is_shared or not user.is_outsider}
                | ({bot.id} if place.has_app else set())
            ),
            is_shared=place.is_shared,
        )
        for place in people.CHANNELS
    ]


def groups(humans: Sequence[User], now: int) -> list[UserGroup]:
    """The user groups, made at `now` (Unix seconds)."""
    by_name = {user.name: user.id for user in humans}
    return [
        UserGroup(
            id=ids.new("S"),
            handle=crowd.handle,
            name=crowd.name,
            description=crowd.description,
            members=tuple(by_name[name] for name in crowd.members),
            created=now,
            changed=now,
            author=people.SLACKBOT,
        )
        for crowd in people.USER_GROUPS
    ]


def _member(person: Person, team_id: str) -> User:
    return User(
        id=ids.new("U"),
        name=person.name,
        real_name=person.real_name,
        team_id=ids.new("T") if person.is_outsider else team_id,
        colour=person.colour,
        title=person.title,
        email=f"{person.name}@acme.example",
        zone=person.zone,
        is_guest=person.is_guest,
        is_outsider=person.is_outsider,
        is_deactivated=person.is_deactivated,
    )


def _bot(
    user_id: str, name: str, real_name: str, team_id: str, *, colour: str, bot_id: str | None = None
) -> User:
    return User(
        id=user_id,
        name=name,
        real_name=real_name,
        team_id=team_id,
        colour=colour,
        is_bot=True,
        bot_id=bot_id,
    )
