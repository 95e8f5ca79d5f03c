"""The alerts API that Opsgenie had first and Jira Service Management has taken over.

An alert is known by its alias, so that a copy only raises its count, and calls nobody while it is
acknowledged: what rings again has an alias of its own, and the older is closed. Requests are taken
with HTTP 202 and carried out later. https://docs.opsgenie.com/docs/alert-api (fields and their
lengths), https://docs.opsgenie.com/docs/response (codes)
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from bot.paging.model import OUR_NAME, Page, PageAct, alias_of
from bot.paging.posting import Service
from checks.words import plain

MESSAGE = 130
DESCRIPTION = 15_000
NAME = 100
FACT = 500
MOST_FACTS = 12  # all details together may have 8,000 characters
PRIORITIES = {"low": "P4", "high": "P2", "critical": "P1"}
PATHS = {PageAct.ACKNOWLEDGE: "acknowledge", PageAct.RESOLVE: "close"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """One API integration. `url` is where `/alerts` begins; `called` is the service's own name."""

    name: str
    called: str
    url: str
    api_key: SecretStr
    http: httpx.AsyncClient

    async def send(self, page: Page) -> str:
        sent = await self._post(self._address(page), _body(page))
        close = _ours(page) | {"note": "It rings again, or is over."}
        for key in page.earlier_keys:
            await self._post(self._act_on(key, PageAct.RESOLVE), close)
        return sent

    async def _post(self, address: str, told: dict[str, Any]) -> str:
        service = self._service()
        headers = {"Authorization": f"GenieKey {self.api_key.get_secret_value()}"}
        body = json.dumps(told).encode()
        answer = service.object_in(await service.post(address, body, headers))
        return str(answer.get("requestId") or "")

    def _address(self, page: Page) -> str:
        if page.act is PageAct.TRIGGER:
            return self._alerts
        return self._act_on(page.ring_key, page.act)

    def _act_on(self, key: str, act: PageAct) -> str:
        return f"{self._alerts}/{alias_of(key)}/{PATHS[act]}?identifierType=alias"

    @property
    def _alerts(self) -> str:
        return self.url.rstrip("/") + "/alerts"

    def _service(self) -> Service:
        return Service(
            called=self.called,
            http=self.http,
            secrets=(self.api_key,),
            repeatable=True,
            advice=f"compare api_key of [[pager]] {self.name!r} with the integration's key, and"
            " see that the integration is switched on",
        )


def _ours(page: Page) -> dict[str, Any]:
    """`user` begins with our name: by that our own acts are known when they are called back."""
    return {"source": OUR_NAME, "user": plain(f"{OUR_NAME}: {page.by}", NAME)}


def _body(page: Page) -> dict[str, Any]:
    ours = _ours(page)
    if page.act is not PageAct.TRIGGER:
        return ours | {"note": plain(page.sentence, FACT)}
    facts = {plain(name): plain(value, FACT) for name, value in page.facts[:MOST_FACTS]}
    lines = (plain(page.sentence, DESCRIPTION // 2), page.url)
    return ours | {
        "message": plain(page.title, MESSAGE),
        "alias": alias_of(page.ring_key),
        "description": "\n".join(filter(None, lines))[:DESCRIPTION],
        "details": facts,
        "priority": PRIORITIES[page.severity],
    }
