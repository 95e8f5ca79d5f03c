"""Asks Slack which account has an e-mail, and which e-mail an account has."""

from __future__ import annotations

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.directory import CannotAsk

NOBODY = frozenset({"users_not_found", "user_not_found", "user_not_visible"})


class SlackAccounts:
    """Needs the scopes users:read and users:read.email: without the second, Slack leaves the
    address out. https://docs.slack.dev/reference/methods/users.lookupByEmail
    """

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def by_email(self, email: str) -> str | None:
        """The user id; None when no active account has this address. Raises CannotAsk."""
        try:
            answer = await self._client.users_lookupByEmail(email=email)
        except SlackApiError as error:
            _must_be_nobody(error)
            return None
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            raise CannotAsk from None
        user = answer.get("user")
        if not isinstance(user, dict) or not user.get("id"):
            raise CannotAsk
        return None if user.get("deleted") else str(user["id"])

    async def email_of(self, user_id: str) -> str | None:
        """The address in a member's profile; None when Slack tells none. Raises CannotAsk."""
        try:
            answer = await self._client.users_info(user=user_id)
        except SlackApiError as error:
            _must_be_nobody(error)
            return None
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            raise CannotAsk from None
        user = answer.get("user")
        if not isinstance(user, dict):
            raise CannotAsk
        profile = user.get("profile")
        return str((profile if isinstance(profile, dict) else {}).get("email") or "") or None

    async def is_gone(self, user_id: str) -> bool:
        """Whether an account is switched off or unknown: Slack takes messages to one that is
        switched off without a word (https://github.com/slackapi/python-slack-sdk/issues/1156).

        Raises CannotAsk.
        """
        try:
            answer = await self._client.users_info(user=user_id)
        except SlackApiError as error:
            _must_be_nobody(error)
            return True
        except (SlackClientError, aiohttp.ClientError, TimeoutError, OSError):
            raise CannotAsk from None
        user = answer.get("user")
        if not isinstance(user, dict):
            raise CannotAsk
        return bool(user.get("deleted"))


def _must_be_nobody(error: SlackApiError) -> None:
    """Raises CannotAsk for every other answer than that there is no such account."""
    data = getattr(error.response, "data", None)
    if not isinstance(data, dict) or data.get("error") not in NOBODY:
        raise CannotAsk from None
