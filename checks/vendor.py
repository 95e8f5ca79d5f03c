"""Reads a vendor's public status page: evidence beside our own findings, never a verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from checks.answers import excerpt
from checks.reading import find

WELL = frozenset({"operational", "under_maintenance"})
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What the vendor says about its own components at a moment (UTC).

    `troubled` names each component that is not well, with its state; `incidents` are the open
    ones, by title. Foreign text, made short and printable.
    """

    at: datetime
    troubled: tuple[str, ...]
    incidents: tuple[str, ...]


def read_vendor(data: object, own: tuple[str, ...], at: datetime) -> Vendor:
    """A Statuspage's summary or component list, https://metastatuspage.com/api.

    `own` are names of components, or of groups of them, that concern us; empty: all of them.
    Raises ValueError when there is no such list, or nothing of ours in it.
    """
    components = _rows(find(data, "components"))
    groups = {row.get("id"): row.get("name") for row in components if row.get("group")}
    ours = [row for row in components if not row.get("group") and _is_own(row, groups, own)]
    if not ours:
        raise ValueError("the status page lists none of the components that concern us")
    troubled = [row for row in ours if row.get("status") not in WELL]
    return Vendor(
        at=at,
        troubled=_said(f"{row.get('name')}: {_plain(row.get('status'))}" for row in troubled),
        incidents=_said(
            str(row.get("name"))
            for row in _rows(find(data, "incidents"))
            if _concerns(row, {each.get("name") for each in ours}, own)
        ),
    )


def _rows(value: object) -> list[Mapping[str, object]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _is_own(
    row: Mapping[str, object], groups: Mapping[object, object], own: tuple[str, ...]
) -> bool:
    group = row.get("group_id")
    names = (row.get("name"), groups.get(group) if isinstance(group, str) else None)
    return not own or any(name in own for name in names)


def _concerns(incident: Mapping[str, object], ours: set[object], own: tuple[str, ...]) -> bool:
    """An incident that names no component concerns everybody."""
    named = {row.get("name") for row in _rows(incident.get("components"))}
    return not own or not named or bool(named & ours)


def _plain(status: object) -> str:
    return str(status).replace("_", " ")


def _said(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(excerpt(text) for text in texts)[:MOST_NAMED]
