"""Periods as comparisons leave them, to judge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from checks.catalogue.reconciliation import Policy, judge
from checks.model import Fact, Verdict
from checks.reconcile.evidence import Compared, Course, Differing, ReconcileEvidence
from checks.reconcile.model import DifferenceKind, Look, Standing

NOW = datetime(2026, 3, 2, 8, 44, tzinfo=UTC)
HOUR = timedelta(hours=1)
LOOKED = NOW - timedelta(minutes=9)


def compared(**told: object) -> Compared:
    """1,000 orders of an hour, all of them as they were; anything may be told otherwise."""
    start = Compared(
        id=7,
        pair="Orders",
        entity="orders",
        source="Shop",
        target="Business Central",
        since=datetime(2026, 3, 2, 7, tzinfo=UTC),
        until=datetime(2026, 3, 2, 8, tzinfo=UTC),
        looked_at=LOOKED,
        standing=Standing.SAME,
        source_records=1000,
        target_records=1000,
    )
    return replace(start, **told)


def different(*found: tuple[DifferenceKind, str, int], **told: object) -> Compared:
    """The same with so many sure differences of a kind, in a field."""
    parts = tuple(Differing(kind=kind, field=field, count=count) for kind, field, count in found)
    differing = sum(each.count for each in parts)
    return compared(standing=Standing.DIFFERENT, found=parts, differing=differing, **told)


def verdict_on(period: Compared, zone=UTC) -> Verdict:
    [found] = judge(ReconcileEvidence(compared=(period,), zone=zone), Policy(), NOW)
    return found


def courses(
    *, arrived: timedelta | None = None, corrected: timedelta | None = None
) -> tuple[Course, ...]:
    """Three orders that were missing and 27 shortened addresses, found so long before the look;
    None: they are still there."""

    def course(kind: DifferenceKind, field: str, most: int, after: timedelta | None) -> Course:
        found = LOOKED - (after or HOUR)
        end = None if after is None else LOOKED
        return Course(
            kind=kind, field=field, most=most, found_at=found, last_at=found, made_good_at=end
        )

    return (
        course(DifferenceKind.MISSING_IN_TARGET, "", 3, arrived),
        course(DifferenceKind.TRUNCATED, "address line", 27, corrected),
    )


LOST = (DifferenceKind.MISSING_IN_TARGET, "", 3)
SHORT = (DifferenceKind.TRUNCATED, "address line", 1)
APART = Look(
    name="count",
    standing=Standing.DIFFERENT,
    sentence="1,000 counted of orders in Shop, 997 of orders in Business Central: 3 fewer.",
    source="1,000",
    target="997",
)
PERIODS: Mapping[str, Compared] = {
    "lost": different(LOST, SHORT, target_records=997),
    "shortened": different((DifferenceKind.TRUNCATED, "address line", 212)),
    "other-value": different((DifferenceKind.VALUE_DIFFERS, "total", 2)),
    "other-type": different((DifferenceKind.TYPE_CHANGED, "reference", 9)),
    "twice": different((DifferenceKind.DUPLICATED, "", 2), target_records=1002),
    "unexpected": different((DifferenceKind.MISSING_IN_SOURCE, "", 1), target_records=1001),
    "totals": compared(standing=Standing.DIFFERENT, looks=(APART,), target_records=997),
    "unsettled": compared(
        standing=Standing.UNSURE, doubtful=2, doubts=("2 records could not be settled yet",)
    ),
    "unseen": compared(
        looked_at=None,
        standing=Standing.UNSURE,
        source_records=0,
        target_records=0,
        blind="Business Central answered with 503: the trouble is on its side",
        blind_at=NOW,
    ),
    "blind-now": different(LOST, blind="Shop did not answer within 10 s", blind_at=NOW),
    "whole": compared(),
    "allowed": compared(differing=2),
    "made-good": compared(courses=courses(arrived=4 * HOUR, corrected=4 * HOUR)),
    "partly-made-good": different(
        (DifferenceKind.TRUNCATED, "address line", 27), courses=courses(arrived=HOUR)
    ),
    "nothing": compared(source_records=0, target_records=0),
}


def facts_of(name: str) -> Mapping[str, Fact]:
    return verdict_on(PERIODS[name]).facts
