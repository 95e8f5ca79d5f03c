"""How full an allowance stands: in which words, and how grave, for every shape of limiter."""

from __future__ import annotations

import pytest

from checks.declare import Shape, Whose
from checks.model import Level
from tests.checks.catalogue.limit_cases import (
    NOW,
    Case,
    allowance,
    by_day,
    d,
    h,
    m,
    s,
    spend,
    the_verdict,
)

FULLNESS = {
    "a window with room": Case(
        limit=allowance(12),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 12 of 40 calls a minute (30 %); nothing was refused in the last "
        "15 min.",
    ),
    "a window just below the warning": Case(
        limit=allowance(33.9),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 33.9 of 40 calls a minute (84 %); nothing was refused in the "
        "last 15 min.",
    ),
    "a window nearly full": Case(
        limit=allowance(38, spends=(spend(31), spend(4, "2"))),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 38 of 40 calls a minute (95 %), usually 12; of the flows "
        "Dispatch to ShipStation spends most (31 in the last hour).",
    ),
    "a window nearly full by one flow alone": Case(
        limit=allowance(34, usual=None, spends=(spend(900),)),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 34 of 40 calls a minute (85 %), what is usual is not known "
        "yet; of the flows only Dispatch to ShipStation spends it (900 in the last "
        "hour).",
    ),
    "a minute's window full is over in a minute": Case(
        limit=allowance(40, resets_in=s(20)),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 40 of 40 calls a minute (100 %), usually 12.",
    ),
    "a minute's window that was nearly full within the hour": Case(
        limit=allowance(10, worst=0.97),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used up to 97 % of its 40 calls a minute in the last hour, usually "
        "12.",
    ),
    "a long window nearly full, at a pace that lasts": Case(
        limit=by_day(960, h(1)),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 960 of 1,000 calls a day (96 %), usually 12; of the flows "
        "only Dispatch to ShipStation spends it (30 in the last hour).",
    ),
    "a long window that will be used up before it starts anew": Case(
        limit=by_day(960),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 960 of 1,000 calls a day (96 %), usually 12; of the flows "
        "only Dispatch to ShipStation spends it (30 in the last hour). At the last "
        "hour's pace it is used up in 1 h 19 min.",
        in_=h(1) + m(20) - s(10),
    ),
    "below the second threshold no moment is named": Case(
        limit=by_day(949),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 949 of 1,000 calls a day (94 %), usually 12; of the flows "
        "only Dispatch to ShipStation spends it (30 in the last hour).",
    ),
    "nobody spends any more, so no moment is named": Case(
        limit=by_day(960, spent=0),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 960 of 1,000 calls a day (96 %), usually 12.",
    ),
    "a window without a known end names no moment": Case(
        limit=allowance(960, 1000, m(5), spends=(spend(30000),), usual=None),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 960 of 1,000 calls in 5 min (96 %), what is usual is not known "
        "yet; of the flows only Dispatch to ShipStation spends it (30,000 in the last "
        "hour).",
    ),
    "a long window used up": Case(
        limit=by_day(1000, h(3) + m(10)),
        level=Level.BREACH,
        signal="used_up",
        says="ShipStation has used up its allowance: 1,000 of 1,000 calls a day (100 %), usually "
        "12; of the flows only Dispatch to ShipStation spends it (30 in the last hour). "
        "Further calls wait or are refused; it starts anew in 3 h 10 min.",
    ),
    "more used than allowed, without a known end": Case(
        limit=allowance(6100, 6000, m(5)),
        level=Level.BREACH,
        signal="used_up",
        says="ShipStation has used up its allowance: 6,100 of 6,000 calls in 5 min (101 %), "
        "usually 12. Further calls wait or are refused.",
    ),
    "a long window that was full and has started anew since": Case(
        limit=allowance(1000, 1000, d(1), seen=m(4), resets_in=-m(1)),
        level=Level.UNKNOWN,
        signal="unknown",
        says="ShipStation had used 1,000 of 1,000 calls a day (100 %) 4 min ago; it has started "
        "anew since.",
    ),
    "a long window with room that has started anew since": Case(
        limit=allowance(500, 1000, d(1), seen=m(4), resets_in=-m(1)),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 500 of 1,000 calls a day (50 %); nothing was refused in the "
        "last 15 min.",
    ),
    "an end told from before the look tells nothing": Case(
        limit=allowance(1000, 1000, d(1), resets_in=-m(1)),
        level=Level.BREACH,
        signal="used_up",
        says="ShipStation has used up its allowance: 1,000 of 1,000 calls a day (100 %), usually "
        "12. Further calls wait or are refused.",
    ),
    "remaining without a size, the size declared": Case(
        limit=allowance(190, 200, shape=Shape.REMAINING, system="Brightpearl"),
        level=Level.EARLY,
        signal="nearly",
        says="Brightpearl has used 190 of 200 calls a minute (95 %), usually 12.",
    ),
    "remaining without a size": Case(
        limit=allowance(None, None, shape=Shape.REMAINING, system="Brightpearl"),
        level=Level.OK,
        signal="clear",
        says="Brightpearl has no published limit; nothing was refused in the last 15 min.",
    ),
    "a bucket that refills in a second, full at one look": Case(
        limit=allowance(40, 40, s(1), shape=Shape.LEAKY_BUCKET),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 40 of 40 calls (100 %) at this moment; nothing was refused in "
        "the last 15 min.",
    ),
    "a bucket of which only the size is told": Case(
        limit=allowance(36, 40, None, shape=Shape.LEAKY_BUCKET, worst=0.2),
        level=Level.OK,
        signal="clear",
        says="ShipStation used up to 20 % of its 40 calls in the last hour; nothing was refused in "
        "the last 15 min.",
    ),
    "a bucket that refills in a second, nearly full within the hour": Case(
        limit=allowance(3, 10, s(1), shape=Shape.LEAKY_BUCKET, worst=0.9, derived=True),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used up to 90 % of its 10 calls a second in the last hour, usually "
        "12.",
    ),
    "a bucket that drains for longer than a burst, full": Case(
        limit=allowance(90, 90, s(90), shape=Shape.LEAKY_BUCKET),
        level=Level.BREACH,
        signal="used_up",
        says="ShipStation has used up its allowance: 90 of 90 calls (100 %), usually 12. Further "
        "calls wait or are refused.",
    ),
    "a draining bucket names no moment": Case(
        limit=allowance(
            88, 90, s(90), shape=Shape.LEAKY_BUCKET, spends=(spend(600),), resets_in=h(1)
        ),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 88 of 90 calls (97 %), usually 12; of the flows only Dispatch "
        "to ShipStation spends it (600 in the last hour).",
    ),
    "points restored every second": Case(
        limit=allowance(1990, 2000, s(1), shape=Shape.POINTS, unit="points", system="Shopify"),
        level=Level.OK,
        signal="clear",
        says="Shopify has used 1,990 of 2,000 points (99 %) at this moment; nothing was refused in "
        "the last 15 min.",
    ),
    "places taken, one free": Case(
        limit=allowance(9, 10, None, shape=Shape.CONCURRENCY, system="NetSuite"),
        level=Level.EARLY,
        signal="nearly",
        says="NetSuite has used 9 of 10 calls at the same time (90 %), usually 12.",
    ),
    "no place free": Case(
        limit=allowance(5, 5, None, shape=Shape.CONCURRENCY, system="NetSuite"),
        level=Level.BREACH,
        signal="used_up",
        says="NetSuite has no free place: 5 of 5 calls at the same time (100 %) are in use, "
        "usually 12. Further calls wait or are refused.",
    ),
    "how many places are taken is at most what the runs under way tell": Case(
        limit=allowance(
            10,
            10,
            None,
            id="pool/61/use",
            shape=Shape.CONCURRENCY,
            unit="calls at a time",
            derived=True,
            system="Warehouse pool",
        ),
        level=Level.OK,
        signal="clear",
        says="Warehouse pool has at most 10 of 10 calls at a time (100 %) in use; nothing was "
        "refused in the last 15 min.",
    ),
    "places taken by nobody knows how many": Case(
        limit=allowance(None, 15, None, shape=Shape.CONCURRENCY, system="NetSuite"),
        level=Level.UNKNOWN,
        signal="unknown",
        says="NetSuite allows 15 calls at the same time; how much of it is used is not known.",
    ),
    "nothing can be read, and what the runs spend is derived": Case(
        limit=allowance(
            195, 200, shape=Shape.UNREADABLE, whose=Whose.NOBODYS, derived=True, worst=0.98
        ),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used up to 98 % of its 200 calls a minute in the last hour, usually "
        "12.",
    ),
    "nothing can be read and nothing is published": Case(
        limit=allowance(None, None, None, shape=Shape.UNREADABLE, system="Peoplevox"),
        level=Level.OK,
        signal="clear",
        says="Peoplevox has no published limit; nothing was refused in the last 15 min.",
    ),
    "what is derived without a published limit is no trouble": Case(
        limit=allowance(5000, None, shape=Shape.UNREADABLE, derived=True, system="Peoplevox"),
        level=Level.OK,
        signal="clear",
        says="Peoplevox has no published limit; nothing was refused in the last 15 min.",
    ),
    "a limit of nothing is no limit": Case(
        limit=allowance(3, 0),
        level=Level.OK,
        signal="clear",
        says="ShipStation has no published limit; nothing was refused in the last 15 min.",
    ),
    "headers that were absent": Case(
        limit=allowance(None),
        level=Level.UNKNOWN,
        signal="unknown",
        says="ShipStation allows 40 calls a minute; how much of it is used is not known.",
    ),
    "our own bucket, full": Case(
        limit=allowance(40, whose=Whose.OWN, per=h(1)),
        level=Level.UNKNOWN,
        signal="unknown",
        says="ShipStation allows each credential 40 calls an hour; how much of it the platform has "
        "used is not known, only that ours has used 40 of 40 calls an hour (100 %).",
    ),
    "our own bucket, the platform's use derived": Case(
        limit=allowance(36, whose=Whose.OWN, derived=True),
        level=Level.EARLY,
        signal="nearly",
        says="ShipStation has used 36 of 40 calls a minute (90 %), usually 12.",
    ),
    "nothing newer could be read": Case(
        limit=allowance(40, per=h(1), blind="ShipStation answered with 503.", worst=1),
        level=Level.UNKNOWN,
        signal="unknown",
        says="How much of its allowance ShipStation has used is not known: ShipStation answered "
        "with 503.",
    ),
    "nothing published and no instance known": Case(
        limit=allowance(None, None, instances=()),
        level=Level.UNKNOWN,
        signal="unknown",
        says="How much ShipStation allows is not known, nor would a refusal be seen: declare the "
        "limit, and which instances use it, in the settings.",
    ),
    "room, and no instance known": Case(
        limit=allowance(12, instances=()),
        level=Level.OK,
        signal="clear",
        says="ShipStation has used 12 of 40 calls a minute (30 %).",
    ),
    "a month's operations, most of the month gone": Case(
        limit=allowance(
            140_000,
            150_000,
            d(31),
            id="platform/main/operations",
            unit="operations",
            instances=(),
            system="Patchworks",
            resets_in=d(2),
            usual=None,
        ),
        level=Level.EARLY,
        signal="nearly",
        says="Patchworks has used 140,000 of 150,000 operations a month (93 %), what is usual is "
        "not known yet.",
    ),
    "a month's operations, early in the month": Case(
        limit=allowance(
            100_000,
            150_000,
            d(31),
            id="platform/main/operations",
            unit="operations",
            instances=(),
            system="Patchworks",
            resets_in=d(29),
        ),
        level=Level.OK,
        signal="clear",
        says="Patchworks has used 100,000 of 150,000 operations a month (66 %).",
    ),
}


@pytest.mark.parametrize("case", FULLNESS.values(), ids=FULLNESS.keys())
def test_what_is_said_and_how_grave_it_is(case: Case) -> None:
    verdict = the_verdict(case.limit, *case.flows)
    assert (verdict.level, verdict.signal, verdict.sentence) == (case.level, case.signal, case.says)
    assert verdict.expected_at == (None if case.in_ is None else NOW + case.in_)


def test_every_shape_of_limiter_is_in_the_table() -> None:
    assert {case.limit.shape for case in FULLNESS.values()} == set(Shape)
