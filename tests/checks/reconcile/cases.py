"""A pairing of a shop and its books, and short ways to make records of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from checks.reconcile.compare import Again, Comparison
from checks.reconcile.model import Difference, Field, Kind, Outcome, Pairing, Record, Role, Side
from checks.reconcile.window import Window

SINCE = datetime(2026, 11, 21, 10, tzinfo=UTC)
UNTIL = SINCE + timedelta(hours=2)
WINDOW = Window(since=SINCE, until=UNTIL)
READ_AT = UNTIL + timedelta(hours=1)
FIELDS = (
    Field(name="total", kind=Kind.MONEY, currency="currency"),
    Field(name="currency"),
    Field(name="lines", kind=Kind.INTEGER),
    Field(name="due", kind=Kind.INSTANT),
    Field(name="street", limit=20),
    Field(name="note"),
    Field(name="e-mail", personal=True, ignore_case=True),
    Field(name="name", personal=True, limit=12),
)
SALT = b"0123456789abcdef"


def pairing(**told) -> Pairing:
    start = {
        "name": "orders of the shop",
        "entity": "orders",
        "source": Side(system="shop", place="orders"),
        "target": Side(system="books", place="salesOrders"),
        "fields": FIELDS,
    }
    return Pairing(**(start | told))


def order(key, *, place="", id=None, at=SINCE + timedelta(minutes=30), changed_at=None, **fields):  # noqa: A002 (the record's word)
    usual = {"total": Decimal("12.50"), "currency": "GBP", "lines": 3, "street": "1 Long Acre"}
    return Record(
        key=key,
        fields=usual | {name.replace("_", "-"): value for name, value in fields.items()},
        id=str(key) if id is None else id,
        place=place,
        at=at,
        changed_at=changed_at or at,
    )


def compare(
    source,
    target,
    *,
    paired=None,
    window=WINDOW,
    read_at=READ_AT,
    again=None,
    whole=True,
    asked=True,
) -> tuple[Outcome, list[Difference]]:
    """`again` tells what is there at second look, by key; `asked`: that nothing changed till then.

    The whole way: read, look, ask again, settle.
    """
    paired, found = paired or pairing(), []
    with Comparison(paired, window, read_at=read_at, salt=SALT) as comparison:
        comparison.add(Role.SOURCE, source)
        comparison.add(Role.TARGET, target)
        if whole:
            for role in Role:
                for place in paired.side(role).places:
                    comparison.read_whole(role, place)
        keys = comparison.look()
        if again is None and asked:
            again = Again(
                at=read_at,
                source={key: told_again(paired, window, Role.SOURCE, source, key) for key in keys},
                target={key: told_again(paired, window, Role.TARGET, target, key) for key in keys},
            )
        outcome = comparison.settle(again, found.append)
    return outcome, found


def told_again(paired, window, role, records, key):
    """What a side tells of a key when asked for it: every record once, in its newest version."""
    from checks.reconcile.rows import Rows

    made = ((record, list(Rows(paired, window, role, SALT).make([record]))) for record in records)
    newest = {}
    for record, rows in made:
        if rows and rows[0][1] == key:
            known = newest.get((record.place, record.id))
            if known is None or not record.changed_at or known.changed_at <= record.changed_at:
                newest[record.place, record.id] = record
    return list(newest.values())


def shown(differences):
    """Kind, key and field, as they are easily compared."""
    return sorted((each.kind.value, each.key, each.field) for each in differences)
