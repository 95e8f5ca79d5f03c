"""Any other service: JSON posted to its address and signed as Standard Webhooks are.

Headers: `webhook-id` (the same for every attempt at one message), `webhook-timestamp` (Unix
seconds of the attempt), `webhook-signature` (`v1,` and the base64 of HMAC-SHA256 over
`id.timestamp.body`). The receiver answers 2xx. After a lost answer the same id may come again.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from bot.paging.model import Page
from bot.paging.posting import Service
from bot.web.signatures import standard_signature
from checks.words import plain

LINE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One address that takes signed JSON. `now` tells Unix seconds of real time."""

    name: str
    url: str
    signing_secret: SecretStr
    http: httpx.AsyncClient
    now: Callable[[], float] = time.time

    async def send(self, page: Page) -> str:
        body = _body(page)
        sent_id = page.row_id.replace(
            ".", "-"
        )  # a full stop would move the parts of what is signed
        timestamp = str(int(self.now()))
        headers = {
            "webhook-id": sent_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": standard_signature(self.signing_secret, sent_id, timestamp, body),
        }
        await self._service().post(self.url, body, headers)
        return sent_id

    def _service(self) -> Service:
        return Service(
            called=f"the webhook {self.name!r}",
            http=self.http,
            secrets=(self.signing_secret,),
            repeatable=False,
            advice="see that it knows the signing secret and takes what docs/paging.md describes",
        )


def _body(page: Page) -> bytes:
    data = {
        "key": page.key,
        "incident": page.incident_id,
        "title": plain(page.title, LINE),
        "sentence": plain(page.sentence, LINE),
        "severity": page.severity,
        "by": plain(page.by),
        "url": page.url,
        "facts": {plain(name): plain(value, LINE) for name, value in page.facts},
    }
    told = {"type": f"incident.{page.act}", "timestamp": page.at.isoformat(), "data": data}
    return json.dumps(told, ensure_ascii=False).encode()
