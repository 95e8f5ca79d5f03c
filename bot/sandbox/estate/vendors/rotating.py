"""A grant of OAuth 2 whose refresh token is replaced at every use, beside a token made by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.sandbox.estate.vendors.answering import answer_json, form
from bot.sandbox.estate.vendors.tokens import Pair, Tokens
from bot.sandbox.estate.vendors.vendor import Answered, Asked

CLIENT = {"client_id": "made-up-client", "client_secret": "made-up-client-secret"}
FIRST_REFRESH = "made-up-first-refresh-token"


class RotatingGrant:
    """One application's tokens; `fixed` is a personal token, which has no end."""

    def __init__(self, lasts: timedelta, *, fixed: str) -> None:
        self._lasts, self._fixed = lasts, fixed
        self._tokens = Tokens(lasts=lasts)
        self._first: str | None = FIRST_REFRESH

    def forget(self) -> None:
        self._tokens.forget()

    def accept(self, access: str, at: datetime) -> bool:
        return access == self._fixed or self._tokens.accepts(access, at)

    def answer(self, asked: Asked, *, accepted: bool) -> Answered:
        told = form(asked)
        known = all(told.get(name) == value for name, value in CLIENT.items())
        pair = self._pair(told, asked.at) if accepted and known else None
        if pair is None:
            return answer_json({"error": "invalid_grant"}, 400)
        return answer_json(
            {
                "access_token": pair.access,
                "token_type": "Bearer",
                "expires": int((asked.at + self._lasts).timestamp()),
                "expires_in": int(self._lasts.total_seconds()),
                "refresh_token": pair.refresh,
            }
        )

    def _pair(self, told: Mapping[str, str], at: datetime) -> Pair | None:
        if told.get("grant_type") != "refresh_token":
            return None
        if self._first is not None and told.get("refresh_token") == self._first:
            self._first = None
            return self._tokens.issue(at)
        return self._tokens.refresh(told.get("refresh_token", ""), at)
