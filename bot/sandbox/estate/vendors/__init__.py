"""Look-alikes of the vendors that the made-up company uses: a file each, found by being here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from bot.sandbox.estate.vendors.vendor import Shop


@cache
def all_shops() -> tuple[Shop, ...]:
    """Every shop of every module with SHOPS, by name. Raises ValueError for a name used twice."""
    found: dict[str, Shop] = {}
    for module in iter_modules(__path__):
        shops: tuple[Shop, ...] = getattr(import_module(f"{__name__}.{module.name}"), "SHOPS", ())
        for shop in shops:
            if shop.name in found:
                raise ValueError(f"two vendors are called {shop.name!r}; rename one")
            found[shop.name] = shop
    return tuple(found[name] for name in sorted(found))
