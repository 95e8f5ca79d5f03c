"""How two values of a field differ: cut off, of another type, or simply different. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Context, Decimal

from checks.reconcile.model import DifferenceKind, Field, Kind
from checks.reconcile.values import read_amount, read_instant, read_integer

ENOUGH = 3
"""So many different values cut to one length are no accident."""
ELLIPSES = ("...", "…")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,2})?")
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class Lengths:
    """To which lengths a field's values are cut, where no limit is declared.

    A length may be one of characters, of UTF-16 units or of bytes, as databases count.
    """

    def __init__(self) -> None:
        self._seen: defaultdict[tuple[str, str, int], set[int]] = defaultdict(set)

    def see(self, field: str, source: str, target: str) -> None:
        """Takes in a pair of texts that differ."""
        if not _is_cut(source, target):
            return
        for measure, length in measures(target):
            values = self._seen[field, measure, length]
            if len(values) < ENOUGH:
                values.add(hash(source))

    def is_usual(self, field: str, target: str) -> bool:
        """Whether enough different values of the field were cut to this one's length."""
        return any(
            len(self._seen.get((field, measure, length), ())) >= ENOUGH
            for measure, length in measures(target)
        )


def _is_cut(source: str, target: str) -> bool:
    return bool(target) and len(target) < len(source) and source.startswith(target)


def measures(told: str) -> Iterator[tuple[str, int]]:
    yield "characters", len(told)
    yield "UTF-16 units", len(told.encode("utf-16-le")) // 2
    yield "bytes", len(told.encode())


def cuts(source: str, limit: int) -> frozenset[str]:
    """What may be left of a text where a field takes so many characters, units or bytes.

    Without what is trimmed from its end; empty for a text that fits by every measure.
    """
    pieces = {
        source[:limit],
        source.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore"),
        source.encode()[:limit].decode("utf-8", "ignore"),
    }
    return frozenset(piece.rstrip() for piece in pieces if piece != source)


def class_of(field: Field, source: str, target: str, lengths: Lengths) -> DifferenceKind | None:
    """How two values that are not equal differ; None: by no more than the field allows."""
    if not source or not target:
        return DifferenceKind.VALUE_DIFFERS
    if field.kind is Kind.TEXT:
        return _class_of_text(field, source, target, lengths)
    if field.kind is Kind.INSTANT:
        ours, theirs = read_instant(source), read_instant(target)
        if ours and theirs and abs(ours - theirs) <= field.instant_within:
            return None
        return _class_of_read(ours is None, theirs is None)
    read = read_amount if field.kind is Kind.MONEY else read_integer
    have, hold = read(source), read(target)
    if have is not None and hold is not None and abs(have - hold) <= field.amount_within:
        return None
    return _class_of_read(have is None, hold is None)


def _class_of_read(source_unread: bool, target_unread: bool) -> DifferenceKind:
    """A value that only one side tells as what it is declared to be has changed its type."""
    changed = source_unread != target_unread
    return DifferenceKind.TYPE_CHANGED if changed else DifferenceKind.VALUE_DIFFERS


def _class_of_text(field: Field, source: str, target: str, lengths: Lengths) -> DifferenceKind:
    if is_same_number(source, target) or _is_same_truth(source, target):
        return DifferenceKind.TYPE_CHANGED
    if field.limit is not None and target in cuts(source, field.limit):
        return DifferenceKind.TRUNCATED
    if _has_ellipsis(source, target):
        return DifferenceKind.TRUNCATED
    if _is_cut(source, target) and lengths.is_usual(field.name, target):
        return DifferenceKind.TRUNCATED
    return DifferenceKind.VALUE_DIFFERS


def _has_ellipsis(source: str, target: str) -> bool:
    bodies = (target.removesuffix(each).rstrip() for each in ELLIPSES if target.endswith(each))
    return any(_is_cut(source, body) for body in bodies) and not source.startswith(target)


def is_same_number(source: str, target: str) -> bool:
    """Whether a text became the number that it spells: "00123" -> "123", "1.10" -> "1.1".

    Also as a double or a spreadsheet leaves it: a long number with its last digits lost, or
    rounded to "1.23457E+16".
    """
    if not (_NUMBER.fullmatch(source) and _NUMBER.fullmatch(target)):
        return False
    have, hold = read_amount(source), read_amount(target)
    if have is None or hold is None:
        return False
    if have == hold:
        return True
    if "e" in target.casefold():
        return _rounded(have, hold) == hold
    return float(have) == float(hold)  # of more than the 15 digits that a double holds


def _rounded(have: Decimal, hold: Decimal) -> Decimal:
    return Context(prec=len(hold.as_tuple().digits)).plus(have)


def _is_same_truth(source: str, target: str) -> bool:
    ours, theirs = _TRUTHS.get(source.casefold()), _TRUTHS.get(target.casefold())
    return ours is not None and ours == theirs
