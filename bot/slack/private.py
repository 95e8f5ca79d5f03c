"""Private answers: seen by one person, stored nowhere, lost when Slack does not take them."""

from __future__ import annotations

import logging

import aiohttp
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.slack.render.message import Message

log = logging.getLogger(__name__)


async def respond(
    client: AsyncWebClient, response_url: str, said: Message, *, replaces: bool = False
) -> bool:
    """Answer a command or a press where it was made; what was pressed on stays as it is, unless the
    answer `replaces` it. Whether Slack took it.

    A response_url takes five answers within 30 minutes and needs no token:
    https://docs.slack.dev/interactivity/handling-user-interaction
    """
    hook = AsyncWebhookClient(response_url, timeout=client.timeout, session=client.session)
    hook.proxy = client.proxy  # left alone, it would take a proxy from the environment again
    body = {**said.as_arguments(), "response_type": "ephemeral", "replace_original": replaces}
    try:
        answered = await hook.send_dict(body)
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("an answer did not reach Slack (%s)", type(error).__name__)
        return False
    if answered.status_code != 200:
        log.warning("Slack did not take an answer (HTTP %d)", answered.status_code)
    return answered.status_code == 200


async def whisper(
    client: AsyncWebClient, channel: str, user_id: str, thread_ts: str | None, said: Message
) -> None:
    """Answer a mention, to its author alone, in the thread it was made in."""
    try:
        await client.chat_postEphemeral(
            channel=channel, user=user_id, thread_ts=thread_ts, **said.as_arguments()
        )
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("an answer did not reach Slack (%s)", type(error).__name__)
