"""The app's manifest, to be pasted into https://api.slack.com/apps ; a test keeps it true."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal

REQUEST_URL = "https://seamwatch.example.com/slack/events"


def load() -> dict[str, Any]:
    """The manifest for Socket Mode, as a fresh object."""
    manifest: dict[str, Any] = json.loads(
        (files("bot.slack") / "manifest.json").read_text(encoding="utf-8")
    )
    return manifest


def render(mode: Literal["socket", "http"], request_url: str = REQUEST_URL) -> str:
    """The manifest as JSON. In HTTP mode Slack sends everything to `request_url`."""
    manifest = load()
    if mode == "http":
        settings = manifest["settings"]
        settings["socket_mode_enabled"] = False
        settings["event_subscriptions"]["request_url"] = request_url
        settings["interactivity"]["request_url"] = request_url
        for command in manifest["features"]["slash_commands"]:
            command["url"] = request_url
    return json.dumps(manifest, indent=2, ensure_ascii=False)


def scopes() -> tuple[str, ...]:
    """The scopes that the bot token needs."""
    return tuple(load()["oauth_config"]["scopes"]["bot"])
