"""Opsgenie, and Jira Service Management's Operations: the alerts API in, their webhook out.

https://docs.opsgenie.com/docs/alert-api, https://docs.opsgenie.com/docs/response
https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events/
https://support.atlassian.com/opsgenie/docs/opsgenie-edge-connector-alert-action-data/
Stricter than known of the real ones: a field over its published length is refused with 422.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote
from uuid import uuid4

from bot.sandbox.pagers.board import Alert, Board, Json
from bot.sandbox.pagers.service import Answer, Asked, CallBack

LIMITS = {"message": 130, "alias": 512, "description": 15_000, "source": 100, "user": 100}
PRIORITIES = {"P1", "P2", "P3", "P4", "P5"}
PATHS = {"acknowledge": "acknowledge", "close": "resolve"}
ACTIONS = {
    "trigger": "Create",
    "acknowledge": "Acknowledge",
    "unacknowledge": "UnAcknowledge",
    "resolve": "Close",
}


@dataclass(slots=True, kw_only=True)
class AlertsDouble:
    """One account with one API integration and one webhook integration, which brings a token."""

    service: str
    api_key: str = field(default_factory=lambda: str(uuid4()))
    webhook_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    token_in_address: bool = False

    def take(self, board: Board, asked: Asked) -> Answer:
        if asked.headers.get("Authorization") != f"GenieKey {self.api_key}":
            return Answer(status=401, body={"message": "Could not authenticate", "took": 0.001})
        try:
            told = json.loads(asked.body or b"{}")
        except ValueError:
            return Answer(status=400, body={"message": "Invalid JSON body", "took": 0.001})
        act, alias = self._meant(asked, told)
        if act is None:
            return Answer(status=404, body={"message": "Resource not found", "took": 0.001})
        if errors := [*_faults(act, told)]:
            body = {"message": "Request body is not processable.", "errors": errors, "took": 0.001}
            return Answer(status=422, body=body)
        alert = board.apply(self.service, act, alias, told.get("message", ""), {"body": told})
        taken = {"result": "Request will be processed", "took": 0.01, "requestId": str(uuid4())}
        return Answer(status=202, body=taken, alert=alert, act=act, user=told.get("user", ""))

    def _meant(self, asked: Asked, told: Json) -> tuple[str | None, str]:
        """The act and the alias of the alert; an identifier of another type matches no alert."""
        match asked.path.strip("/").split("/"):
            case ["alerts"]:
                return "trigger", str(told.get("alias") or uuid4())
            case ["alerts", alias, path] if path in PATHS:
                by_alias = asked.query.get("identifierType") == "alias"
                return PATHS[path], unquote(alias) if by_alias else f"id {alias}"
        return None, ""

    def call_back(self, alert: Alert, act: str, user: str | None, by_api: bool) -> CallBack:
        told = {
            "action": ACTIONS[act],
            "alert": {
                "alertId": f"{alert.id}-{alert.service}",
                "alias": alert.key,
                "message": alert.title,
                "username": user or "System",
                "updatedAt": time.time_ns(),
            },
            "source": {"name": "", "type": "API" if by_api else "web"},
            "integrationName": "Seamwatch",
        }
        headers = {"Authorization": f"Bearer {self.webhook_token}"}
        return CallBack(
            headers={} if self.token_in_address else headers, body=json.dumps(told).encode()
        )


def _faults(act: str, told: Json) -> Iterator[str]:
    if act == "trigger" and not told.get("message"):
        yield "message: Message can not be empty."
    if told.get("priority", "P3") not in PRIORITIES:
        yield "priority: should be one of [ P1, P2, P3, P4, P5 ]"
    for name, most in LIMITS.items():
        if len(str(told.get(name, ""))) > most:
            yield f"{name}: longer than {most} characters"
