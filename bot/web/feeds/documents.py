"""What a reader of OData asks first: which entity sets there are, what their columns hold. Pure.

https://docs.oasis-open.org/odata/odata-csdl-xml/v4.01/odata-csdl-xml-v4.01.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import quoteattr

from bot.export.tables import Column, Holds, Table
from checks.reconcile.values import SUM_DECIMALS, SUM_DIGITS

SPACE = "Seamwatch"
TYPES: Mapping[Holds, str] = {
    Holds.TEXT: 'Type="Edm.String"',
    Holds.WHOLE: 'Type="Edm.Int64"',
    Holds.NUMBER: 'Type="Edm.Double"',
    Holds.AMOUNT: f'Type="Edm.Decimal" Precision="{SUM_DIGITS}" Scale="{SUM_DECIMALS}"',
    Holds.YES_NO: 'Type="Edm.Boolean"',
    Holds.TIME: 'Type="Edm.DateTimeOffset" Precision="6"',
    Holds.DAY: 'Type="Edm.Date"',
    Holds.KEY: 'Type="Edm.String"',
}


def service(root: str, tables: Iterable[Table]) -> str:
    """The service document; `root` is the address that ends with a slash."""
    sets = [{"name": each.name, "kind": "EntitySet", "url": each.name} for each in tables]
    return json.dumps({"@odata.context": f"{root}$metadata", "value": sets})


def metadata(tables: Iterable[Table]) -> str:
    """The model as CSDL in XML."""
    told = list(tables)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx">',
        "<edmx:DataServices>",
        f'<Schema Namespace="{SPACE}" xmlns="http://docs.oasis-open.org/odata/ns/edm">',
        *(line for each in told for line in _entity(each)),
        '<EntityContainer Name="Tables">',
        *(f'<EntitySet Name="{each.name}" EntityType="{SPACE}.{each.name}"/>' for each in told),
        "</EntityContainer>",
        "</Schema>",
        "</edmx:DataServices>",
        "</edmx:Edmx>",
    ]
    return "\n".join(lines)


def _entity(table: Table) -> Iterator[str]:
    yield f"<EntityType Name={quoteattr(table.name)}>"
    yield "<Key>"
    yield from (f"<PropertyRef Name={quoteattr(name)}/>" for name in table.key)
    yield "</Key>"
    yield from map(_property, table.columns)
    yield "</EntityType>"


def _property(column: Column) -> str:
    lacking = "" if column.may_lack else ' Nullable="false"'
    return f"<Property Name={quoteattr(column.name)} {TYPES[column.holds]}{lacking}/>"
