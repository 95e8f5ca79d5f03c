"""The Web API methods of the workspace, one file for each family."""

from __future__ import annotations

from bot.sandbox.workspace.methods import apps, chat, conversations, files, marks, users, views
from bot.sandbox.workspace.methods.call import Method

METHODS: dict[str, Method] = (
    apps.METHODS
    | chat.METHODS
    | conversations.METHODS
    | files.METHODS
    | marks.METHODS
    | users.METHODS
    | views.METHODS
)
