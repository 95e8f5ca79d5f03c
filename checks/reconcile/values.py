"""One form for values that mean the same: text, exact amounts, whole numbers, instants."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation

from checks.reconcile.model import SECOND, Field, Kind, Pairing, Side, Value

MOST_DIGITS, MOST_EXPONENT = 40, 30
"""Amounts beyond these are no amounts: a hostile "1e999999999" would not fit in memory."""
SUM_DIGITS, SUM_DECIMALS = 38, 18
"""So many digits of a sum leave, so many of them behind the point: the widest exact type that the
readers of Parquet and OData share, with room for what amounts in binary fractions trail."""
Form = Callable[[Value], str]


def text(value: Value) -> str:
    """Trimmed, in Unicode's composed form (NFC), with the same line ends; "" for None.

    Nothing and an empty text are the same: some systems tell one, some the other.
    """
    if type(value) is str and value.isascii() and "\r" not in value:
        return value.strip()  # nearly all
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    told = value if isinstance(value, str) else _written(value)
    if not told.isascii():
        told = unicodedata.normalize("NFC", told).encode("utf-8", "replace").decode("utf-8")
    if "\r" in told:
        told = told.replace("\r\n", "\n").replace("\r", "\n")
    return told.strip()


def _written(value: int | float | Decimal) -> str:
    """A number as people write it: 12.0 of a JSON float is 12."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def read_amount(told: str) -> Decimal | None:
    """An exact decimal; None for what is none. No sign for thousands is guessed at."""
    if _is_plain(told):
        return Decimal(told)
    if not told.isascii() or len(told) > 2 * MOST_DIGITS or "_" in told:
        return None
    try:
        amount = Decimal(told)
    except InvalidOperation:
        return None
    if not amount.is_finite():
        return None
    _, digits, exponent = amount.as_tuple()
    fits = isinstance(exponent, int) and abs(exponent) <= MOST_EXPONENT
    return amount if fits and len(digits) <= MOST_DIGITS else None


def _is_plain(told: str) -> bool:
    """Digits with at most one point, as nearly all amounts are."""
    return len(told) <= MOST_DIGITS // 2 and told.isascii() and told.replace(".", "", 1).isdigit()


def amount(value: Value) -> str:
    """ "12.50", "12.5" and 12.5 are the same; what is no amount stays as it was told."""
    told = text(value)
    if _is_plain(told) and told[0] not in "0.":
        return told.rstrip("0").removesuffix(".") if "." in told else told
    found = read_amount(told) if told else None
    return told if found is None else write_amount(found)


def write_amount(found: Decimal) -> str:
    """Without trailing zeros, exponent or minus nought."""
    written = f"{found:f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def leaves_whole(found: Decimal) -> bool:
    """Whether an amount leaves with all its digits, as SUM_DIGITS has it."""
    _, digits, exponent = found.as_tuple()
    before = len(digits) + int(exponent)
    behind = len(write_amount(found).partition(".")[2])
    return behind <= SUM_DECIMALS and before <= SUM_DIGITS - SUM_DECIMALS


def read_integer(told: str) -> Decimal | None:
    found = read_amount(told)
    return found if found is not None and found == found.to_integral_value() else None


def integer(value: Value) -> str:
    """ "007", 7 and 7.0 are the same; what is no whole number stays as it was told."""
    if type(value) is int:
        return str(value)
    told = text(value)
    found = read_integer(told) if told else None
    return told if found is None else write_amount(found)


def read_instant(told: str, zone: tzinfo = UTC) -> datetime | None:
    """An instant in UTC; without an offset it is one of `zone`. None for what is none."""
    try:
        found = datetime.fromisoformat(told)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def instant(zone: tzinfo, *, in_seconds: bool = True) -> Form:
    """ "2026-07-01T10:00:00+01:00" and "2026-07-01T09:00:00.000Z" are the same.

    In whole seconds, which all systems keep, unless less than one matters.
    """

    spec = "seconds" if in_seconds else "microseconds"

    def form(value: Value) -> str:
        told = value.isoformat() if isinstance(value, datetime) else text(value)
        found = read_instant(told, zone) if told else None
        if found is None:
            return told
        return found.isoformat(timespec=spec).replace("+00:00", "Z")

    return form


def form_of(field: Field, side: Side, *, is_currency: bool = False) -> Form:
    """What brings a field's values on one side into their form."""
    if is_currency:
        return lambda value: (text(value) or side.currency).upper()
    if field.kind is Kind.MONEY:
        return amount
    if field.kind is Kind.INTEGER:
        return integer
    if field.kind is Kind.INSTANT:
        return instant(side.zone, in_seconds=field.instant_within >= SECOND)
    if field.ignore_case:
        return lambda value: text(value).casefold()
    return text


def key_form(pairing: Pairing, side: Side) -> Form:
    """What brings a record's key on one side into the common form."""

    fold = str.casefold if pairing.ignore_case else str
    prefix = fold(side.key_prefix)

    def form(value: Value) -> str:
        key = fold(text(value)).removeprefix(prefix)
        return loose(key) if pairing.ignore_zeros else key

    return form


def loose(key: str) -> str:
    """The key without what a change of type takes from it: "00123" -> "123"."""
    return (key.lstrip("0") or "0") if key[:1] == "0" and key.isdigit() else key
