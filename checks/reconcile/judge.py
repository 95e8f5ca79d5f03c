"""What the records of one key come to: the same, or which differences. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from checks.reconcile.classes import Lengths, class_of
from checks.reconcile.model import (
    KEY,
    Difference,
    DifferenceKind,
    Doubt,
    Field,
    Kind,
    Pairing,
    Role,
)
from checks.reconcile.rows import UNDATED, Row

MOST_PARTNERS = 10_000
"""Records with one key are compared one by one up to so many pairs: a hundred a side."""
Pair = tuple[str, list[Row], list[Row]]
"""A key with the rows of the source and of the target that belong to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """When the rows of a key were read (UTC), and which sides were asked for the very key.

    A side that was asked tells all that it has of the key, in every place.
    """

    at: datetime
    sides: frozenset[Role] = frozenset()


@dataclass(slots=True, kw_only=True)
class Share:
    """What a key adds to one side: its rows, and of how many records they are.

    The parts of one record are one; `repeats` are records whose key another has already.
    """

    rows: list[Row] = field(default_factory=list)
    records: int = 0
    repeats: int = 0


@dataclass(slots=True, kw_only=True)
class Judged:
    """What a key came to."""

    differences: list[Difference] = field(default_factory=list)
    shares: dict[Role, Share] = field(default_factory=lambda: {role: Share() for role in Role})
    presence_only: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges the rows of one group, whatever their order and however often each was seen."""

    pairing: Pairing
    settle: timedelta
    lengths: Lengths

    def judge(self, source: Sequence[Row], target: Sequence[Row], asked: Asked) -> Judged:
        judged = Judged()
        for key, ours, theirs in _pairs(source, target):
            if ours and theirs:
                if any(row.within for row in ours):
                    self._compare(judged, key, ours, theirs, asked)
            elif any(row.within for row in ours or theirs):
                self._missing(judged, key, ours, theirs, asked)
        return judged

    def _missing(
        self, judged: Judged, key: str, ours: list[Row], theirs: list[Row], asked: Asked
    ) -> None:
        kind = DifferenceKind.MISSING_IN_TARGET if ours else DifferenceKind.MISSING_IN_SOURCE
        unseen = Role.TARGET if ours else Role.SOURCE
        doubt = self._lately(ours or theirs, asked)
        if doubt is Doubt.NOTHING and unseen not in asked.sides:
            doubt = Doubt.NOT_ASKED_AGAIN
        judged.differences.append(Difference(kind=kind, key=key, doubt=doubt))
        self._take(judged, Role.SOURCE, ours)
        self._take(judged, Role.TARGET, theirs)

    def _compare(
        self, judged: Judged, key: str, ours: list[Row], theirs: list[Row], asked: Asked
    ) -> None:
        have, parted = self._take(judged, Role.SOURCE, ours)
        hold, held_parted = self._take(judged, Role.TARGET, theirs)
        if parted or held_parted:
            judged.presence_only += 1
            return
        doubt = self._doubt(ours, theirs, asked)
        if len(have) != len(hold):
            told = (str(len(have)), str(len(hold)))
            judged.differences.append(_difference(DifferenceKind.DUPLICATED, key, "", told, doubt))
        for row, partner in _partners(have, hold):
            judged.differences += self._fields(row, partner, doubt)

    def _take(self, judged: Judged, role: Role, rows: list[Row]) -> tuple[list[Row], bool]:
        """Counts what there is of a key; gives it, and whether it is one record in parts."""
        side, share = self.pairing.side(role), judged.shares[role]
        present = _present(rows, side.places)
        parted = _is_parted(present, side.place)
        share.rows += present
        share.records += 1 if parted else len(present)
        share.repeats += 0 if parted else max(0, len(present) - 1)
        return present, parted

    def _fields(self, row: Row, partner: Row, doubt: Doubt) -> Iterator[Difference]:
        if row.key != partner.key:
            keys = (row.key, partner.key)
            yield _difference(DifferenceKind.TYPE_CHANGED, row.key, KEY, keys, doubt)
        differing = {
            each.name
            for each, told, held in self._values(row, partner)
            if each.currency == "" and told != held
        }
        for place, (each, told, held) in enumerate(self._values(row, partner)):
            if told == held or self._is_in_two_currencies(each, differing):
                continue
            kind = self._kind(place, each, row, partner)
            if kind is not None:
                shown = (None, None) if each.personal else (told, held)
                yield _difference(kind, row.key, each.name, shown, doubt)

    def _is_in_two_currencies(self, each: Field, differing: set[str]) -> bool:
        """Amounts in two currencies are not compared: that the currency differs is said."""
        if each.kind is not Kind.MONEY:
            return False
        return each.currency in differing if each.currency else not self.pairing.is_in_one_currency

    def _values(self, row: Row, partner: Row) -> Iterator[tuple[Field, str, str]]:
        return zip(self.pairing.fields, row.values, partner.values, strict=True)

    def _kind(self, place: int, each: Field, row: Row, partner: Row) -> DifferenceKind | None:
        told, held = row.values[place], partner.values[place]
        if not each.personal:
            return class_of(each, told, held, self.lengths)
        cut = f"{place} {held}" in row.cuts
        return DifferenceKind.TRUNCATED if cut else DifferenceKind.VALUE_DIFFERS

    def _doubt(self, ours: list[Row], theirs: list[Row], asked: Asked) -> Doubt:
        """Dated records that have long not changed need not be asked for again."""
        lately = self._lately([*ours, *theirs], asked)
        if lately is not Doubt.NOTHING:
            return lately
        dated = all(row.changed != UNDATED for row in (*ours, *theirs))
        return Doubt.NOTHING if dated or len(asked.sides) == len(Role) else Doubt.NOT_ASKED_AGAIN

    def _lately(self, rows: list[Row], asked: Asked) -> Doubt:
        settled = (asked.at - self.settle).timestamp()
        if any(row.changed > settled for row in rows):
            return Doubt.CHANGED_LATELY
        return Doubt.SEEN_CHANGING if _is_torn(rows) else Doubt.NOTHING


def _difference(
    kind: DifferenceKind, key: str, name: str, told: tuple[str | None, str | None], doubt: Doubt
) -> Difference:
    return Difference(
        kind=kind, key=key, field=name, source_value=told[0], target_value=told[1], doubt=doubt
    )


def _pairs(source: Sequence[Row], target: Sequence[Row]) -> Iterator[Pair]:
    """By exact key; what is left on both sides of the group differs in the type of its key."""
    keys = sorted({row.key for row in (*source, *target)})
    found = [
        (
            key,
            [row for row in source if row.key == key],
            [row for row in target if row.key == key],
        )
        for key in keys
    ]
    ours = [pair for pair in found if not pair[2]]
    theirs = [pair for pair in found if not pair[1]]
    both = min(len(ours), len(theirs))
    yield from (pair for pair in found if pair[1] and pair[2])
    for mine, other in zip(ours, theirs, strict=False):
        yield mine[0], mine[1], other[2]
    yield from (*ours[both:], *theirs[both:])


def _identity(row: Row) -> tuple[str, str]:
    return row.place, row.id


def _newest(rows: list[Row]) -> list[Row]:
    """Every record once, in its newest version; a side without ids has one record a key."""
    newest: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda each: (each.changed, each)):
        newest[_identity(row)] = row
    return sorted(newest.values(), key=lambda each: (-each.changed, each))


def _is_torn(rows: list[Row]) -> bool:
    """Whether one record was seen with several values and nothing tells which is the newest."""
    versions: dict[tuple[str, str, float], set[tuple[str, ...]]] = {}
    for row in rows:
        versions.setdefault((*_identity(row), row.changed), set()).add(row.values)
    return any(len(values) > 1 for values in versions.values())


def _present(rows: list[Row], places: Sequence[str]) -> list[Row]:
    """The records in the first place that has any: where they stand, before where they move to."""
    newest = _newest(rows)
    for place in places:
        if found := [row for row in newest if row.place == place]:
            return found
    return newest


def _is_parted(rows: list[Row], place: str) -> bool:
    """Whether one record moved on in several parts, as an order that is invoiced twice."""
    return len(rows) > 1 and rows[0].place != place


def _partners(have: list[Row], hold: list[Row]) -> Iterator[tuple[Row, Row]]:
    """Which of several records with one key is to be compared with which: equal ones first."""
    if len(have) * len(hold) > MOST_PARTNERS:
        return
    left = list(hold)
    alone = []
    for row in have:
        same = next((each for each in left if each.values == row.values), None)
        if same is None:
            alone.append(row)
        else:
            left.remove(same)
            yield row, same
    yield from zip(alone, left, strict=False)
