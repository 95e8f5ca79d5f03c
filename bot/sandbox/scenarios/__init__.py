"""The sandbox's scenarios: one small file each, found by being here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bot.sandbox.scenarios.scenario import Scenario

_NOT_A_SCENARIO = "scenario"


class UnknownScenario(KeyError):
    """Nobody wrote a scenario of that name; the text says which there are."""

    def __str__(self) -> str:
        return str(self.args[0])


@cache
def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by its name, in the order of the names."""
    modules = sorted(module.name for module in iter_modules(__path__))
    found: dict[str, Scenario] = {}
    for module in modules:
        if module != _NOT_A_SCENARIO:
            scenario: Scenario = import_module(f"{__name__}.{module}").SCENARIO
            found[scenario.name] = scenario
    return found


def find(name: str) -> Scenario:
    """Find a scenario by its name. Raises UnknownScenario, which lists the names that exist."""
    try:
        return all_scenarios()[name]
    except KeyError:
        known = ", ".join(all_scenarios())
        raise UnknownScenario(f"no scenario is called {name!r}; choose one of {known}") from None
