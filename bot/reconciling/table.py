"""All differences as a table for a spreadsheet: CSV in UTF-8, as RFC 4180 has it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from checks.reconcile.model import Difference
from checks.reconcile.showing import HEADINGS, Keys, cells

ENCODING = "utf-8-sig"
"""With the mark at its start by which spreadsheets know it."""


class Table:
    """Writes into an open file, with keys as they may be shown. `add` is a sink."""

    def __init__(self, file: TextIO, keys: Keys) -> None:
        self._rows, self._keys = csv.writer(file), keys
        self.lines = 0
        self._rows.writerow(HEADINGS)

    def add(self, difference: Difference) -> None:
        self._rows.writerow(cells(difference, self._keys))
        self.lines += 1

    def add_all(self, differences: Iterable[Difference]) -> None:
        for each in differences:
            self.add(each)
