"""The made-up tokens of the workspace, whom they stand for, and what they allow."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.sandbox.workspace import ids
from bot.sandbox.workspace.people import User
from bot.sandbox.workspace.refusal import Refusal
from bot.sandbox.workspace.state import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls the Web API. A person's token is not held to the manifest's scopes."""

    user: User
    kind: str
    """The token's prefix: xoxb (the app's bot), xoxp (a person), xapp (the app itself)."""
    scopes: tuple[str, ...] = ()

    @property
    def is_person(self) -> bool:
        return self.kind == "xoxp"

    def needs(self, scope: str) -> None:
        """Raise Refusal missing_scope unless the token carries this scope."""
        if not self.is_person and scope not in self.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(self.scopes))


class Credentials:
    """One bot token, one app token, one signing secret, and a token for every person."""

    def __init__(self, workspace: Workspace, manifest: Mapping[str, Any]) -> None:
        scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot") or []
        self.bot_token = ids.token("xoxb")
        self.app_token = ids.token("xapp-1")
        self.signing_secret = secrets.token_hex(16)
        self.user_tokens = {user.name: ids.token("xoxp") for user in workspace.humans}
        self._callers = {
            self.bot_token: Caller(user=workspace.bot, kind="xoxb", scopes=tuple(scopes)),
            self.app_token: Caller(user=workspace.bot, kind="xapp", scopes=("connections:write",)),
        }
        for name, token in self.user_tokens.items():
            self._callers[token] = Caller(user=workspace.user(name), kind="xoxp")

    def caller(self, token: str | None) -> Caller:
        """Whom the token stands for. Raises Refusal not_authed or invalid_auth."""
        if not token:
            raise Refusal("not_authed")
        caller = self._callers.get(token)
        if caller is None:
            raise Refusal("invalid_auth")
        return caller
