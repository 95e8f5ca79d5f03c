"""The manifest says what the code does: no more, no less, and within Slack's limits."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack import app, manifest
from bot.slack.pressing import OFFERED
from bot.slack.render import acts, buttons, swap
from bot.slack.verbs import COMMAND, by_button, by_word, verbs

SLACK = Path(manifest.__file__).parent
LIMITS = {
    ("display_information", "name"): 35,
    ("display_information", "description"): 140,
    ("features", "bot_user", "display_name"): 80,
}
SCOPES = {
    "auth.test": set(),
    "apps.connections.open": set(),  # the app-level token's own connections:write
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "users.info": {"users:read"},
    "users.lookupByEmail": {"users:read.email"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "conversations.list": {"channels:read", "groups:read"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.open": {"im:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.replies": {"channels:history", "groups:history", "im:history"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.info": {"files:read"},
    "views.open": set(),
    "views.push": set(),
    "views.update": set(),
    "views.publish": set(),
}
"""https://docs.slack.dev/reference/methods , for public and private channels, and people."""


def methods_used():
    """Every Web API method that is named anywhere in the Slack package."""
    known = {name for name in vars(AsyncWebClient) if re.fullmatch(r"[a-z]+_\w+", name)}
    for file in SLACK.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in known:
                yield node.attr.replace("_", ".")
            if isinstance(node, ast.Constant) and str(node.value).replace(".", "_") in known:
                yield str(node.value)


def test_the_scopes_are_those_of_the_methods_used():
    used = set(methods_used())
    assert used <= SCOPES.keys()
    needed = {"commands", "app_mentions:read"}.union(*(SCOPES[method] for method in used))
    assert set(manifest.scopes()) == needed


def test_commands_and_events_are_those_registered():
    told = manifest.load()
    assert [each["command"] for each in told["features"]["slash_commands"]] == [COMMAND]
    assert tuple(told["settings"]["event_subscriptions"]["bot_events"]) == app.EVENTS
    assert told["settings"]["interactivity"]["is_enabled"] is True


def test_the_hint_names_every_verb_in_the_order_of_the_help():
    hint = manifest.load()["features"]["slash_commands"][0]["usage_hint"]
    assert [part.split()[0] for part in hint.split(" | ")] == [verb.name for verb in verbs()]


def test_every_button_that_is_shown_has_its_verb():
    """And every verb's button is shown; the menu More stands for the words it offers."""
    ours = ("incident_", "home_", "oncall_", "act_")
    named = [each for module in (buttons, acts, swap) for each in vars(module).items()]
    shown = {told for name, told in named if name.isupper() and str(told).startswith(ours)}
    assert set(by_button()) == shown - {buttons.MORE}


def test_every_word_of_the_menu_more_is_a_verb():
    assert by_word().keys() >= OFFERED


def test_app_home_is_on_and_nobody_writes_into_its_messages():
    assert manifest.load()["features"]["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": True,
    }


@pytest.mark.parametrize(("path", "most"), LIMITS.items(), ids=str)
def test_texts_are_within_slacks_limits(path, most):
    value = manifest.load()
    for key in path:
        value = value[key]
    assert 1 <= len(value) <= most


def test_the_command_is_within_slacks_limits():
    [command] = manifest.load()["features"]["slash_commands"]
    assert re.fullmatch(r"/[a-z]{1,31}", command["command"])
    assert 1 <= len(command["description"]) <= 2000
    assert 1 <= len(command["usage_hint"]) <= 1000
    assert set(command) == {"command", "description", "usage_hint", "should_escape"}
    assert re.fullmatch("#[0-9a-f]{6}", manifest.load()["display_information"]["background_color"])


def test_socket_mode_has_no_addresses():
    assert json.loads(manifest.render("socket")) == manifest.load()
    assert "url" not in manifest.render("socket")
    assert manifest.load()["settings"]["socket_mode_enabled"] is True


def test_http_mode_sends_everything_to_one_address():
    told = json.loads(manifest.render("http", "https://bot.example/slack/events"))
    assert told["settings"]["socket_mode_enabled"] is False
    assert told["settings"]["interactivity"]["request_url"] == "https://bot.example/slack/events"
    assert told["features"]["slash_commands"][0]["url"] == "https://bot.example/slack/events"
    events = told["settings"]["event_subscriptions"]
    assert events["request_url"] == "https://bot.example/slack/events"
