"""A person as a destination of the outbox: the bot's own conversation with them."""

from __future__ import annotations

from collections.abc import Callable

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbox import NeedsPerson, TryLater
from bot.slack.gateway import Channel
from bot.store.outbox import Row

CANNOT = {
    "user_not_found": "Slack does not know this person any more; correct their [[person]] section",
    "user_disabled": "this person's account is switched off; correct the rota and [[person]]",
    "cannot_dm_bot": "this is a bot and not a person; correct the [[person]] section",
    "missing_scope": "the app lacks the scope im:write; compare it with `seamwatch manifest`",
}


class Direct:
    """The conversation is opened when something is first said in it.

    https://docs.slack.dev/reference/methods/conversations.open
    """

    def __init__(
        self, client: AsyncWebClient, user_id: str, make: Callable[[str], Channel]
    ) -> None:
        self._client, self._user_id, self._make = client, user_id, make
        self._channel: Channel | None = None

    async def turn(self) -> None:
        if self._channel is not None:
            await self._channel.turn()

    async def deliver(self, row: Row) -> str:
        return await (await self._opened()).deliver(row)

    async def find(self, row: Row) -> str | None:
        return await (await self._opened()).find(row)

    async def _opened(self) -> Channel:
        if self._channel is None:
            self._channel = self._make(await self._open())
        return self._channel

    async def _open(self) -> str:
        try:
            answer = await self._client.conversations_open(users=self._user_id)
        except SlackApiError as error:
            data = getattr(error.response, "data", None)
            code = str(data.get("error")) if isinstance(data, dict) else ""
            if code in CANNOT:
                raise NeedsPerson(f"{code}: {CANNOT[code]}") from None
            raise TryLater(f"the conversation cannot be opened ({code or 'no answer'})") from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise TryLater(f"Slack cannot be reached ({type(error).__name__})") from error
        return str(answer["channel"]["id"])
