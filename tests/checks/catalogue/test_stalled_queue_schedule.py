"""Missed schedules: who is accused, who is excused, and what cannot be told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.catalogue.stalled_queue import Evidence, Policy
from checks.model import Level
from checks.run_queue.schedule import latest_dues
from checks.runs import Flow, Queue
from tests.checks.catalogue.queue_cases import (
    NAMES,
    NOW,
    evidence,
    flow,
    h,
    history,
    job,
    jobs,
    judged,
    m,
    queue,
    run,
    running,
    s,
)

HOURLY = "30 * * * *"  # due half an hour ago
MISSED = "Stock to Shopify has missed its schedule for 30 min"
KEEPS = "Stock to Shopify keeps its schedule."


def scheduled(
    known: Flow, *, last: timedelta | None = None, seen: Queue | None = None, **more: object
) -> Evidence:
    starts = {known.id: NOW - last} if last is not None else {}
    return evidence(seen or queue(), flows=(known,), last_runs=starts, **more)


@dataclass(frozen=True, kw_only=True)
class Case:
    seen: Evidence
    level: Level
    says: str


CASES = {
    "missed": Case(
        seen=scheduled(flow("2", HOURLY), last=m(89)),
        level=Level.BREACH,
        says=f"{MISSED}: it last started 1 h 29 min ago, and no run of it waits.",
    ),
    "never seen to start": Case(
        seen=scheduled(flow("2", "30 9 * * *")),
        level=Level.BREACH,
        says="Stock to Shopify has missed its schedule for 6 d: no start was seen in 7 d of "
        "watching, and no run of it waits.",
    ),
    "started when it was due": Case(
        seen=scheduled(flow("2", HOURLY), last=m(30)), level=Level.OK, says=KEEPS
    ),
    "started in this round's reading": Case(
        seen=scheduled(flow("2", HOURLY), seen=queue(recent=[run(1, "2", ago=m(8))]), last=m(99)),
        level=Level.OK,
        says=KEEPS,
    ),
    "late, but within the margin": Case(
        seen=scheduled(flow("2", "51 * * * *"), last=m(68)), level=Level.OK, says=KEEPS
    ),
    "at the end of the margin": Case(
        seen=scheduled(flow("2", "50 * * * *"), last=m(69)),
        level=Level.BREACH,
        says="Stock to Shopify has missed its schedule for 10 min: it last started 1 h 9 min ago, "
        "and no run of it waits.",
    ),
    "it waits in the queue": Case(
        seen=scheduled(flow("2", HOURLY), last=m(89), seen=queue([job("2", ago=m(3))], running(9))),
        level=Level.OK,
        says=KEEPS,
    ),
    "its last run is still in progress": Case(
        seen=scheduled(flow("2", HOURLY), seen=queue(held=[run(1, "2", ago=m(100))])),
        level=Level.OK,
        says=KEEPS,
    ),
    "missed while the queue stalls": Case(
        seen=scheduled(flow("2", HOURLY), last=m(89), seen=queue(jobs(3, oldest=s(90), flow="1"))),
        level=Level.BREACH,
        says=f"{MISSED}: it last started 1 h 29 min ago, and no run of it waits.",
    ),
    "one of two schedules kept": Case(
        seen=scheduled(flow("2", HOURLY, "0 9 * * *"), last=m(40)),
        level=Level.BREACH,
        says=f"{MISSED}: it last started 40 min ago, and no run of it waits.",
    ),
    "disabled since": Case(
        seen=scheduled(flow("2", HOURLY, enabled=False, changed=m(20)), last=m(89)),
        level=Level.BREACH,
        says=f"{MISSED} because it is disabled: it last started 1 h 29 min ago, and no run of it "
        "waits.",
    ),
    "neither enabled nor deployed any more": Case(
        seen=scheduled(flow("2", HOURLY, enabled=False, deployed=False), last=m(89)),
        level=Level.BREACH,
        says=f"{MISSED} because it is disabled and not deployed: it last started 1 h 29 min ago, "
        "and no run of it waits.",
    ),
    "disabled since yesterday": Case(
        seen=scheduled(flow("2", HOURLY, enabled=False), last=h(26)),
        level=Level.OK,
        says="Stock to Shopify has been disabled for more than 1 d.",
    ),
    "not deployed and never seen to run": Case(
        seen=scheduled(flow("2", HOURLY, deployed=False)),
        level=Level.OK,
        says="Stock to Shopify is not deployed and has not run while we watched.",
    ),
    "disabled and last run before we watched": Case(
        seen=scheduled(flow("2", HOURLY, enabled=False), last=h(7), watched_since=NOW - h(6)),
        level=Level.OK,
        says="Stock to Shopify is disabled and has not run while we watched.",
    ),
    "due before we watched": Case(
        seen=scheduled(flow("2", HOURLY), watched_since=NOW - m(29)),
        level=Level.UNKNOWN,
        says="Stock to Shopify has not been watched long enough to judge its schedule.",
    ),
    "due hourly on Fridays, watched since Saturday": Case(
        seen=scheduled(flow("2", "0 9-17 * * 5"), watched_since=NOW - h(48)),
        level=Level.UNKNOWN,
        says="Stock to Shopify has not been watched long enough to judge its schedule.",
    ),
    "watched for less than one interval": Case(
        seen=scheduled(flow("2", HOURLY), watched_since=NOW - m(69)),
        level=Level.UNKNOWN,
        says="Stock to Shopify has not been watched long enough to judge its schedule.",
    ),
    "watched for one interval and the margin": Case(
        seen=scheduled(flow("2", HOURLY), watched_since=NOW - m(70)),
        level=Level.BREACH,
        says=f"{MISSED}: no start was seen in 1 h 10 min of watching, and no run of it waits.",
    ),
    "changed since it was due": Case(
        seen=scheduled(flow("2", HOURLY, changed=m(20)), last=m(89)),
        level=Level.UNKNOWN,
        says="Stock to Shopify has not been due since it was changed.",
    ),
    "changed before it was due": Case(
        seen=scheduled(flow("2", HOURLY, changed=m(40)), last=m(89)),
        level=Level.BREACH,
        says=f"{MISSED}: it last started 1 h 29 min ago, and no run of it waits.",
    ),
    "nobody tells whether it is enabled": Case(
        seen=scheduled(flow("2", HOURLY, enabled=None)),
        level=Level.UNKNOWN,
        says="Whether Stock to Shopify is enabled and deployed is not known.",
    ),
    "nobody tells, but it used to run": Case(
        seen=scheduled(flow("2", HOURLY, enabled=None), last=m(89)),
        level=Level.BREACH,
        says=f"{MISSED}: it last started 1 h 29 min ago, and no run of it waits.",
    ),
    "held back outside a full queue": Case(
        seen=scheduled(
            flow("2", HOURLY),
            last=m(89),
            seen=queue(jobs(30, oldest=s(20), flow="1"), running(9)),
            queue_cap=30,
        ),
        level=Level.UNKNOWN,
        says="The queue is full, so a run of Stock to Shopify may be held back outside, unseen.",
    ),
    "held back, perhaps, outside a queue that stands still": Case(
        seen=scheduled(
            flow("2", HOURLY),
            last=m(89),
            seen=queue(jobs(30, oldest=s(20), flow="1"), running(9)),
            history=history([30] * 5, started=3),
        ),
        level=Level.UNKNOWN,
        says="The queue is full, so a run of Stock to Shopify may be held back outside, unseen.",
    ),
    "waiting, perhaps, among rows not read": Case(
        seen=scheduled(
            flow("2", HOURLY),
            last=m(89),
            seen=queue(jobs(30, oldest=s(20), flow="1"), running(9), total=31),
        ),
        level=Level.UNKNOWN,
        says="Not all waiting runs could be read, so one of Stock to Shopify may be waiting.",
    ),
    "a line that is no schedule": Case(
        seen=scheduled(flow("2", HOURLY, "every hour"), last=m(89)),
        level=Level.UNKNOWN,
        says='A schedule of Stock to Shopify cannot be read: "every hour" (wrong number of '
        "fields); correct it in Patchworks.",
    ),
    "a line with an impossible minute": Case(
        seen=scheduled(flow("2", "61 * * * 1")),
        level=Level.UNKNOWN,
        says='A schedule of Stock to Shopify cannot be read: "61 * * * 1" (bad minute); correct it '
        "in Patchworks.",
    ),
    "no schedule at all": Case(
        seen=scheduled(flow("2")), level=Level.OK, says="Stock to Shopify has no schedule."
    ),
    "due on weekdays only, after a weekend": Case(
        seen=scheduled(flow("2", "55 16 * * 1-5"), last=h(65)), level=Level.OK, says=KEEPS
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_schedule(case: Case) -> None:
    verdict = judged(case.seen)["2/missed_schedule"]
    assert (verdict.level, verdict.sentence) == (case.level, case.says)
    assert verdict.key == "flow/2/stalled_queue/missed_schedule"


def test_a_missed_schedule_tells_what_was_due_and_when() -> None:
    verdict = judged(scheduled(flow("2", HOURLY, enabled=False), last=m(89)))["2/missed_schedule"]
    keys = ("signal", "flow", "schedule", "due_at", "last_start_at", "state")
    assert {key: verdict.facts[key] for key in keys} == {
        "signal": "missed_schedule",
        "flow": NAMES["2"],
        "schedule": "30 * * * *",
        "due_at": "2026-03-02T09:30:00+00:00",
        "last_start_at": "2026-03-02T08:31:00+00:00",
        "state": "disabled",
    }


def test_a_schedule_is_read_in_the_zone_of_the_policy() -> None:
    seen = scheduled(flow("2", "30 10 * * *"), last=h(23))  # 09:30 UTC in Rome
    assert judged(seen)["2/missed_schedule"].level is Level.OK
    roman = judged(seen, Policy(schedule_zone="Europe/Rome"))["2/missed_schedule"]
    assert roman.sentence.startswith(MISSED)


def utc(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "zone", "until", "due", "before"),
    [
        ("30 1 * * *", "Europe/London", utc(3, 29, 4, 0), utc(3, 29, 1, 0), utc(3, 28, 1, 30)),
        ("30 1 * * *", "Europe/London", utc(3, 30, 4, 0), utc(3, 30, 0, 30), utc(3, 29, 1, 0)),
        ("30 1 * * *", "Europe/London", utc(10, 25, 4, 0), utc(10, 25, 0, 30), utc(10, 24, 0, 30)),
        ("30 * * * *", "Europe/London", utc(10, 25, 2, 0), utc(10, 25, 1, 30), utc(10, 25, 0, 30)),
        ("30 1 * * *", "UTC", utc(3, 29, 4, 0), utc(3, 29, 1, 30), utc(3, 28, 1, 30)),
        ("0 9 * * 1", "UTC", utc(3, 2, 9, 0), utc(3, 2, 9, 0), utc(2, 23, 9, 0)),
    ],
    ids=[
        "a time that is skipped is due at the change",
        "the day after the skipped time",
        "a time that is repeated is due once",
        "an hourly job goes on through the repeated hour",
        "UTC has no changes",
        "due at this very moment",
    ],
)
def test_due_times_across_clock_changes(
    line: str, zone: str, until: datetime, due: datetime, before: datetime
) -> None:
    assert latest_dues([line], until, ZoneInfo(zone)) == [due, before]


@settings(deadline=None)
@given(line=st.text(alphabet="0123456789*/,-#LWMONJAN ", max_size=20) | st.text(max_size=12))
def test_no_line_breaks_the_check(line: str) -> None:
    verdict = judged(scheduled(flow("2", line), last=m(89)))["2/missed_schedule"]
    assert verdict.level in Level


@settings(deadline=None)
@given(
    minutes=st.integers(1, 30),
    watched=st.integers(0, 200),
    ran=st.none() | st.integers(0, 300),
)
def test_nobody_is_accused_before_an_interval_was_watched(
    minutes: int, watched: int, ran: int | None
) -> None:
    last = m(ran) if ran is not None else None
    seen = scheduled(flow("2", f"*/{minutes} * * * *"), last=last)
    seen = replace(seen, watched_since=NOW - m(watched))
    verdict = judged(seen)["2/missed_schedule"]
    if watched < minutes + 10 and 60 % minutes == 0:
        assert verdict.level is not Level.BREACH
    if ran is not None and ran <= 10:
        assert verdict.level is Level.OK
