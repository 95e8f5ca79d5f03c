"""What gets lost between the company's shop and its ERP: nothing, until a scenario says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Loss:
    """Orders by their number, and how the texts of later ones are cut. Times are UTC."""

    missing: set[int] = field(default_factory=set)
    """Taken from the shop, and refused by the ERP without anybody noticing."""
    cuts: dict[str, int] = field(default_factory=dict)
    """Which text of an order the mapping cuts, to what length."""
    cut_from: int = 0
    """The first number whose texts are cut."""
    sent_again: dict[int, datetime] = field(default_factory=dict)
    """Orders that were sent once more, as they are, and when they arrived."""

    def cuts_of(self, number: int) -> dict[str, int]:
        """What the mapping cut of this order's texts."""
        return self.cuts if number >= self.cut_from and number not in self.sent_again else {}

    def is_missing(self, number: int) -> bool:
        return number in self.missing and number not in self.sent_again

    @property
    def special(self) -> set[int]:
        """The orders that did not arrive as all others do."""
        return {*self.missing, *self.sent_again}

    def send_again(self, numbers: Iterable[int], at: datetime) -> None:
        """Somebody sends these once more, and they arrive at once."""
        self.sent_again |= dict.fromkeys(numbers, at)

    def clear(self) -> None:
        """As if nothing had ever been lost."""
        self.missing.clear()
        self.cuts.clear()
        self.sent_again.clear()
