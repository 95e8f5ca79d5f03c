"""The words of reconciliation: what is compared with what, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from enum import StrEnum

Value = str | int | float | Decimal | datetime | None
"""What systems tell of a field, as it comes out of JSON or CSV."""
KEY = "key"
"""Stands for the field's name where it is the key itself that differs."""
SECOND = timedelta(seconds=1)


class Role(StrEnum):
    """Where a record comes from and where it is to arrive."""

    SOURCE = "source"
    TARGET = "target"


class Kind(StrEnum):
    """How a field's values are compared."""

    TEXT = "text"
    MONEY = "money"  # exact decimals in a currency
    INTEGER = "integer"
    INSTANT = "instant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field to compare. `source` and `target` are its names there; "": as `name`.

    `limit`: how long the target lets a text be. `personal`: compared by digest, never shown.
    `amount_within` and `instant_within` are what may differ. `currency` names the text field in
    which the currency of a money field stands; "": it is each side's own.
    """

    name: str
    kind: Kind = Kind.TEXT
    source: str = ""
    target: str = ""
    limit: int | None = None
    personal: bool = False
    ignore_case: bool = False
    currency: str = ""
    amount_within: Decimal = Decimal(0)
    instant_within: timedelta = SECOND

    def name_in(self, role: Role) -> str:
        return (self.source if role is Role.SOURCE else self.target) or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One system's half of a pairing.

    `place` is the list in which the records stand, `also_in` are those to which they move: Business
    Central's posted order leaves `salesOrders` and becomes an invoice. `key_prefix` is what stands
    before the common key there ("#" of "#1001"). `currency` holds where a record tells none, `zone`
    where a time has no offset.
    """

    system: str
    place: str = ""
    also_in: tuple[str, ...] = ()
    key_prefix: str = ""
    currency: str = ""
    zone: tzinfo = UTC

    @property
    def places(self) -> tuple[str, ...]:
        return (self.place, *self.also_in)

    def asks(self, key: str) -> str:
        """The key as this system writes it."""
        return f"{self.key_prefix}{key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """How many records may differ, and by how much sums may, before it counts."""

    records: int = 0
    share: float = 0.0
    amount: Decimal = Decimal(0)

    def allows(self, differing: int, of: int) -> bool:
        return differing <= max(self.records, self.share * of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """What is compared. `listed` differences of each kind are kept to be shown; at most `asked`
    keys that differ are asked for again."""

    name: str
    entity: str
    source: Side
    target: Side
    fields: tuple[Field, ...] = ()
    ignore_case: bool = False
    ignore_zeros: bool = False
    tolerance: Tolerance = field(default_factory=Tolerance)
    listed: int = 20
    asked: int = 500

    @property
    def is_in_one_currency(self) -> bool:
        """Whether the sides' own currencies are the same, as far as they are told."""
        return len({self.source.currency, self.target.currency} - {""}) < 2

    def side(self, role: Role) -> Side:
        return self.source if role is Role.SOURCE else self.target


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as a system told it. Times are UTC.

    `id` is the system's own, which tells a record seen twice from two records with one key; "": the
    system has none but the key. `place` is the list in which it stands; "": the side's own. `at` is
    the moment by which it belongs to a window (None: always within), `changed_at` the last change.
    """

    key: Value
    fields: Mapping[str, Value]
    id: str = ""
    place: str = ""
    at: datetime | None = None
    changed_at: datetime | None = None


class DifferenceKind(StrEnum):
    MISSING_IN_TARGET = "missing in target"
    MISSING_IN_SOURCE = "missing in source"
    VALUE_DIFFERS = "value differs"
    TRUNCATED = "shortened"
    TYPE_CHANGED = "type changed"
    DUPLICATED = "duplicated"


class Doubt(StrEnum):
    """Why a difference may be none."""

    NOTHING = ""
    CHANGED_LATELY = "it was changed so lately that it may still be on its way"
    SEEN_CHANGING = "it was seen with several values while the list was read"
    NOT_ASKED_AGAIN = "the systems were not asked for this key again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. `field` is "" where the whole record is meant.

    The values are in the form in which they were compared; None for personal fields and for whole
    records. Of a duplicate they are how many there are.
    """

    kind: DifferenceKind
    key: str
    field: str = ""
    source_value: str | None = None
    target_value: str | None = None
    doubt: Doubt = Doubt.NOTHING

    @property
    def is_sure(self) -> bool:
        return self.doubt is Doubt.NOTHING


class Standing(StrEnum):
    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"  # could not look well enough: neither the same nor different


@dataclass(frozen=True, slots=True, kw_only=True)
class Summed:
    """What the amounts of one currency add up to on both sides, exactly; None: not told there,
    or of more digits than leave (checks.reconcile.values)."""

    currency: str
    source: Decimal | None
    target: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A cheap look: what was compared with what, in one sentence, and how sure it is. Of sums of
    money `sums` has the figures."""

    name: str
    standing: Standing
    sentence: str
    source: str
    target: str
    doubt: str = ""
    sums: tuple[Summed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What one side adds up to, every record once. `sums` are exact, by field and currency;
    `repeats` are the records whose key another one has already."""

    records: int = 0
    repeats: int = 0
    sums: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    newest_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a comparison came to.

    `sure` and `doubtful` count the differences by kind; `records_differing` counts the records that
    surely differ. `listed` is a part of them for people: every difference went to the sink.
    `presence_only` are records of which only the arrival could be compared. `doubts` say why the
    whole may be wrong, `notes` what else was seen.
    """

    pairing: str
    entity: str
    since: datetime
    until: datetime
    looked_at: datetime
    source: Tally
    target: Tally
    sure: Mapping[DifferenceKind, int]
    doubtful: Mapping[DifferenceKind, int]
    records_differing: int
    listed: tuple[Difference, ...]
    presence_only: int
    looks: tuple[Look, ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    standing: Standing
