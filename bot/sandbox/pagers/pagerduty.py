"""PagerDuty: Events API v2 in, webhooks V3 out.

https://developer.pagerduty.com/docs/send-alert-event
https://developer.pagerduty.com/docs/webhooks-overview
https://developer.pagerduty.com/docs/verifying-webhook-signatures
Not published, and a guess: the words of its 400 for an unknown key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from bot.sandbox.pagers.board import ACTS, Alert, Board, Json
from bot.sandbox.pagers.service import Answer, Asked, CallBack

MOST_BYTES = 512 * 1024
SEVERITIES = {"critical", "error", "warning", "info"}
EVENTS = {
    "trigger": "incident.triggered",
    "acknowledge": "incident.acknowledged",
    "unacknowledge": "incident.unacknowledged",
    "resolve": "incident.resolved",
}


@dataclass(slots=True, kw_only=True)
class PagerDutyDouble:
    """One service with one Events API v2 integration and one webhook subscription."""

    routing_key: str = field(default_factory=lambda: secrets.token_hex(16))
    webhook_secret: str = field(default_factory=lambda: secrets.token_urlsafe(48))

    def take(self, board: Board, asked: Asked) -> Answer:
        event = _object(asked.body)
        if len(asked.body) > MOST_BYTES:
            return Answer(status=413, body={"message": "Request Entity Too Large"})
        if errors := [*self._faults(event)]:
            told = {"status": "invalid event", "message": "Event object is invalid"}
            return Answer(status=400, body=told | {"errors": errors})
        act, key = event["event_action"], event.get("dedup_key") or uuid4().hex
        title = event.get("payload", {}).get("summary", "")
        alert = board.apply("pagerduty", act, key, title, {"event": _public(event)})
        done = {"status": "success", "message": "Event processed", "dedup_key": key}
        return Answer(status=202, body=done, alert=alert, act=act)

    def _faults(self, event: Json) -> Iterator[str]:
        key = event.get("routing_key")
        if not isinstance(key, str) or len(key) != 32:
            yield "Length of 'routing_key' is incorrect (should be 32 characters)"
        elif key != self.routing_key:
            yield "Invalid routing key"
        if event.get("event_action") not in ACTS:
            yield "'event_action' is missing or blank"
        if len(event.get("dedup_key") or "") > 255:
            yield "'dedup_key' is too long"
        if event.get("event_action") == "trigger":
            yield from _payload_faults(event.get("payload"))

    def call_back(self, alert: Alert, act: str, user: str | None, by_api: bool) -> CallBack:
        agent: Json | None = {"type": "user_reference", "summary": user, "id": "PLH1HKV"}
        if by_api:
            agent = {"type": "inbound_integration_reference", "summary": "Events API V2"}
        elif user is None:
            agent = None
        event = {
            "id": uuid4().hex[:26].upper(),
            "event_type": EVENTS[act],
            "resource_type": "incident",
            "occurred_at": datetime.now(UTC).isoformat(),
            "agent": agent,
            "client": None,
            "data": _incident(alert),
        }
        body = json.dumps({"event": event}).encode()
        digest = hmac.new(self.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
        signatures = f"v1={'0' * 64},v1={digest}"  # as while a secret is being replaced
        return CallBack(headers={"X-PagerDuty-Signature": signatures}, body=body)


def _payload_faults(payload: object) -> Iterator[str]:
    if not isinstance(payload, dict):
        yield "'payload' is missing or blank"
        return
    for name in ("summary", "source", "severity"):
        if not payload.get(name):
            yield f"'payload.{name}' is missing or blank"
    if len(payload.get("summary") or "") > 1024:
        yield "'payload.summary' is too long"
    if payload.get("severity") not in SEVERITIES:
        yield "'payload.severity' is invalid (must be one of the following: 'critical', ...)"


def _incident(alert: Alert) -> Json:
    return {
        "id": alert.id,
        "type": "incident",
        "number": 1,
        "status": alert.state,
        "incident_key": alert.key,
        "title": alert.title,
        "urgency": "high",
    }


def _public(event: Json) -> Json:
    return {name: value for name, value in event.items() if name != "routing_key"}


def _object(body: bytes) -> Json:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
