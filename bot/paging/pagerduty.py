"""PagerDuty, by its Events API v2.

One event a page: `dedup_key` is the incident's key, so that a copy only adds a line to the open
alert, and repeating after a lost answer is safe. A trigger for an alert that is acknowledged is
such a line too and calls nobody: what rings again has a key of its own, and the older is resolved.
Accepted is HTTP 202; 400 is our fault or the routing key's; 429 and 5xx are to be repeated.
https://developer.pagerduty.com/docs/events-api-v2-overview (codes, 512 KB)
https://developer.pagerduty.com/docs/send-alert-event (fields and their lengths)

A trigger after the resolve of the same key opens a new incident there, an acknowledge or resolve
of a key that is not open is dropped: the pages of one incident must go out in their order.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.paging.model import OUR_NAME, Page, PageAct
from bot.paging.posting import Service
from checks.words import plain

SUMMARY = 1024
KEY = 255
FACT = 1000
SEVERITIES = {"low": "warning", "high": "error", "critical": "critical"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PagerDuty:
    """One Events API v2 integration of one PagerDuty service."""

    name: str
    url: str
    routing_key: SecretStr
    http: httpx.AsyncClient

    async def send(self, page: Page) -> str:
        sent = await self._post(self._event(page))
        for key in page.earlier_keys:
            await self._post({"event_action": PageAct.RESOLVE.value, "dedup_key": key[:KEY]})
        return sent

    async def _post(self, event: dict[str, Any]) -> str:
        body = event | {"routing_key": self.routing_key.get_secret_value()}
        service = self._service()
        answer = service.object_in(await service.post(self.url, json.dumps(body).encode(), {}))
        return str(answer.get("dedup_key") or "")

    def _service(self) -> Service:
        return Service(
            called="PagerDuty",
            http=self.http,
            secrets=(self.routing_key,),
            repeatable=True,
            advice=f"compare routing_key of [[pager]] {self.name!r} with the integration's key",
        )

    def _event(self, page: Page) -> dict[str, Any]:
        event: dict[str, Any] = {"event_action": page.act.value, "dedup_key": page.ring_key[:KEY]}
        if page.act is not PageAct.TRIGGER:
            return event
        links = [{"href": page.url, "text": "What Seamwatch knows"}] if page.url else []
        return event | {"client": OUR_NAME, "links": links, "payload": _payload(page)}


def _payload(page: Page) -> Mapping[str, Any]:
    details = {plain(name): plain(value, FACT) for name, value in page.facts}
    return {
        "summary": plain(page.title, SUMMARY),
        "source": plain(page.key, KEY),
        "severity": SEVERITIES[page.severity],
        "timestamp": page.at.isoformat(),
        "custom_details": {"what": plain(page.sentence, FACT)} | details,
    }
