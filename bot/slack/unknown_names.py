"""What a silence names that nothing is called by: told to whoever begins it, and no obstacle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot import inventory
from bot.incidents.matchers import Matcher, Op
from bot.incidents.model import Severity
from bot.inventory import Inventory, Limits, Register
from bot.slack.desk import Desk
from bot.slack.named import nearest_names
from bot.slack.render.silences import unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    """What a label may say: the `shown` names, and those that are understood besides."""

    shown: Sequence[str]
    also: Sequence[str] = ()

    @property
    def all(self) -> list[str]:
        return [*self.shown, *self.also]


def unknown_names(desk: Desk, matchers: Sequence[Matcher]) -> list[str]:
    """A sentence for each check, team, severity, system and flow that there is none of; of systems
    and flows none before anything was read."""
    named = {**_of_ours(desk), **_of_the_estate(desk)}
    found = []
    for each in matchers:
        names = named.get(each.label)
        if names is None or each.op is Op.IS_NOT or _fits_some(each, names):
            continue
        near = nearest_names(each.value, names.all) if each.op is Op.IS else ()
        like = each.op is Op.LIKE
        found.append(unknown_name(each.label, each.value, near, names.shown, like=like))
    return found


def _fits_some(matcher: Matcher, names: _Names) -> bool:
    return any(matcher.matches({matcher.label: name}) for name in names.all)


def _of_ours(desk: Desk) -> dict[str, _Names]:
    """What the settings and we ourselves have names for."""
    return {
        "check": _Names(shown=_sorted(desk.check_titles)),
        "team": _Names(shown=_sorted(desk.rules.routes.teams)),
        "severity": _Names(shown=[each.word for each in Severity]),
    }


def _of_the_estate(desk: Desk) -> dict[str, _Names]:
    """What was read of systems and flows; nothing is said of those of which nothing was."""
    db = desk.store.db
    known = inventory.find_inventory(db)
    if known is None:
        return {}
    flows = _sorted(flow.name for flow in known.flows)
    systems = _systems(known, inventory.find_register(db), inventory.find_limits(db))
    named = {"flow": _Names(shown=flows), "system": _Names(shown=systems, also=_kinds(known))}
    return {label: names for label, names in named.items() if names.shown}


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
