"""Finds the checks: every module of `checks/catalogue` declares one as `CHECK`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any, Generic, TypeVar

from checks import catalogue
from checks.model import Verdict
from checks.policy import CheckPolicy

EvidenceT = TypeVar("EvidenceT")
PolicyT = TypeVar("PolicyT", bound=CheckPolicy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Generic[EvidenceT, PolicyT]):
    """A question asked on schedule.

    `judge` is pure: evidence, policy and now in, verdicts out. `policy` makes the thresholds of
    `[checks.<name>]` in the settings. `interval` None means in every round. `runbook` is the
    page's name without its ending. `needs` says which part of a round's evidence it judges:
    "queue" (the run queue and its flows) or "sight" (what could be read, and what not).
    """

    name: str
    title: str
    judge: Callable[[EvidenceT, PolicyT, datetime], tuple[Verdict, ...]]
    policy: type[PolicyT]
    runbook: str
    needs: str
    interval: timedelta | None = None


class NoCheck(Exception):
    """A module of the catalogue does not declare its check as it should."""


def discover(package: ModuleType = catalogue) -> Mapping[str, Check[Any, Any]]:
    """All checks of the catalogue by name. Raises NoCheck in one sentence that says what to do."""
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: _check_of(package.__name__, name) for name in names}


def _check_of(package: str, name: str) -> Check[Any, Any]:
    found = getattr(importlib.import_module(f"{package}.{name}"), "CHECK", None)
    if not isinstance(found, Check):
        raise NoCheck(
            f"{package}.{name} declares no check: write CHECK = Check(...) in it, "
            "or move the module out of the catalogue."
        )
    if found.name != name:
        raise NoCheck(f"{package}.{name} calls its check {found.name!r}: name it {name!r}.")
    return found
