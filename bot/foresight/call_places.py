"""Where the calls of an allowance stand, and how its bucket drains: what demands are made by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.foresight.call_history import MINUTE, Source
from bot.store.calls import OPERATIONS
from bot.store.imports import PLATFORM, of_instance, of_system
from bot.usage import Around
from checks.allowances.look import kind_of
from checks.limits import Allowance


class CallPlaces:
    """Where the calls of allowances stand, and what the settings say of those of systems."""

    def __init__(self, around: Around, drawn: Iterable[Allowance]) -> None:
        self._around = around
        self._settings = {each.name: each for each in around.settings.system}
        self._names = {each.id: each.name.casefold() for each in around.inventory.instances}
        self._alike = Counter(self._names.values())
        self._alone = dict(_alone(drawn))

    def source(self, allowance: Allowance) -> Source:
        kind, ids = kind_of(allowance), allowance.instance_ids
        if kind == "platform":
            return Source(parts=((OPERATIONS[0], PLATFORM),))
        whole = ""
        if kind == "system":
            whole = of_system(allowance.system)
        elif kind == "instance" and allowance.id.split("/")[1] in self._alone:
            whole = of_system(self._alone[allowance.id.split("/")[1]])
        return Source(parts=tuple(map(self._subjects, ids)), whole=whole)

    def _subjects(self, instance_id: str) -> tuple[str, ...]:
        """Observed, imported by its id, imported by its name where no other has the same."""
        name = self._names.get(instance_id, "")
        by_name = (of_instance(name),) if name and self._alike[name] == 1 else ()
        return (f"instance/{instance_id}", of_instance(instance_id), *by_name)

    def counts_a_part(self, allowance: Allowance) -> bool:
        """Whether it counts the calls of one endpoint or tier alone, which nobody tells apart."""
        settings = self._settings.get(allowance.system) if kind_of(allowance) == "system" else None
        known = {limit.name for limit in settings.connector.limits} if settings else set()
        return bool(known) and allowance.name not in known

    def drains_a_minute(self, allowance: Allowance) -> float | None:
        """By the one number that the vendor publishes, or the operator declares."""
        settings = self._settings.get(allowance.system)
        for limit in settings.declared.limits if settings else ():
            if limit.name == allowance.name and len(limit.published) == 1:
                published = limit.published[0]
                return published.amount * (MINUTE / published.per) if published.per else None
        return None

    def holds(self, allowance: Allowance) -> float:
        """What the bucket holds, as the system told at the last look; 0 where it never did."""
        for system in self._around.systems:
            for limit in system.limits if system.name == allowance.system else ():
                if limit.name == allowance.name:
                    return limit.size or 0.0
        return 0.0


def _alone(drawn: Iterable[Allowance]) -> Iterator[tuple[str, str]]:
    """The instances that are all that a system has, with its name."""
    for each in drawn:
        if kind_of(each) == "system" and len(each.instance_ids) == 1:
            yield each.instance_ids[0], each.system
