"""Turns what a person types into the text that Slack stores and sends.

https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re

from bot.sandbox.workspace.state import Unknown, Workspace

_REFERENCE = re.compile(r"(?<![\w<])([@#])([\w.\-]*\w)")
_LINK = re.compile(r"(?<![\w<|])https?://[^\s<>|]+[^\s<>|.,;:!?)\"']")
_BROADCASTS = {"here", "channel", "everyone"}


def escape(text: str) -> str:
    """Escape exactly the three characters that mrkdwn gives a meaning to."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_message(text: str, workspace: Workspace) -> str:
    """A typed message: escaped, with mentions, channels and links in angle brackets."""
    linked = _LINK.sub(lambda found: f"<{found[0]}>", escape(text))
    return _refer(linked, workspace, with_name=False)


def as_command(text: str, workspace: Workspace) -> str:
    """The text of a command that asked for `should_escape`: names become ids with names."""
    return _refer(text, workspace, with_name=True)


def _refer(text: str, workspace: Workspace, *, with_name: bool) -> str:
    def replaced(found: re.Match[str]) -> str:
        sign, name = found[1], found[2]
        if sign == "@" and name in _BROADCASTS:
            return f"<!{name}>"
        try:
            return _reference(sign, name, workspace, with_name=with_name)
        except Unknown:
            return found[0]

    return _REFERENCE.sub(replaced, text)


def _reference(sign: str, name: str, workspace: Workspace, *, with_name: bool) -> str:
    if sign == "@" and any(group.handle == name.lower() for group in workspace.groups.values()):
        group = workspace.group(name.lower())
        return f"<!subteam^{group.id}|@{group.handle}>" if with_name else f"<!subteam^{group.id}>"
    if sign == "@":
        user = workspace.user(name.lower())
        return f"<@{user.id}|{user.name}>" if with_name else f"<@{user.id}>"
    channel = workspace.channel(name)
    return f"<#{channel.id}|{channel.name}>"
