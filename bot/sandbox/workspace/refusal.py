"""How the workspace says no, in Slack's shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):
    """A failed Web API call: Slack's error code, extra fields, and HTTP status and headers."""

    def __init__(
        self,
        error: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = dict(headers or {})
        self.extra = extra

    def as_json(self) -> dict[str, Any]:
        return {"ok": False, "error": self.error} | self.extra


def explained(error: str, reasons: Sequence[object], *, listed: bool = True) -> Refusal:
    """A refusal with reasons, as `errors` and as `[ERROR]` lines of the response metadata."""
    lines = [str(reason) for reason in reasons]
    metadata = {"messages": [f"[ERROR] {line}" for line in lines]}
    if listed:
        return Refusal(error, errors=lines, response_metadata=metadata)
    return Refusal(error, response_metadata=metadata)
