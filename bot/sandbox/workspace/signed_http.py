"""HTTP mode: signed POSTs to the app's request URL.

https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout, TooManyRedirects

from bot.sandbox.workspace.delivery import Ack, Envelope, stopwatch
from bot.sandbox.workspace.options import WorkspaceOptions


def signature(secret: str, timestamp: str, body: str) -> str:
    """The X-Slack-Signature of a body sent at `timestamp` (Unix seconds)."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class SignedHttp:
    """Delivers to `request_url`. A status of 2xx within the budget is an acknowledgement."""

    def __init__(self, options: WorkspaceOptions, request_url: str, signing_secret: str) -> None:
        self._options = options
        self._request_url = request_url
        self._secret = signing_secret
        self._client: ClientSession | None = None

    async def deliver(self, envelope: Envelope) -> Ack:
        elapsed = stopwatch()
        body, content_type = _body(envelope)
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._secret, timestamp, body),
        }
        if envelope.retry_attempt:
            headers |= {
                "X-Slack-Retry-Num": str(envelope.retry_attempt),
                "X-Slack-Retry-Reason": envelope.retry_reason,
            }
        try:
            status, text = await self._post(body, headers)
        except TimeoutError:
            return Ack(ms=elapsed(), failure="http_timeout")
        except TooManyRedirects:
            return Ack(ms=elapsed(), failure="too_many_redirects")
        except ClientError:
            return Ack(ms=elapsed(), failure="connection_failed")
        if not 200 <= status < 300:
            return Ack(ms=elapsed(), failure="http_error")
        return Ack(ms=elapsed(), payload=_answer(text))

    async def stop(self) -> None:
        if self._client:
            await self._client.close()

    async def _post(self, body: str, headers: dict[str, str]) -> tuple[int, str]:
        if self._client is None:
            budget = ClientTimeout(total=self._options.ack_within.total_seconds())
            self._client = ClientSession(timeout=budget)
        async with self._client.post(
            self._request_url, data=body.encode(), headers=headers, max_redirects=2
        ) as response:
            return response.status, await response.text()


def _body(envelope: Envelope) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    if envelope.kind == "slash_commands":
        fields = {name: _as_form(value) for name, value in envelope.payload.items()}
        return urlencode(fields), form
    if envelope.kind == "interactive":
        return urlencode({"payload": json.dumps(envelope.payload)}), form
    return json.dumps(envelope.payload), "application/json"


def _as_form(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(text: str) -> Any:
    """An empty body is no payload; text that is not JSON is a message's text."""
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except ValueError:
        return {"text": text}
