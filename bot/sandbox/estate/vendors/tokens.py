"""Tokens that a look-alike hands out: how long they live, and which one replaced which."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An access token and the refresh token that came with it."""

    access: str
    refresh: str


class Tokens:
    """Access tokens with a life; refresh tokens that are replaced at every use."""

    def __init__(self, *, lasts: timedelta, refresh_lasts: timedelta = timedelta(days=365)) -> None:
        self.lasts = lasts
        self._refresh_lasts = refresh_lasts
        self._ends: dict[str, datetime] = {}
        self._refreshable: dict[str, datetime] = {}

    def issue(self, at: datetime, access: str = "") -> Pair:
        """A new pair; with the access token given where it says something itself."""
        pair = Pair(access=access or secrets.token_urlsafe(24), refresh=secrets.token_urlsafe(24))
        self._ends[pair.access] = at + self.lasts
        self._refreshable[pair.refresh] = at + self._refresh_lasts
        return pair

    def refresh(self, token: str, at: datetime) -> Pair | None:
        """A new pair for a refresh token, which is used up by it; None for one that is not good."""
        ends = self._refreshable.pop(token, None)
        return self.issue(at) if ends is not None and at < ends else None

    def knows(self, access: str) -> bool:
        """Whether it was handed out and not taken back, expired or not."""
        return access in self._ends

    def accepts(self, access: str, at: datetime) -> bool:
        return access in self._ends and at < self._ends[access]

    def forget(self) -> None:
        """Take every token back."""
        self._ends.clear()
        self._refreshable.clear()
