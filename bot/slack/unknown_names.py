"""What a silence names that nothing is called by: told to whoever begins it, and no obstacle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot import inventory
from bot.incidents.matchers import Matcher, Op
from bot.inventory import Inventory, Limits, Register
from bot.slack.named import nearest_names
from bot.slack.render.silences import unknown_name
from bot.store import Database


def unknown_names(db: Database, matchers: Sequence[Matcher]) -> list[str]:
    """A sentence for each system and flow that is unknown; none before anything was read."""
    known = inventory.find_inventory(db)
    if known is None:
        return []
    flows = _sorted(flow.name for flow in known.flows)
    systems = _systems(known, inventory.find_register(db), inventory.find_limits(db))
    named = {"flow": (flows, flows), "system": (systems, [*systems, *_kinds(known)])}
    found = []
    for each in matchers:
        names, accepted = named.get(each.label, ([], []))
        if each.op is Op.IS and names and each.value.casefold() not in map(str.casefold, accepted):
            near = nearest_names(each.value, accepted)
            found.append(unknown_name(each.label, each.value, near, names))
    return found


def _systems(known: Inventory, register: Register | None, limits: Limits | None) -> list[str]:
    """By the names that people give them in the settings and in Patchworks."""
    held = [each.held.system for each in register.credentials] if register else []
    allowed = [each.allowance.system for each in limits.allowances] if limits else []
    return _sorted([*(each.name for each in known.instances), *held, *allowed])


def _kinds(known: Inventory) -> list[str]:
    """What a system may be called besides."""
    return _sorted([*known.kinds.values(), *(each.system for each in known.instances)])


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name}, key=str.casefold)
