"""What of a difference may be shown, and the table of all of them. Pure.

Values of personal fields never get here. Keys of orders and customers are shown as is set.
"""

from __future__ import annotations

from enum import StrEnum

from checks.reconcile.model import KEY, Difference
from checks.reconcile.values import read_amount

HEADINGS = ("difference", "key", "field", "source", "target", "sure", "why_not_sure")
LEFT_OPEN = 3
"""So many signs of a masked key stay readable, enough for a person who has the list to find it."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula, whoever wrote it:
https://owasp.org/www-community/attacks/CSV_Injection"""


WITHHELD = ("differs", "differs")


class Keys(StrEnum):
    """How keys are shown."""

    FULL = "full"
    MASKED = "masked"
    NONE = "none"


def show_key(key: str, how: Keys) -> str:
    """ "1000423" in full, as "****423", or as nothing."""
    if how is Keys.NONE:
        return ""
    if how is Keys.FULL:
        return key
    open_signs = min(LEFT_OPEN, len(key) // 2)
    return "*" * (len(key) - open_signs) + key[len(key) - open_signs :]


def cells(difference: Difference, how: Keys) -> tuple[str, ...]:
    """A line of the table under HEADINGS, safe to be opened in a spreadsheet."""
    told = (
        difference.kind.value,
        show_key(difference.key, how),
        difference.field,
        *values(difference, how),
        "yes" if difference.is_sure else "no",
        difference.doubt.value,
    )
    return tuple(
        f"'{cell}" if cell.startswith(FORMULA) and read_amount(cell) is None else cell
        for cell in told
    )


def values(difference: Difference, how: Keys) -> tuple[str, str]:
    """Both values as they may be shown: of a personal field only that they differ."""
    told, held = difference.source_value, difference.target_value
    if difference.field == KEY and told is not None and held is not None:
        return show_key(told, how), show_key(held, how)
    if told is None and held is None and difference.field:
        return WITHHELD
    return told or "", held or ""
