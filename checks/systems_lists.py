"""The table of every list of records, made from the declarations, for docs/systems.md."""

from __future__ import annotations

from collections.abc import Iterator

from checks.declare import Connector, NotOffered
from checks.listing import Listed, Records

LISTS_HEAD = """
## What can be compared record by record

A side of a `[[reconcile]]` names a system, a `place` (without one the first of the entity is read)
and may name another `key` than the first; what is in brackets the system cannot be asked for one by
one, so that a record that seems missing cannot be looked for. By created: a window holds what was
created in it; by changed: what last changed in it, so that a record that changes again leaves it.
Fields in *italics* are customers' data: they are compared and never shown. Any other field can be
had by its path in the system's own answer, such as `shippingAddress.address1`.

| kind | entity | place | by | keys | fields | to know |
| --- | --- | --- | --- | --- | --- | --- |
"""


def rows_of_lists(connector: Connector) -> Iterator[str]:
    """A row for each list, or one that says why there is none."""
    kind = f"`{connector.kind}`"
    if isinstance(connector.lists, NotOffered):
        yield f"| {kind} | none | | | | | {connector.lists.why} |"
        return
    for records in connector.lists:
        cells = (
            kind,
            records.entity,
            f"`{records.place}`",
            records.by.value,
            _keys(records),
            ", ".join(map(_field, records.fields)),
            records.note,
        )
        yield f"| {' | '.join(cells)} |"


def _keys(records: Records) -> str:
    told = (
        f"[{key.field}]" if isinstance(key.call, NotOffered) else key.field for key in records.keys
    )
    return ", ".join(told) + (", any field" if records.other else "")


def _field(listed: Listed) -> str:
    return f"*{listed.name}*" if listed.personal else listed.name
