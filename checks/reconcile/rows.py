"""A record as it is kept for comparing: a small plain tuple in the common form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from hashlib import blake2b
from typing import Final, NamedTuple

from checks.reconcile.classes import cuts
from checks.reconcile.model import Field, Kind, Pairing, Record, Role, Value
from checks.reconcile.values import form_of, key_form, loose, text
from checks.reconcile.window import Window

Plain = tuple[str, str, tuple[str, ...], tuple[str, ...], str, float, bool, str]
"""What is kept on disk; a Row once somebody looks at it."""
GROUP: Final = 0
KEYED: Final = 1
VALUES: Final = 2
CHANGED: Final = 5
WITHIN: Final = 6
UNDATED = 0.0


class Row(NamedTuple):
    """`group` is the key without what a change of type takes from it. `values` are in the order of
    the pairing's fields, personal ones as digests; `cuts` are the digests of what may be left of
    them, "field digest". `changed` is in seconds since 1970; `within`: it belongs to the window.
    """

    group: str
    key: str
    values: tuple[str, ...]
    cuts: tuple[str, ...]
    id: str
    changed: float
    within: bool
    place: str


class Rows:
    """Makes the rows of one side. `lacks_keys`: some records have none, and are left out."""

    def __init__(self, pairing: Pairing, window: Window, role: Role, salt: bytes) -> None:
        self._side, self._window, self._salt = pairing.side(role), window, salt
        self._key = key_form(pairing, self._side)
        currencies = {field.currency for field in pairing.fields if field.currency}
        self._forms = tuple(
            (field.name_in(role), self._form(field, field.name in currencies))
            for field in pairing.fields
        )
        cut = role is Role.SOURCE
        self._cut = tuple(
            (place, field)
            for place, field in enumerate(pairing.fields)
            if cut and field.personal and field.limit is not None and field.kind is Kind.TEXT
        )
        self._role = role
        self.lacks_keys = False

    def make(self, records: Iterable[Record]) -> Iterator[Plain]:
        """The rows of records; one without a key has none."""
        forms, key_of, holds = self._forms, self._key, self._window.holds
        own = self._side.place
        for record in records:
            key = key_of(record.key)
            if not key:
                self.lacks_keys = True
                continue
            told = record.fields
            values = tuple([form(told.get(name)) for name, form in forms])
            changed = record.changed_at
            yield (
                loose(key),
                key,
                values,
                self._cuts(record) if self._cut else (),
                record.id,
                changed.timestamp() if changed else UNDATED,
                record.at is None or holds(record.at),
                record.place or own,
            )

    def _form(self, field: Field, is_currency: bool) -> Callable[[Value], str]:
        form = form_of(field, self._side, is_currency=is_currency)
        return (lambda value: self._digest(form(value))) if field.personal else form

    def _cuts(self, record: Record) -> tuple[str, ...]:
        found = []
        for place, field in self._cut:
            told = text(record.fields.get(field.name_in(self._role)))
            whole = told.casefold() if field.ignore_case else told
            left = cuts(whole, field.limit or 0)
            found += [f"{place} {self._digest(piece)}" for piece in sorted(left)]
        return tuple(found)

    def _digest(self, told: str) -> str:
        """Nothing stays nothing: that a value is gone may be said."""
        return told and blake2b(told.encode(), key=self._salt, digest_size=16).hexdigest()
