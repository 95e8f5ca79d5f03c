"""Somebody's own service: takes our signed JSON, and answers with its own.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from bot.sandbox.pagers.board import Alert, Board
from bot.sandbox.pagers.service import Answer, Asked, CallBack

TOLERANCE = 300.0
EVENTS = {
    "trigger": "incident.triggered",
    "acknowledge": "incident.acknowledged",
    "unacknowledge": "incident.unacknowledged",
    "resolve": "incident.resolved",
}


def new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, sent_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((sent_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


@dataclass(slots=True, kw_only=True)
class WebhookDouble:
    """One address. A message that comes again with its id is taken and not carried out again."""

    signing_secret: str = field(default_factory=new_secret)
    answer_secret: str = field(default_factory=new_secret)
    known: set[str] = field(default_factory=set)
    repeats: int = 0

    def take(self, board: Board, asked: Asked) -> Answer:
        sent_id = asked.headers.get("webhook-id", "")
        timestamp = asked.headers.get("webhook-timestamp", "")
        right = signature(self.signing_secret, sent_id, timestamp, asked.body)
        fresh = timestamp.isdigit() and abs(time.time() - int(timestamp)) < TOLERANCE
        if asked.headers.get("webhook-signature") != right or not fresh:
            return Answer(status=401, body={"message": "wrong signature"})
        if sent_id in self.known:
            self.repeats += 1
            return Answer(status=200, body={"message": "known"})
        self.known.add(sent_id)
        told = json.loads(asked.body)
        act, data = told["type"].removeprefix("incident."), told["data"]
        alert = board.apply("webhook", act, data["key"], data["title"], data)
        return Answer(status=200, body={"message": "taken"}, alert=alert, act=act)

    def call_back(self, alert: Alert, act: str, user: str | None, by_api: bool) -> CallBack:
        """One that mirrors what it was told uses the very names it was told it by."""
        told = {
            "type": f"incident.{act}" if by_api else EVENTS[act],
            "timestamp": datetime.now(UTC).isoformat(),
            "data": {"key": alert.key, "who": user or "a rule"},
        }
        body, sent_id, timestamp = json.dumps(told).encode(), uuid4().hex, str(int(time.time()))
        headers = {
            "webhook-id": sent_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature(self.answer_secret, sent_id, timestamp, body),
        }
        return CallBack(headers=headers, body=body)
