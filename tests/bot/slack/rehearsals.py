"""Rehearsed peaks made by hand: one limit breaks, one holds, of one nothing can be told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.foresight.rehearsal import Rehearsal, Rehearsed, Wanted, in_order
from checks.declare import Shape
from checks.limits import Allowance, SizeFrom
from forecasting.advice import Advice, Move, Way

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, tzinfo=UTC)
HOUR = timedelta(hours=1)
RATE = Allowance(
    id="instance/702/rate",
    system="NetSuite",
    name="rate limit in Patchworks",
    shape=Shape.WINDOW,
    unit="calls",
    at=NOON,
    size=150.0,
    per=timedelta(minutes=1),
    size_from=SizeFrom.PLATFORM,
    instance_ids=("702",),
)
STAGGER = Advice(
    limit_id=RATE.id,
    way=Way.STAGGER,
    amount=150.0,
    before=0.83,
    after=0.12,
    highest_before=180.0,
    highest_after=120.0,
    moves=(Move(flow_id="1", flow_name="Stock sync", cron="0 * * * *", instead="20 * * * *"),),
    judged=27,
)
LARGER = Advice(
    limit_id=RATE.id,
    way=Way.RAISE,
    amount=150.0,
    before=0.83,
    after=0.07,
    highest_before=180.0,
    highest_after=180.0,
    needed=200.0,
    judged=27,
)
BREAKS = Rehearsed(
    allowance=RATE,
    usual=0.04,
    chance=0.83,
    soonest=FRIDAY + 8 * HOUR,
    middle=FRIDAY + 11 * HOUR,
    latest=FRIDAY + 15 * HOUR,
    highest=180.0,
    holds_until=2.4,
    judged=27,
    learned_at=NOON - 9 * HOUR,
    advice=(STAGGER, LARGER),
)
HOLDS = Rehearsed(
    allowance=Allowance(
        id="platform/main/operations",
        system="Patchworks",
        name="operations a month",
        shape=Shape.WINDOW,
        unit="operations",
        at=NOON,
        size=400_000.0,
        per=timedelta(days=30),
        size_from=SizeFrom.PLATFORM,
    ),
    usual=0.02,
    chance=0.06,
    highest=310_000.0,
    holds_until=3.0,
    judged=27,
)
UNKNOWN = Rehearsed(
    allowance=Allowance(
        id="system/netsuite-live/concurrency",
        system="netsuite-live",
        name="concurrency",
        shape=Shape.CONCURRENCY,
        unit="calls at a time",
        at=NOON,
    ),
    withheld="it has no published limit",
)


def of(*rehearsed: Rehearsed) -> Rehearsal:
    return Rehearsal(
        wanted=Wanted(
            times=3.0, system="netsuite", first=date(2026, 11, 27), last=date(2026, 11, 27)
        ),
        since=FRIDAY,
        until=FRIDAY + 24 * HOUR,
        as_of=NOON,
        rehearsed=in_order(rehearsed),
        systems=("netsuite-live", "NetSuite", "Patchworks"),
    )


TOLD = of(BREAKS, HOLDS, UNKNOWN)
