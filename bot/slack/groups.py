"""Who is in a Slack user group, asked from Slack and remembered for five minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

REMEMBERED_SECONDS = 300.0
GONE = frozenset({"no_such_subteam", "subteam_not_found"})


class Groups:
    """Needs the scope usergroups:read. What is older than five minutes (transport time) gives
    nobody a right: https://docs.slack.dev/reference/methods/usergroups.users.list
    """

    def __init__(
        self, client: AsyncWebClient, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client, self._monotonic = client, monotonic
        self._members: dict[str, tuple[float, frozenset[str]]] = {}
        self._handles: tuple[float, dict[str, str]] | None = None

    async def members(self, group_id: str) -> frozenset[str] | None:
        """The user ids; none for a group that is not there; None when Slack cannot be asked."""
        known = self._members.get(group_id)
        if known is not None and self._monotonic() - known[0] < REMEMBERED_SECONDS:
            return known[1]
        try:
            answer = await self._client.usergroups_users_list(usergroup=group_id)
            told = answer.get("users")
        except SlackApiError as error:
            data = getattr(error.response, "data", None)
            if not isinstance(data, dict) or data.get("error") not in GONE:
                return None
            told = []
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            return None
        if not isinstance(told, list):
            return None
        found = frozenset(map(str, told))
        self._members[group_id] = (self._monotonic(), found)
        return found

    async def those_with(self, user_id: str, group_ids: Iterable[str]) -> frozenset[str] | None:
        """Which of these groups a person is in; None when one of them could not be asked and
        the person is in none of the others."""
        asked = {group_id: await self.members(group_id) for group_id in sorted(group_ids)}
        found = {group_id for group_id, members in asked.items() if members and user_id in members}
        return None if not found and None in asked.values() else frozenset(found)

    async def handles(self) -> dict[str, str]:
        """What each group is called, "@integrations-leads", by id; what is not known is missing."""
        if self._handles is not None and self._monotonic() - self._handles[0] < REMEMBERED_SECONDS:
            return self._handles[1]
        try:
            answer = await self._client.usergroups_list()
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            return {}
        told = answer.get("usergroups")
        named = {
            str(each["id"]): f"@{each['handle']}"
            for each in (told if isinstance(told, list) else ())
            if isinstance(each, dict) and each.get("id") and each.get("handle")
        }
        self._handles = (self._monotonic(), named)
        return named
