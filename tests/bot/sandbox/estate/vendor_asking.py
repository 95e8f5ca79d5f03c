"""How the tests ask look-alikes directly: at a moment, of books with one record a second."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from bot.sandbox.estate.vendors.loss import Loss
from bot.sandbox.estate.vendors.vendor import Answered, Asked, Vendor

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR_AGO = NOON - timedelta(hours=1)
BEGAN = NOON - timedelta(days=1)


class Books:
    """One record of everything a second, since a day before noon."""

    def __init__(self) -> None:
        self.loss = Loss()

    def changed(self, entity: str, since: datetime, until: datetime) -> int:
        assert entity in {"orders", "products", "customers", "inventory"}
        assert since.tzinfo is UTC
        assert until.tzinfo is UTC
        return max(0, int((until - max(since, BEGAN)).total_seconds()))


class Caller:
    """Asks one look-alike with the headers of its credential."""

    def __init__(self, vendor: Vendor, **headers: str) -> None:
        self.vendor = vendor
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.at = NOON

    def pass_time(self, **amount: float) -> None:
        self.at += timedelta(**amount)

    def get(self, path: str, **query: str) -> Answered:
        return self.ask("GET", path, query)

    def post(self, path: str, body: object = None, *, form: bool = False) -> Answered:
        sent = urlencode(body) if form and isinstance(body, dict) else json.dumps(body)
        return self.ask("POST", path, {}, sent.encode())

    def ask(self, method: str, path: str, query: dict[str, str], body: bytes = b"") -> Answered:
        return self.vendor.answer(
            Asked(
                method=method,
                path=path,
                query=query,
                headers=self.headers,
                body=body,
                at=self.at,
            )
        )


def data(answered: Answered, status: int = 200) -> Any:
    """The JSON of an answer that has the status."""
    assert answered.status == status, answered.body
    return json.loads(answered.body)
