"""Makes the Bolt app, for Socket Mode and HTTP alike.

Nothing that calls Slack stands before the acknowledgement, which is due within 3 seconds:
https://docs.slack.dev/interactivity/handling-user-interaction
"""

from __future__ import annotations

import logging
import re
import secrets

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.connect import Identity
from bot.slack.desk import Desk
from bot.slack.files import Pictures
from bot.slack.front import FrontDesk
from bot.slack.verbs import COMMAND

EVENTS = ("app_mention", "app_home_opened")
NOT_AUTHORISED = (
    "Seamwatch is not connected to this workspace properly. Ask whoever runs it to install the app "
    "again and to restart Seamwatch."
)
ANY = re.compile("")


def make_app(
    desk: Desk,
    *,
    client: AsyncWebClient,
    identity: Identity,
    pictures: Pictures,
    signing_secret: str | None = None,
) -> AsyncApp:
    """The app. `client` carries the bot token, `identity` spares every request an auth.test.

    Without `signing_secret` every request over HTTP is refused, because nobody knows the one used.
    """
    authorised = AuthorizeResult(
        enterprise_id=None,
        team_id=identity.team_id,
        bot_id=identity.bot_id,
        bot_user_id=identity.bot_user_id,
        bot_token=client.token,
    )

    async def authorize() -> AuthorizeResult:
        return authorised

    app = AsyncApp(
        name="seamwatch",
        logger=quiet_logger(),
        client=_without_token(client),
        authorize=authorize,
        signing_secret=signing_secret or secrets.token_hex(32),
        user_facing_authorize_error_message=NOT_AUTHORISED,
    )
    front = FrontDesk(desk, client, identity, pictures)
    app.command(COMMAND)(front.take_command)
    app.action(ANY)(front.take_press)
    app.view(ANY)(front.take_submission)
    for event, taken in zip(EVENTS, (front.take_mention, front.take_home), strict=True):
        app.event(event)(taken)
    app.error(front.apologise)
    return app


def quiet_logger() -> logging.Logger:
    """For Bolt, whose own would log the whole body of a request that Slack has not signed."""
    logger = logging.getLogger("slack_bolt")
    logger.setLevel(logging.WARNING)
    return logger


def _without_token(client: AsyncWebClient) -> AsyncWebClient:
    """With a token of its own, Bolt would set ours aside with a warning."""
    copy = AsyncWebClient(
        base_url=client.base_url,
        timeout=client.timeout,
        ssl=client.ssl,
        session=client.session,
        retry_handlers=client.retry_handlers,
    )
    copy.proxy = client.proxy
    return copy
