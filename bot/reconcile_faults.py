"""What `[[reconcile]]` names and no system has: told before the first comparison fails by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from bot.system_settings import PATCHWORKS
from checks.declare import NotOffered
from checks.listing import Records
from checks.systems import all_connectors

Told = Mapping[str, object]


def reconcile_faults(told: Told) -> Iterator[str]:
    """One sentence for each name that leads nowhere. `told` is the file as it stands."""
    systems = {str(each.get("name")): str(each.get("kind")) for each in _tables(told, "system")}
    for table in _tables(told, "reconcile"):
        about = f"[[reconcile]] {str(table.get('name', ''))[:60]!r}"
        for role in ("source", "target"):
            side = _side(table.get(role))
            name = str(side.get("system", ""))
            if name in systems:
                yield from _list_faults(f"{about} {role}", table, role, side, systems[name])
            elif name and name != PATCHWORKS:
                yield f"{about} {role} names {name!r}; {_instead(name, [*systems, PATCHWORKS])}"


def _list_faults(about: str, table: Told, role: str, side: Told, kind: str) -> Iterator[str]:
    connector = all_connectors().get(kind)
    if connector is None or table.get("depth") == "totals":
        return  # the kind has a fault of its own; totals may do with counts
    lists = () if isinstance(connector.lists, NotOffered) else connector.lists
    entity = str(table.get("entity", "orders"))
    if not lists:
        yield f'{about}: {connector.title} lists no records one by one; expected depth = "totals"'
        return
    also = side.get("also_in")
    places = [str(side.get("place", "")), *(also if isinstance(also, list) else [])]
    for place in places:
        found = next((each for each in lists if _is_meant(each, entity, place)), None)
        if found is None:
            yield f"{about} has no list {place or entity!r}; {_lists(lists)}"
        else:
            yield from _field_faults(about, table, role, side, found)


def _is_meant(records: Records, entity: str, place: str) -> bool:
    return records.place == place if place else records.entity == entity


def _field_faults(
    about: str, table: Told, role: str, side: Told, records: Records
) -> Iterator[str]:
    if records.any_field:
        return
    known = [each.name for each in records.fields]
    key = str(side.get("key", ""))
    if key and key not in known and key not in {each.field for each in records.keys}:
        yield f"{about}: {key!r} is no key of {records.place}; {_instead(key, known)}"
    for field in _tables(table, "field"):
        name = str(field.get(role) or field.get("name", ""))
        if name and name not in known:
            yield f"{about}: {records.place} has no field {name!r}; {_instead(name, known)}"


def _lists(lists: Sequence[Records]) -> str:
    return f"expected one of {', '.join(f'{each.place} ({each.entity})' for each in lists)}"


def _instead(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(known)}"


def _side(told: object) -> Told:
    if isinstance(told, str):
        return {"system": told}
    return told if isinstance(told, Mapping) else {}


def _tables(told: Told, key: str) -> list[Told]:
    found = told.get(key)
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
