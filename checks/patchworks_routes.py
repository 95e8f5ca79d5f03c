"""Every path of the Patchworks Core API that we read, in one table, and how sure we are of each.

Patchworks publishes its API page by page under
https://doc.wearepatchworks.com/product-documentation/developer-hub/patchworks-api; some paths are
named there or in its public client (https://github.com/gopatchworks/patchworks-mcp), others follow
from its naming only. The settings may override any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import quote


class Certainty(StrEnum):
    """How we know a path: seen in Patchworks' own material, or follows from its naming."""

    CONFIRMED = "confirmed"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A path below the Core API's host; `{id}` stands for the thing asked about.

    `noun` is what people call one of the things that it answers with.
    """

    path: str
    noun: str
    certainty: Certainty

    def fill(self, thing_id: str = "") -> str:
        return self.path.replace("{id}", quote(thing_id, safe=""))

    @property
    def of_one(self) -> bool:
        return "{id}" in self.path


def _confirmed(path: str, noun: str) -> Route:
    return Route(path=path, noun=noun, certainty=Certainty.CONFIRMED)


def _inferred(path: str, noun: str) -> Route:
    return Route(path=path, noun=noun, certainty=Certainty.INFERRED)


ROUTES: Mapping[str, Route] = MappingProxyType(
    {
        "flows": _confirmed("/api/v1/flows", "flow"),
        "runs": _confirmed("/api/v1/flow-runs", "run"),
        "run": _confirmed("/api/v1/flow-runs/{id}", "run"),
        "run_log": _confirmed("/api/v1/flow-runs/{id}/flow-run-logs", "log line"),
        "waiting": _inferred("/api/v1/scheduled-flows", "queued job"),
        "instances": _inferred("/api/v1/connectors", "instance"),
        "pools": _confirmed("/api/v1/connection-pools", "connection pool"),
        "tracked": _inferred("/api/v1/tracked-data", "tracked value"),
        "dedupe_pools": _confirmed("/api/v1/data-pool", "de-dupe pool"),
        "pool_entries": _confirmed("/api/v1/data-pool/{id}/deduped-data", "pool entry"),
        "allowances": _inferred("/api/v1/allowances", "allowance"),
        "activities": _confirmed("/api/v1/activity-logs", "activity"),
        "deployments": _confirmed("/api/v1/flow-version-deployments", "deployment"),
    }
)


def override(routes: Mapping[str, str]) -> Mapping[str, Route]:
    """ROUTES with these paths in place of its own. Raises ValueError in one sentence."""
    for name, path in routes.items():
        if fault := route_fault(name, path):
            raise ValueError(fault)
    changed = {name: replace(ROUTES[name], path=path) for name, path in routes.items()}
    return MappingProxyType({**ROUTES, **changed})


def route_fault(name: str, path: str) -> str:
    """What is wrong with a path given for a route, in one sentence; "" when it will do."""
    if name not in ROUTES:
        return f'unknown route "{name}": expected one of {", ".join(ROUTES)}'
    fault = _fault(ROUTES[name], path)
    return f'route "{name}": expected {fault}, found "{path}"' if fault else ""


def _fault(route: Route, path: str) -> str:
    if not path.startswith("/") or not path.isascii() or not path.isprintable():
        return f'a path that begins with "/", such as "{route.path}"'
    if set(path) & set("?# "):
        return "a path without a query"
    if path.count("{id}") != route.of_one or set(path.replace("{id}", "")) & set("{}"):
        return f'"{{id}}" where "{route.path}" has it' if route.of_one else 'no "{" or "}"'
    return ""
