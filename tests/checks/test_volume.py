"""How operations become calls: by the written method, with nothing lost and nothing invented."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.runs import Direction, Run, RunStatus, Step
from checks.volume import Calls, busiest, operations, spread

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
RECEIVE, SEND = Direction.RECEIVE, Direction.SEND


def run(received: int | None = 0, sent: int | None = 0, **changes: object) -> Run:
    told: dict[str, object] = {
        "id": "81",
        "flow_id": "4001",
        "flow_name": "Orders to NetSuite",
        "status": RunStatus.SUCCESS,
        "started_at": NOON,
        "finished_at": NOON + 30 * SECOND,
        "received": received,
        "sent": sent,
    }
    return Run(**(told | changes))  # type: ignore[arg-type]


def steps(*told: tuple[str, Direction | None] | str) -> list[Step]:
    """Steps by their instance, with a direction where one is told."""
    pairs = [(each, None) if isinstance(each, str) else each for each in told]
    return [
        Step(id=str(n), name=f"step {n}", instance_id=instance, direction=direction)
        for n, (instance, direction) in enumerate(pairs)
    ]


def by_instance(calls: tuple[Calls, ...]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in calls:
        found[each.instance_id] += each.calls
    return dict(found)


def by_minute(calls: tuple[Calls, ...]) -> list[tuple[int, int]]:
    """Minutes after noon, and the calls in each."""
    return [((each.minute - NOON) // MINUTE, each.calls) for each in calls]


@pytest.mark.parametrize(
    ("called", "received", "sent", "expected"),
    [
        pytest.param(["shop", "erp"], 3, 5, {"shop": 3, "erp": 5}, id="first receives, next sends"),
        pytest.param(["shop"], 3, 5, {"shop": 8}, id="a step alone does both"),
        pytest.param(
            ["shop", "erp", "mail"], 1, 5, {"shop": 1, "erp": 3, "mail": 2},
            id="several that send share, the earlier one gets what is left over",
        ),
        pytest.param(
            [("erp", SEND), ("shop", RECEIVE)], 3, 5, {"shop": 3, "erp": 5},
            id="a told direction outranks the place",
        ),
        pytest.param(
            [("shop", RECEIVE), ("pim", RECEIVE), ("erp", SEND)], 4, 1,
            {"shop": 2, "pim": 2, "erp": 1}, id="two that receive share",
        ),
        pytest.param(
            [("shop", None), ("pim", RECEIVE), ("erp", None)], 4, 1,
            {"shop": 2, "pim": 2, "erp": 1}, id="told and untold directions side by side",
        ),
        pytest.param(
            [("erp", SEND), ("mail", SEND)], 3, 2, {"erp": 3, "mail": 2},
            id="without a step that receives all share what was received",
        ),
        pytest.param([("shop", RECEIVE)], 3, 2, {"shop": 5}, id="without a step that sends too"),
        pytest.param(["shop", "shop"], 3, 2, {"shop": 5}, id="source and target are one instance"),
        pytest.param(["shop", "erp"], 2, 0, {"shop": 2}, id="nothing sent is no call"),
    ],
)  # fmt: skip
def test_operations_go_to_the_steps_that_made_them(called, received, sent, expected):
    assert by_instance(spread(run(received, sent), steps(*called))) == expected


@pytest.mark.parametrize(
    ("start_s", "lasts_s", "amount", "expected"),
    [
        pytest.param(0, 30, 3, [(0, 3)], id="all within one minute"),
        pytest.param(0, 60, 3, [(0, 3)], id="an end on the minute does not touch the next"),
        pytest.param(50, 20, 3, [(0, 2), (1, 1)], id="over the turn of a minute"),
        pytest.param(0, 180, 7, [(0, 3), (1, 2), (2, 2)], id="what is left over comes early"),
        pytest.param(0, 7200, 4, [(0, 1), (30, 1), (60, 1), (90, 1)], id="few calls lie far apart"),
        pytest.param(10, 0, 2, [(0, 2)], id="a run without length"),
        pytest.param(10, -300, 2, [(0, 2)], id="an end before the start"),
    ],
)
def test_operations_are_spread_over_the_minutes_of_the_run(start_s, lasts_s, amount, expected):
    start = NOON + start_s * SECOND
    ended = run(amount, 0, started_at=start, finished_at=start + lasts_s * SECOND)
    assert by_minute(spread(ended, steps("shop"))) == expected


@pytest.mark.parametrize(
    "told",
    [
        pytest.param(run(None, 5), id="what was received was not told"),
        pytest.param(run(3, None), id="what was sent was not told"),
        pytest.param(run(3, 5, finished_at=None, status=RunStatus.STARTED), id="it still runs"),
    ],
)
def test_unknown_operations_are_no_calls_and_can_be_told_from_none(told):
    assert spread(told, steps("shop")) == ()
    assert operations(told) is None
    assert operations(run(0, 0)) == 0
    assert operations(run(3, 5)) == 8


def test_a_flow_that_calls_no_instance_has_no_calls():
    assert spread(run(3, 5), []) == ()


def test_an_end_that_cannot_be_true_does_not_fill_the_memory():
    years = run(5, 5, finished_at=NOON + timedelta(days=40_000))
    assert max(each.minute for each in spread(years, steps("shop"))) <= NOON + timedelta(days=7)


some_steps = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from([None, RECEIVE, SEND])),
    min_size=1,
    max_size=6,
)


@given(
    called=some_steps,
    received=st.integers(0, 5_000),
    sent=st.integers(0, 5_000),
    start_s=st.integers(0, 3_600),
    lasts_s=st.floats(0, 90_000),
)
def test_nothing_is_lost_nothing_invented_and_all_lies_within_the_run(
    called, received, sent, start_s, lasts_s
):
    start = NOON + start_s * SECOND
    ended = run(received, sent, started_at=start, finished_at=start + lasts_s * SECOND)
    calls = spread(ended, steps(*called))
    assert sum(each.calls for each in calls) == received + sent
    assert all(each.calls > 0 for each in calls)
    assert all(start - MINUTE < each.minute <= ended.finished_at for each in calls)
    assert {each.instance_id for each in calls} <= {instance for instance, _ in called}
    keys = [(each.instance_id, each.minute) for each in calls]
    assert len(keys) == len(set(keys))


@given(instances=st.integers(1, 7), sent=st.integers(0, 500))
def test_steps_that_share_differ_by_one_call_at_most_and_the_earlier_has_more(instances, sent):
    called = [(f"i{n}", SEND) for n in range(instances)]
    found = by_instance(spread(run(0, sent), steps(*called)))
    amounts = [found.get(instance, 0) for instance, _ in called]
    assert amounts == sorted(amounts, reverse=True)
    assert max(amounts) - min(amounts) <= 1


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        pytest.param(MINUTE, 9, id="a minute"),
        pytest.param(2 * MINUTE, 12, id="two minutes, sliding"),
        pytest.param(90 * SECOND, 9, id="between whole minutes, the shorter"),
        pytest.param(10 * SECOND, 1.5, id="less than a minute, its share"),
        pytest.param(HOUR, 16, id="an hour reaches back before the span"),
    ],
)
def test_the_busiest_window(width, expected):
    counts = {NOON - 30 * MINUTE: 2, NOON: 2, NOON + MINUTE: 9, NOON + 2 * MINUTE: 3}
    assert busiest(counts, width, NOON - 10 * MINUTE, NOON + 20 * MINUTE) == expected


def test_the_busiest_window_of_nothing_is_nothing():
    assert busiest({}, HOUR, NOON - HOUR, NOON) == 0


@given(
    counts=st.dictionaries(st.integers(-90, 60), st.integers(0, 50), max_size=40),
    minutes=st.integers(1, 80),
    lasts=st.integers(0, 60),
)
def test_the_busiest_window_is_the_largest_of_all_windows(counts, minutes, lasts):
    told = {NOON + n * MINUTE: amount for n, amount in counts.items()}
    found = busiest(told, minutes * MINUTE, NOON, NOON + lasts * MINUTE)
    windows = [
        sum(counts.get(newest - back, 0) for back in range(minutes)) for newest in range(lasts + 1)
    ]
    assert found == max(windows)
