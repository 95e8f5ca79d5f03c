"""Builds what Slack sends to an app: commands, interactions, events. Pure.

https://docs.slack.dev/reference/interaction-payloads , https://docs.slack.dev/apis/events-api
"""

from __future__ import annotations

from bot.sandbox.workspace import ids, people
from bot.sandbox.workspace.messages import Channel, Json, Message
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.state import Workspace


def command(
    workspace: Workspace, *, user: User, channel: Channel, name: str, text: str, urls: Json
) -> Json:
    """A slash command. `urls` holds response_url and trigger_id."""
    return urls | {
        "token": "deprecated",
        "team_id": workspace.team_id,
        "team_domain": people.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.im_user else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": name,
        "text": text,
        "api_app_id": workspace.app_id,
        "is_enterprise_install": False,
    }


def _interaction(workspace: Workspace, kind: str, user: User, trigger_id: str) -> Json:
    return {
        "type": kind,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "team": {"id": workspace.team_id, "domain": people.TEAM_DOMAIN},
        "api_app_id": workspace.app_id,
        "token": "deprecated",
        "trigger_id": trigger_id,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def message_action(
    workspace: Workspace,
    *,
    user: User,
    message: Message,
    action: Json,
    urls: Json,
    values: Json,
) -> Json:
    """block_actions of an element in a message; `values` are what its fields hold."""
    channel = workspace.channels[message.channel]
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": message.visible_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    name = "directmessage" if channel.im_user else channel.name
    return (
        _interaction(workspace, "block_actions", user, urls["trigger_id"])
        | urls
        | {
            "container": container,
            "channel": {"id": channel.id, "name": name},
            "message": workspace.show(message),
            "state": {"values": values},
            "actions": [action],
        }
    )


def view_action(
    workspace: Workspace, *, user: User, view: Json, action: Json, trigger_id: str
) -> Json:
    """block_actions of an element in a modal or Home tab."""
    return _interaction(workspace, "block_actions", user, trigger_id) | {
        "container": {"type": "view", "view_id": view["id"]},
        "view": view,
        "actions": [action],
    }


def submission(workspace: Workspace, *, user: User, view: Json, trigger_id: str) -> Json:
    """view_submission of a modal, with what was put in under `view.state.values`."""
    return _interaction(workspace, "view_submission", user, trigger_id) | {
        "view": view,
        "response_urls": [],
    }


def closed(workspace: Workspace, *, user: User, view: Json, is_cleared: bool) -> Json:
    """view_closed of a modal that asked for it; `is_cleared` when the whole stack was closed."""
    whole = _interaction(workspace, "view_closed", user, "")
    del whole["trigger_id"]
    return whole | {"view": view, "is_cleared": is_cleared}


def event(workspace: Workspace, inner: Json) -> Json:
    """The outer event_callback around an event."""
    return {
        "type": "event_callback",
        "token": "deprecated",
        "team_id": workspace.team_id,
        "context_team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": inner,
        "event_id": ids.new("Ev"),
        "event_time": int(workspace.clock.now().timestamp()),
        "event_context": ids.short(),
        "is_ext_shared_channel": False,
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
    }


def message_events(workspace: Workspace, message: Message) -> list[Json]:
    """The events that this message causes and the manifest asks for."""
    channel = workspace.channels[message.channel]
    settings = workspace.manifest.get("settings", {}).get("event_subscriptions", {})
    wanted = settings.get("bot_events") or []
    if workspace.bot.id not in channel.members or message.visible_to:
        return []
    shown = message.as_json() | {
        "channel": channel.id,
        "event_ts": message.ts,
        "team": workspace.users[message.user].team_id,
    }
    found: list[Json] = []
    mentioned = f"<@{workspace.bot.id}" in message.text and message.user != workspace.bot.id
    if "app_mention" in wanted and mentioned and not channel.im_user:
        found.append({**shown, "type": "app_mention"})
    family = "im" if channel.im_user else ("groups" if channel.is_private else "channels")
    if f"message.{family}" in wanted:
        kind = {"im": "im", "groups": "group", "channels": "channel"}[family]
        found.append({**shown, "channel_type": kind})
    return found


def home_opened(workspace: Workspace, user: User, tab: str, view: Json | None) -> Json:
    """The app_home_opened event of the tab `home` or `messages`, with the view shown so far."""
    opened: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": workspace.direct_message(user.id).id,
        "tab": tab,
        "event_ts": workspace.mint_ts(),
    }
    return opened | ({"view": view} if view else {})
