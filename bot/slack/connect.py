"""The way into a Slack workspace, tried at the start: tokens, scopes, channels.

Bolt starts happily with a bad bot token and waits for ever with a bad app token, so both are tried
first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import SlackSettings
from bot.slack.connection import HttpMode, SlackRefused, SocketMode
from bot.slack.manifest import scopes
from bot.values import LOOPBACK

CALL_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot is in its workspace."""

    team_id: str
    bot_id: str
    bot_user_id: str


def make_session() -> aiohttp.ClientSession:
    """One for all calls: a new one for each is ten times slower.

    It carries the time-out, because the Web API client ignores its own when it is given a session.
    """
    return aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS))


def make_client(token: str, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A Web API client that never repeats a call by itself: repeating is the outbox's business."""
    client = AsyncWebClient(
        token=token,
        base_url=api_url if api_url.endswith("/") else f"{api_url}/",
        session=session,
        retry_handlers=[],
    )
    if urlsplit(api_url).hostname in LOOPBACK:
        client.proxy = None  # the client would send even this machine's traffic to a proxy
    return client


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """Our way into one workspace. `channel` and `fallback` are destinations of the outbox, and
    `channels` gives that of every other channel that the settings name."""

    client: AsyncWebClient
    identity: Identity
    connection: SocketMode | HttpMode
    channel: str
    fallback: str | None
    channels: Mapping[str, str]


async def check_bot_token(client: AsyncWebClient) -> Identity:
    """Who we are. Raises SlackRefused for a token that is not accepted or lacks scopes."""
    try:
        answer = await client.auth_test()
    except SlackApiError as error:
        if not isinstance(getattr(error.response, "data", None), dict):
            raise SlackRefused(
                f"What answers at {client.base_url} is not Slack's Web API: correct [slack] "
                "api_url, which usually ends with /api/."
            ) from None
        raise SlackRefused(
            f"Slack refuses the bot token ({_said(error)}): put your app's Bot User OAuth Token, "
            "xoxb-..., behind [slack] token."
        ) from None
    except (TimeoutError, aiohttp.ClientError) as error:
        raise _unreachable(client, error) from error
    granted = {scope.strip() for scope in answer.headers.get("x-oauth-scopes", "").split(",")}
    if missing := sorted(set(scopes()) - granted - {""}) if granted != {""} else []:
        raise SlackRefused(
            f"The Slack app lacks the scopes {', '.join(missing)}: bring its manifest in line with "
            "`seamwatch manifest` and install it again."
        )
    return Identity(
        team_id=answer["team_id"], bot_id=answer["bot_id"], bot_user_id=answer["user_id"]
    )


async def check_app_token(client: AsyncWebClient, app_token: str) -> None:
    """Try the app-level token once. Raises SlackRefused."""
    try:
        await client.apps_connections_open(app_token=app_token)
    except SlackApiError as error:
        raise SlackRefused(
            f"Slack refuses the app-level token ({_said(error)}): put one with the scope "
            "connections:write, xapp-..., behind [slack] app_token, and switch Socket Mode on."
        ) from None
    except (TimeoutError, aiohttp.ClientError) as error:
        raise _unreachable(client, error) from error


async def find_channel(client: AsyncWebClient, wanted: str, key: str) -> str:
    """The id of a channel given as #name or id. Raises SlackRefused when the bot is not in it."""
    cursor = None
    while True:
        try:
            page = await client.conversations_list(
                types="public_channel,private_channel",
                exclude_archived=True,
                limit=200,
                cursor=cursor,
            )
        except SlackApiError as error:
            raise SlackRefused(f"The channels cannot be listed ({_said(error)}).") from None
        except (TimeoutError, aiohttp.ClientError) as error:
            raise _unreachable(client, error) from error
        for channel in page["channels"]:
            if wanted.removeprefix("#") in (channel["name"], channel["id"]):
                if not channel.get("is_member"):
                    raise SlackRefused(
                        f"The bot is not in {wanted} ({key}): invite it there with /invite."
                    )
                return str(channel["id"])
        cursor = (page.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            raise SlackRefused(
                f"There is no channel {wanted} ({key}) that the bot can see: correct the "
                "name, or invite the bot if the channel is private."
            )


async def reach_slack(
    settings: SlackSettings,
    session: aiohttp.ClientSession,
    others: Iterable[tuple[str, str]] = (),
) -> Slack:
    """Our way into the workspace, every part of it tried. Raises SlackRefused.

    `others` are channels besides the settings' own two: how each is named, and by what section.
    """
    client = make_client(settings.token.get_secret_value(), settings.api_url, session)
    identity = await check_bot_token(client)
    if settings.app_token is not None:
        app_token = settings.app_token.get_secret_value()
        await check_app_token(client, app_token)
        connection: SocketMode | HttpMode = SocketMode(app_token, client)
    else:
        connection = HttpMode(settings.listen)
    channel = await find_channel(client, settings.channel, "[slack] channel")
    fallback = None
    if settings.fallback_channel is not None:
        fallback = await find_channel(client, settings.fallback_channel, "[slack] fallback_channel")
    channels = {
        name: f"slack/{await find_channel(client, name, section)}" for name, section in others
    }
    return Slack(
        channels=channels,
        client=client,
        identity=identity,
        connection=connection,
        channel=f"slack/{channel}",
        fallback=f"slack/{fallback}" if fallback else None,
    )


def _said(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error", "no reason given")) if isinstance(data, dict) else "not Slack's"


def _unreachable(client: AsyncWebClient, error: BaseException) -> SlackRefused:
    return SlackRefused(
        f"Slack cannot be reached at {client.base_url} ({type(error).__name__}): check the network "
        "and [slack] api_url."
    )
