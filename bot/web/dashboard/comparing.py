"""The section of the page about what comparing systems found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from bot.digest.phrases import clipped, name
from bot.reconciling.behind import Behind, all_behind, say_behind
from bot.store import Database, reconciliations
from bot.web.dashboard.board import Around, Mark, Row, Section
from checks.reconcile.courses import say_made_good
from checks.reconcile.evidence import Compared
from checks.reconcile.model import Standing

LATELY = timedelta(days=7)
STANDINGS: Mapping[Standing, Mark] = {
    Standing.SAME: Mark.WELL,
    Standing.DIFFERENT: Mark.BAD,
    Standing.UNSURE: Mark.UNKNOWN,
}
GRAVEST: Mapping[Mark, int] = {Mark.BAD: 0, Mark.UNKNOWN: 1, Mark.WELL: 2}


def compared(db: Database, around: Around, now: datetime) -> Section:
    """The newest period of each pairing, and those of the last days that were not found whole."""
    found = [each.compared for each in reconciliations.newest(db, now - LATELY)]
    ordered = sorted(found, key=lambda each: (GRAVEST[_mark(each)], -each.until.timestamp()))
    behind = all_behind(db, around.pairs, around.zone, now)
    return Section(
        id="reconciliation",
        title="Compared systems",
        heads=("Pairing", "Period", "Found", "Looked at"),
        rows=(
            *(_late(each, around, now) for each in behind),
            *(_row(each, around, now) for each in ordered),
        ),
        shown=8,
        empty="Nothing has been compared yet.",
    )


def _late(behind: Behind, around: Around, now: datetime) -> Row:
    """What is due and was not compared is not known, however well the last period stands."""
    cells = ("later", f"{say_behind(behind, around.zone, now)}.", "not yet")
    return Row(mark=Mark.UNKNOWN, name=name(behind.pair), cells=cells)


def _row(each: Compared, around: Around, now: datetime) -> Row:
    period = f"{around.moment(each.since, now)} to {around.moment(each.until, now)}"
    return Row(
        mark=_mark(each),
        name=name(each.pair),
        cells=(period, _found(each, around.zone), around.moment(each.looked_at, now) or "not yet"),
    )


def _mark(each: Compared) -> Mark:
    """A difference that was found stays one while nobody can look again."""
    if each.blind and each.standing is not Standing.DIFFERENT:
        return Mark.UNKNOWN
    return STANDINGS[each.standing]


def _found(each: Compared, zone: tzinfo) -> str:
    blind = f" It could not be looked at again: {clipped(each.blind, 160)}" if each.blind else ""
    if each.looked_at is None:
        return blind.strip() or "not known"
    doubtful = f", {each.doubtful:,} more in doubt" if each.doubtful else ""
    records = f"{each.source_records:,} {name(each.entity)}"
    if each.standing is Standing.SAME:
        before = say_made_good(each, zone)
        return f"all of {records} the same{f' now: {before}' if before else ''}.{blind}"
    if each.standing is Standing.UNSURE:
        return f"not sure about {records}{doubtful}.{blind}"
    before = say_made_good(each, zone)
    also = f"; before, {before}" if before else ""
    return f"{each.differing:,} of {records} differ{doubtful}{also}.{blind}"
