"""Pages of a list put together, with an eye on lists that move or lie while we read. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from checks.fetch import Unavailable
from checks.patchworks_rows import Row, read_row

PER_PAGE = 100  # the most that Patchworks documents


class Moved(Unavailable):
    """The list changed under our hands, so rows may have slipped between two pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page as sent; `number` is the page the server says it is, when it says so."""

    rows: tuple[Row, ...]
    total: int
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What was read of a list: all of it, or its first pages. `total` counts all of it."""

    rows: tuple[Row, ...]
    total: int
    complete: bool


def read_page(body: object, noun: str) -> Page:
    """The documented envelope: `data` with the rows, `meta` with `total` and `current_page`."""
    envelope = read_row(body, f"the list of {noun}s")
    if not isinstance(envelope.fields.get("data"), list):
        raise envelope.without("data", "a list")
    meta = envelope.child("meta")
    total = meta.number("total") if meta else None
    if meta is None or total is None or total < 0:
        raise (meta or envelope).without("total" if meta else "meta", "a count of the whole list")
    rows = tuple(_named(row, noun) for row in envelope.children("data"))
    return Page(rows=rows, total=total, number=meta.number("current_page"))


def _named(row: Row, noun: str) -> Row:
    """The same row under its own name, so that an error can point at it."""
    return Row(fields=row.fields, where=f"{noun} {row.id()}")


@dataclass(slots=True, kw_only=True)
class Collector:
    """Takes page after page from page 1 on. A row that comes twice (new rows push old ones on to
    the next page) counts once. After a jump of the clock, or at a peak, they may push on a whole
    page: that is believed once (`at_once`).
    """

    noun: str
    rows: dict[str, Row] = field(default_factory=dict)
    pages: int = 0
    received: int = 0
    total: int = 0
    at_once: bool = False

    def take(self, page: Page) -> None:
        """Raises Unavailable for a list that goes in circles, Moved for one that changed so that
        it has to be read again."""
        self.pages += 1
        if page.number not in (None, self.pages):
            raise Unavailable(
                f"Patchworks' list of {self.noun}s goes in circles: page {self.pages} is an "
                "earlier page again, so nothing was taken from it; the next round asks again"
            )
        new = {row.id(): row for row in page.rows if row.id() not in self.rows}
        if self.pages > 1 and page.total < self.total:
            raise self._changed(f"it shrank from {self.total} to {page.total} rows")
        if page.rows and not new:
            if self.at_once or page.total < self.total + len(page.rows):
                raise self._changed(f"page {self.pages} held nothing that was not on earlier ones")
            self.at_once = True
        self.rows |= new
        self.received += len(page.rows)
        self.total = page.total
        if len(self.rows) > self.total:
            raise self._changed(f"it counts {self.total} rows but sent {len(self.rows)}")
        if not page.rows and not self.complete:
            raise self._changed(f"it counts {self.total} rows but ended after {len(self.rows)}")

    @property
    def complete(self) -> bool:
        return self.received >= self.total

    def listing(self) -> Listing:
        rows = tuple(self.rows.values())
        total = len(rows) if self.complete else self.total
        return Listing(rows=rows, total=total, complete=self.complete)

    def _changed(self, how: str) -> Moved:
        return Moved(
            f"The list of {self.noun}s of Patchworks changed while we were reading it ({how}), so "
            "it could not be read whole; the next round asks again"
        )
