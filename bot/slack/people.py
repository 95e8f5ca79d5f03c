"""Who may act: full members of the workspace that installed the bot, as Slack tells it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

REMEMBERED_SECONDS = 300.0
MOST_REMEMBERED = 5000
SLACKBOT = "USLACKBOT"
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """Whether somebody may act; `because` is the sentence for those who may not."""

    allowed: bool
    because: str = ""


ALLOWED = Permission(allowed=True)
CANNOT_CHECK = Permission(
    allowed=False,
    because="I cannot check who you are, because Slack does not answer me. Nothing was changed; "
    "please try again in a moment.",
)
UNKNOWN = Permission(
    allowed=False, because="Slack does not know you as a member of this workspace."
)
OUTSIDER = Permission(
    allowed=False,
    because="Only members of this workspace can use Seamwatch here; you belong to another one. "
    "Ask a member of this channel.",
)
GUEST = Permission(
    allowed=False,
    because="Guests cannot use Seamwatch. Ask a full member of this workspace, or have an "
    "administrator make you one.",
)
BOT = Permission(allowed=False, because="Bots cannot use Seamwatch; a person has to.")
GONE = Permission(allowed=False, because="This account has been deactivated.")


class People:
    """Asks Slack about people and remembers the answers for five minutes (transport time).

    https://docs.slack.dev/reference/objects/user-object
    """

    def __init__(
        self,
        client: AsyncWebClient,
        team_id: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._team_id, self._monotonic = client, team_id, monotonic
        self._known: dict[str, tuple[float, Permission]] = {}
        self._asking: dict[str, asyncio.Task[Permission]] = {}

    async def may_act(self, user_id: str, team_id: str | None = None) -> Permission:
        """Whether this person may use the bot. `team_id` is the one that came with the request.

        While Slack cannot be asked, an older answer holds; without one the answer is no.
        """
        if team_id and team_id != self._team_id:
            return OUTSIDER
        at, known = self._known.get(user_id, (0.0, CANNOT_CHECK))
        if known is not CANNOT_CHECK and self._monotonic() - at < REMEMBERED_SECONDS:
            return known
        if (asking := self._asking.get(user_id)) is None:
            asking = self._asking[user_id] = asyncio.create_task(self._ask(user_id, known))
            asking.add_done_callback(lambda _: self._asking.pop(user_id, None))
        return await asyncio.shield(asking)

    async def name_of(self, user_id: str) -> str | None:
        """What people call this account, asked anew; None when Slack does not tell."""
        try:
            user = (await self._client.users_info(user=user_id)).get("user")
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            return None
        told = user if isinstance(user, dict) else {}
        profile = told.get("profile")
        shown = (profile if isinstance(profile, dict) else {}).get("display_name")
        return str(shown or told.get("real_name") or told.get("name") or "") or None

    async def _ask(self, user_id: str, before: Permission) -> Permission:
        try:
            answer = await self._client.users_info(user=user_id)
            user = answer.get("user")
        except SlackApiError as error:
            if _code(error) not in NOBODY:
                return before
            found = UNKNOWN
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            return before
        else:
            if not isinstance(user, dict):
                return before
            found = judge(user, self._team_id)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[user_id] = (self._monotonic(), found)
        return found


def judge(user: dict[str, Any], team_id: str) -> Permission:
    """What Slack's user object says about the right to act in the workspace `team_id`."""
    if user.get("deleted"):
        return GONE
    if user.get("is_bot") or user.get("is_workflow_bot") or user.get("id") == SLACKBOT:
        return BOT
    if user.get("team_id") != team_id or user.get("is_stranger"):
        return OUTSIDER
    if user.get("is_restricted") or user.get("is_ultra_restricted"):
        return GUEST
    return ALLOWED


def _code(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error")) if isinstance(data, dict) else ""
