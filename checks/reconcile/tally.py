"""What one side adds up to: records, exact sums by currency, the newest moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Context, Decimal

from checks.reconcile.model import Kind, Pairing, Role, Tally
from checks.reconcile.rows import CHANGED, UNDATED, VALUES, Plain, Row
from checks.reconcile.values import read_amount

EXACT = Context(prec=120)
"""More digits than a sum of amounts of 40 digits can have: nothing is ever rounded."""


class Adding:
    """Adds up rows; a field's amounts that are none are left out."""

    def __init__(self, pairing: Pairing, role: Role) -> None:
        names = [field.name for field in pairing.fields]
        self._own = pairing.side(role).currency
        self._money = [
            (place, field.name, names.index(field.currency) if field.currency else None)
            for place, field in enumerate(pairing.fields)
            if field.kind is Kind.MONEY and not field.personal
        ]
        self._sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
        self._records, self._repeats, self._newest = 0, 0, UNDATED

    def add(self, rows: Sequence[Plain] | Sequence[Row], records: int, repeats: int = 0) -> None:
        """Rows of so many records, so many of which repeat a key."""
        if not rows:
            return
        self._records += records
        self._repeats += repeats
        self._newest = max(self._newest, *(row[CHANGED] for row in rows))
        for place, name, currency_place in self._money:
            for row in rows:
                values = row[VALUES]
                amount = read_amount(values[place])
                if amount is not None:
                    currency = self._own if currency_place is None else values[currency_place]
                    self._sums[name, currency] = EXACT.add(self._sums[name, currency], amount)

    def tally(self) -> Tally:
        dated = self._newest != UNDATED
        return Tally(
            records=self._records,
            repeats=self._repeats,
            sums=dict(sorted(self._sums.items())),
            newest_at=datetime.fromtimestamp(self._newest, UTC) if dated else None,
        )
