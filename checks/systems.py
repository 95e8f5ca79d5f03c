"""Finds the systems we can read: every module of `checks/connectors` declares its `CONNECTORS`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType

from checks import connectors
from checks.declare import Connector


class NoConnector(Exception):
    """A module of the connectors does not declare its systems as it should."""


def all_connectors(package: ModuleType = connectors) -> Mapping[str, Connector]:
    """Every connector by its kind, in order. Raises NoConnector in one sentence: what to do."""
    found: dict[str, Connector] = {}
    homes: dict[str, str] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        home = f"{package.__name__}.{name}"
        for connector in _declared_in(home):
            kind = connector.kind
            if kind in found:
                raise NoConnector(
                    f"{home} declares the kind {kind!r}, which {homes[kind]} has already: "
                    "rename one of them."
                )
            found[kind], homes[kind] = connector, home
    return dict(sorted(found.items()))


def _declared_in(home: str) -> tuple[Connector, ...]:
    declared = getattr(importlib.import_module(home), "CONNECTORS", None)
    if not isinstance(declared, tuple) or not declared:
        raise NoConnector(
            f"{home} declares no connector: write CONNECTORS = (Connector(...),) in it, "
            "or move the module out of the connectors."
        )
    for connector in declared:
        if not isinstance(connector, Connector):
            raise NoConnector(
                f"{home} has {type(connector).__name__} among its CONNECTORS: "
                "only Connector(...) belongs there."
            )
    return declared
