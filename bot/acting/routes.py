"""What the settings may name for acts that Patchworks' public API does not confirm. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote

from bot.acting.proposal import Approval, Deed

UNCONFIRMED = (Deed.RETRY, Deed.STOP, Deed.DISABLE, Deed.PRIORITY)
METHODS = ("POST", "PUT", "PATCH")
EXAMPLES: Mapping[Deed, str] = {
    Deed.RETRY: "POST /api/v1/flow-runs/{id}/retry",
    Deed.STOP: "POST /api/v1/flow-runs/{id}/stop",
    Deed.DISABLE: 'PATCH /api/v1/flows/{id} {"is_enabled": false}',
    Deed.PRIORITY: 'PATCH /api/v1/flows/{id} {"priority": {value}}',
}
MENUS: Mapping[Deed, str] = {
    Deed.START: "process flows > process flows, open the flow, Run",
    Deed.REPLAY: "run logs, open the failed run, payload",
    Deed.RETRY: "run logs, open the failed run, Retry",
    Deed.STOP: "run logs > active, open the run, Stop",
    Deed.DISABLE: "process flows > process flows, the flow's switch",
    Deed.PRIORITY: "process flows > process flows, open the flow, settings",
}
"""Where a person does the same in the dashboard."""
_ROUTE = re.compile(r"([A-Z]+) +(/[^\s?#]*)(?: +(\{.*\}))?", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRoute:
    """A request below the Core API's host. `{id}` in the path stands for the run or flow, and
    `{value}` in the body (JSON, "" for none) for what is to be set."""

    method: str
    path: str
    body: str = ""

    def fill(self, thing_id: str) -> str:
        return self.path.replace("{id}", quote(thing_id, safe=""))

    def fill_body(self, value: str) -> dict[str, object] | None:
        """Raises ValueError for what is no JSON object."""
        return _object(self.body.replace("{value}", json.dumps(_number(value))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRules:
    """How acts are approved, how long a proposal stands, and the routes that the settings name."""

    approval: Approval = Approval.SECOND_PERSON
    expires: timedelta = timedelta(minutes=30)
    routes: Mapping[Deed, ActRoute] = field(default_factory=dict)

    def offers(self, deed: Deed) -> bool:
        """Whether it can be done from here."""
        return deed not in UNCONFIRMED or deed in self.routes


def read_route(deed: Deed, told: str) -> ActRoute:
    """A route as the settings write it. Raises ValueError in one sentence."""
    found = _ROUTE.fullmatch(told.strip())
    route = ActRoute(method=found[1], path=found[2], body=found[3] or "") if found else None
    if route is None or route.method not in METHODS or route.path.count("{id}") != 1:
        raise ValueError(f'{deed}: expected a request such as "{EXAMPLES[deed]}", found "{told}"')
    if (deed is Deed.PRIORITY) != ("{value}" in route.body):
        raise ValueError(f'{deed}: "{{value}}" stands in the body of priority, and only there')
    route.fill_body("1")
    return route


def _number(value: str) -> int | str:
    return int(value) if value.isdecimal() and len(value) < 10 else value


def _object(text: str) -> dict[str, object] | None:
    if not text:
        return None
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"expected a body that is a JSON object, found {text[:80]!r}") from None
    return body if isinstance(body, dict) else None
