"""What is usual for a flow is learned from like hours that were watched whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checks.loss.usual import (
    HOUR,
    Block,
    Days,
    FlowSpan,
    Norm,
    Times,
    Traffic,
    Weighed,
    learn,
    times,
    weigh,
)

UNTIL = datetime(2026, 3, 30, 10, tzinfo=UTC)  # Monday, the day after clocks went forward
LONDON = Days(zone=ZoneInfo("Europe/London"))
WEEKS = 28 * 24


def hour(received: int = 10, sent: int | None = None) -> Traffic:
    sent = received if sent is None else sent
    return Traffic(started=6, told=6, received=received, sent=sent, fed=6, unsent=0 if sent else 6)


def steady(hours: int = WEEKS, received: int = 10) -> dict[datetime, Traffic]:
    return {UNTIL - n * HOUR: hour(received) for n in range(1, hours + 1)}


def watched(hours: int = WEEKS, without: Iterable[datetime] = ()) -> dict[datetime, float]:
    return {UNTIL - n * HOUR: 1.0 for n in range(1, hours + 1)} | dict.fromkeys(without, 0.9)


def of_flow(
    traffic: dict[datetime, Traffic],
    seen: dict[datetime, float] | None = None,
    days: Days = LONDON,
) -> FlowSpan:
    at = times(seen or watched(), UNTIL, days)
    spans = {end: moved(traffic, end) for end in at.kind}
    lately = {"5": moved(traffic, UNTIL)}
    found: Weighed = weigh(lately, {"5": spans}, {"5": norm_of(traffic, at)}, at)
    return found.flows["5"]


def moved(traffic: dict[datetime, Traffic], end: datetime) -> Traffic:
    """What the store sums up of three hours."""
    hours = [traffic.get(end - back * HOUR, Traffic()) for back in (1, 2, 3)]
    names = [each.name for each in fields(Traffic)]
    return Traffic(**{name: sum(getattr(hour, name) for hour in hours) for name in names})


def norm_of(traffic: dict[datetime, Traffic], at: Times) -> Norm:
    """Of blocks of one hour each."""
    learned = [(hour, traffic[hour]) for hour in at.learned if hour in traffic]
    return learn(
        [
            Block(
                first=hour,
                started=each.started,
                received=each.received,
                sent=each.sent,
                fed=each.fed,
                unsent=each.unsent,
            )
            for hour, each in learned
        ],
        at,
    )


def test_three_hours_are_set_beside_the_same_hours_of_mondays():
    span = of_flow(steady())
    assert span.now == Traffic(started=18, told=18, received=30, sent=30, fed=18)
    assert span.basis == "Mondays at this time"
    assert [each.received for each in span.alike] == [30, 30, 30]
    assert len(span.kind) == 19


def test_the_same_hours_are_those_of_the_local_clock():
    """Before the clocks went forward the same local hours were an hour later in UTC."""
    traffic = steady() | {UNTIL - timedelta(days=7): hour(1000)}
    assert [each.received for each in of_flow(traffic).alike] == [1020, 30, 30]


def test_an_hour_not_watched_whole_is_neither_judged_nor_learned_from():
    assert of_flow(steady(), watched(without=[UNTIL - HOUR])).now is None
    a_week_ago = UNTIL - timedelta(days=7)
    without = of_flow(steady(), watched(without=[a_week_ago]))
    assert without.now is not None
    assert len(without.kind) == 18
    assert without.basis == "weekdays at this time"


def test_holidays_are_not_learned_from():
    days = Days(zone=LONDON.zone, left_out={date(2026, 3, 23)})
    assert len(of_flow(steady(), days=days).kind) == 18


def test_a_watched_hour_without_a_run_is_an_hour_in_which_nothing_moved():
    traffic = steady()
    for back in (1, 2, 3):
        del traffic[UNTIL - back * HOUR]
    assert of_flow(traffic).now == Traffic()


def test_days_before_its_first_run_say_nothing_of_a_new_flow():
    assert len(of_flow(steady(5 * 24)).kind) == 2


@pytest.mark.parametrize(
    ("age", "usual"),
    [
        pytest.param(23, 1.0, id="a loss of the last day is no norm"),
        pytest.param(20 * 24, 0.0, id="one that lasts for weeks is"),
    ],
)
def test_the_norm_leaves_the_newest_day_out(age, usual):
    traffic = steady() | {UNTIL - n * HOUR: hour(10, sent=0) for n in range(1, age + 1)}
    assert of_flow(traffic).norm.usual == usual


def test_the_lowest_share_is_that_of_all_but_a_few_blocks():
    traffic = steady() | {UNTIL - n * HOUR: hour(10, sent=5) for n in range(25, 100)}
    norm = of_flow(traffic).norm
    assert (norm.usual, norm.lowest) == (1.0, 0.5)
    assert norm.fed == 6 * (WEEKS - 24)
    assert norm.a_day == 6 * 24
