"""Turns, layers, overrides and swaps, gaps and hand-overs."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.handovers import due_handovers
from bot.incidents.rota import (
    Every,
    Layer,
    Override,
    Rota,
    Shift,
    gaps,
    next_handover,
    on_call,
    shifts,
)

LONDON, UTC_ZONE = ZoneInfo("Europe/London"), ZoneInfo("UTC")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def layer(
    every=Every.DAILY, start="2026-11-02", handover="09:00", members=("Priya", "Alex"), **more
):
    return Layer(
        name=more.pop("name", "first"),
        members=members,
        every=every,
        start=date.fromisoformat(start),
        handover=time.fromisoformat(handover),
        **more,
    )


def rota(*layers, zone=UTC_ZONE, **more):
    return Rota(name="integrations", zone=zone, layers=layers, **more)


def override(person, replaces, since, until, number=1, of="integrations"):
    return Override(
        id=number,
        rota=of,
        person=person,
        replaces=replaces,
        since=at(since),
        until=at(until),
        by="U0PRIYA",
    )


@pytest.mark.parametrize(
    ("turns", "moment", "people"),
    [
        (layer(), "2026-11-02 08:59:59", ()),
        (layer(), "2026-11-02 09:00", ("Priya",)),
        (layer(), "2026-11-03 08:59:59", ("Priya",)),
        (layer(), "2026-11-03 09:00", ("Alex",)),
        (layer(length=2), "2026-11-03 09:00", ("Priya",)),
        (layer(length=2), "2026-11-04 09:00", ("Alex",)),
        (layer(Every.HOURLY, handover="00:15"), "2026-11-02 01:14", ("Priya",)),
        (layer(Every.HOURLY, handover="00:15"), "2026-11-02 01:15", ("Alex",)),
        (layer(Every.HOURLY, handover="08:00", length=12), "2026-11-02 20:00", ("Alex",)),
        (layer(Every.WEEKLY), "2026-11-09 08:59", ("Priya",)),
        (layer(Every.WEEKLY), "2026-11-09 09:00", ("Alex",)),
        (layer(Every.WEEKLY, members=("Priya",)), "2031-01-01 00:00", ("Priya",)),
        (layer(Every.MONTHLY, start="2026-01-31"), "2026-02-28 08:59", ("Priya",)),
        (layer(Every.MONTHLY, start="2026-01-31"), "2026-02-28 09:00", ("Alex",)),
        (layer(Every.MONTHLY, start="2026-01-31"), "2026-03-31 08:59", ("Alex",)),
        (layer(Every.MONTHLY, start="2026-01-31"), "2026-03-31 09:00", ("Priya",)),
        (layer(Every.MONTHLY, start="2028-01-31"), "2028-02-29 08:59", ("Priya",)),
        (layer(Every.MONTHLY, start="2028-01-31"), "2028-02-29 09:00", ("Alex",)),
        (layer(Every.MONTHLY, start="2028-02-29", length=12), "2029-02-28 08:59", ("Priya",)),
        (layer(Every.MONTHLY, start="2028-02-29", length=12), "2029-02-28 09:00", ("Alex",)),
        (layer(Every.DAILY, start="2028-02-28"), "2028-02-29 09:00", ("Alex",)),
        (layer(Every.DAILY, start="2028-02-28"), "2028-03-01 09:00", ("Priya",)),
        (layer(Every.DAILY, start="2027-02-28"), "2027-03-01 09:00", ("Alex",)),
        (layer(Every.MONTHLY, start="2026-11-15", length=2), "2027-01-15 09:00", ("Alex",)),
    ],
)
def test_whose_turn_it_is(turns, moment, people):
    assert on_call(rota(turns), (), at(moment)) == people


def test_a_shift_that_begins_in_a_skipped_hour_begins_after_it():
    nights = rota(layer(start="2027-03-01", handover="01:30"), zone=LONDON)
    change = at("2027-03-28 01:00")  # 01:00 is followed by 02:00
    assert on_call(nights, (), change - timedelta(seconds=1)) == ("Priya",)
    assert on_call(nights, (), change) == ("Alex",)


def test_in_an_hour_shown_twice_both_are_on_call_from_the_first_to_the_last_hand_over():
    nights = rota(layer(start="2026-10-01", handover="01:30"), zone=LONDON)
    assert on_call(nights, (), at("2026-10-25 00:29")) == ("Alex",)
    assert on_call(nights, (), at("2026-10-25 00:30")) == ("Alex", "Priya")
    assert on_call(nights, (), at("2026-10-25 01:29")) == ("Alex", "Priya")
    assert on_call(nights, (), at("2026-10-25 01:30")) == ("Priya",)


def test_the_last_layer_with_somebody_on_call_wins():
    fallback = layer(Every.WEEKLY, members=("Sam",), name="fallback")
    office = layer(name="office", hours=(time(9), time(18)), days=frozenset(range(5)))
    both = rota(fallback, office)
    assert on_call(both, (), at("2026-11-06 17:59")) == ("Priya",)
    assert on_call(both, (), at("2026-11-06 18:00")) == ("Sam",)
    assert on_call(both, (), at("2026-11-07 12:00")) == ("Sam",)
    assert gaps(both, (), at("2026-11-02 09:00"), at("2026-11-30 09:00")) == []


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin():
    nights = rota(layer(handover="20:00", hours=(time(22), time(6)), days=frozenset({4})))
    assert on_call(nights, (), at("2026-11-06 21:59")) == ()
    assert on_call(nights, (), at("2026-11-06 22:00")) != ()
    assert on_call(nights, (), at("2026-11-07 05:59")) != ()
    assert on_call(nights, (), at("2026-11-07 06:00")) == ()
    assert on_call(nights, (), at("2026-11-07 22:00")) == ()


OVERRIDES = [
    (
        "one person is replaced",
        [override("Sam", "Priya", "2026-11-02 10:00", "2026-11-02 12:00")],
        ("Sam",),
    ),
    (
        "somebody else is not",
        [override("Sam", "Alex", "2026-11-02 10:00", "2026-11-02 12:00")],
        ("Priya",),
    ),
    ("everybody is", [override("Sam", None, "2026-11-02 10:00", "2026-11-02 12:00")], ("Sam",)),
    (
        "it has not begun",
        [override("Sam", None, "2026-11-02 11:01", "2026-11-02 12:00")],
        ("Priya",),
    ),
    ("it is over", [override("Sam", None, "2026-11-02 10:00", "2026-11-02 11:00")], ("Priya",)),
    (
        "of another rota",
        [override("Sam", None, "2026-11-02 10:00", "2026-11-02 12:00", of="x")],
        ("Priya",),
    ),
    (
        "the cover is covered",
        [
            override("Kim", "Sam", "2026-11-02 10:00", "2026-11-02 12:00", 2),
            override("Sam", "Priya", "2026-11-02 10:00", "2026-11-02 12:00", 1),
        ],
        ("Kim",),
    ),
    (
        "one for everybody comes later and holds",
        [
            override("Sam", "Priya", "2026-11-02 10:00", "2026-11-02 12:00", 1),
            override("Kim", None, "2026-11-02 10:00", "2026-11-02 12:00", 2),
        ],
        ("Kim",),
    ),
]


@pytest.mark.parametrize(
    ("arranged", "people"), [each[1:] for each in OVERRIDES], ids=[each[0] for each in OVERRIDES]
)
def test_what_people_arranged(arranged, people):
    assert on_call(rota(layer()), arranged, at("2026-11-02 11:00")) == people


def test_an_override_for_everybody_fills_a_gap_too():
    empty = rota(layer(start="2026-12-01"))
    cover = [override("Sam", None, "2026-11-02 10:00", "2026-11-02 12:00")]
    assert on_call(empty, cover, at("2026-11-02 11:00")) == ("Sam",)
    assert gaps(empty, cover, at("2026-11-02 09:00"), at("2026-11-02 13:00")) == [
        (at("2026-11-02 09:00"), at("2026-11-02 10:00")),
        (at("2026-11-02 12:00"), at("2026-11-02 13:00")),
    ]


def test_shifts_are_told_in_order_and_cut_by_overrides():
    cover = [override("Sam", "Priya", "2026-11-02 18:00", "2026-11-02 22:00")]
    told = shifts(rota(layer()), cover, at("2026-11-02 00:00"), at("2026-11-04 09:00"))
    assert [(each.person, each.since, each.until, each.layer) for each in told] == [
        ("Priya", at("2026-11-02 09:00"), at("2026-11-02 18:00"), "first"),
        ("Sam", at("2026-11-02 18:00"), at("2026-11-02 22:00"), "override"),
        ("Priya", at("2026-11-02 22:00"), at("2026-11-03 09:00"), "first"),
        ("Alex", at("2026-11-03 09:00"), at("2026-11-04 09:00"), "first"),
    ]


def test_turns_of_one_person_that_touch_are_one_shift():
    alone = rota(layer(members=("Priya",)))
    told = shifts(alone, (), at("2026-11-03 00:00"), at("2026-12-01 00:00"))
    assert [(each.since, each.until) for each in told] == [
        (at("2026-11-03 00:00"), at("2026-12-01 00:00"))
    ]
    assert next_handover(alone, (), at("2026-11-03 00:00")) is None


def test_imported_shifts_hold_and_may_leave_gaps():
    told = Shift(person="Kim", since=at("2026-11-02 09:00"), until=at("2026-11-02 17:00"))
    calendar = rota(imported=(told,))
    assert on_call(calendar, (), at("2026-11-02 16:59")) == ("Kim",)
    assert on_call(calendar, (), at("2026-11-02 17:00")) == ()
    assert next_handover(calendar, (), at("2026-11-02 10:00")) == at("2026-11-02 17:00")


@pytest.mark.parametrize(
    ("turns", "after", "then"),
    [
        (layer(), "2026-11-02 09:00", "2026-11-03 09:00"),
        (layer(Every.WEEKLY), "2026-11-03 00:00", "2026-11-09 09:00"),
        (layer(Every.MONTHLY, length=12), "2026-11-03 00:00", "2027-11-02 09:00"),
        (layer(start="2027-01-01"), "2026-11-03 00:00", "2027-01-01 09:00"),
    ],
)
def test_the_next_hand_over(turns, after, then):
    assert next_handover(rota(turns), (), at(after)) == at(then)


def test_each_hand_over_is_told_once_however_often_it_is_asked():
    rotas = [rota(layer())]
    times, since = [], at("2026-11-02 00:00")
    while since < at("2026-11-05 00:00"):
        until = since + timedelta(minutes=90)
        times += [
            (each.at, each.ending, each.starting) for each in due_handovers(rotas, (), since, until)
        ]
        since = until
    assert times == [
        (at("2026-11-02 09:00"), (), ("Priya",)),
        (at("2026-11-03 09:00"), ("Priya",), ("Alex",)),
        (at("2026-11-04 09:00"), ("Alex",), ("Priya",)),
    ]


def test_a_hand_over_says_until_when_and_who_stays():
    nights = rota(layer(start="2026-10-01", handover="01:30"), zone=LONDON)
    first, last = due_handovers([nights], (), at("2026-10-25 00:00"), at("2026-10-25 02:00"))
    assert (first.ending, first.starting, first.staying) == ((), ("Priya",), ("Alex",))
    assert (last.ending, last.starting, last.staying) == (("Alex",), (), ("Priya",))
    assert first.until == last.at
    assert last.until == at("2026-10-26 01:30")


@given(
    minute=st.integers(0, 7_000_000),
    every=st.sampled_from(Every),
    length=st.integers(1, 40),
    zone=st.sampled_from(["Europe/London", "Australia/Lord_Howe", "America/Santiago", "UTC"]),
)
def test_around_the_clock_somebody_is_on_call_at_every_instant(minute, every, length, zone):
    found = rota(layer(every, length=length), zone=ZoneInfo(zone))
    assert on_call(found, (), at("2026-11-03") + timedelta(minutes=minute)) != ()


@given(
    spans=st.lists(
        st.tuples(
            st.sampled_from(["Priya", "Alex", "Sam", None]),
            st.sampled_from(["Priya", "Alex", "Sam"]),
            st.integers(0, 70),
            st.integers(1, 30),
        ),
        max_size=6,
    ),
    hour=st.integers(0, 71),
)
def test_the_list_of_shifts_agrees_with_every_instant(spans, hour):
    begin = at("2026-11-02 00:00")
    arranged = [
        Override(
            id=number,
            rota="integrations",
            person=person,
            replaces=replaces,
            since=begin + since * HOUR,
            until=begin + (since + length) * HOUR,
            by="U",
        )
        for number, (replaces, person, since, length) in enumerate(spans)
    ]
    office = rota(layer(), layer(members=("Sam",), hours=(time(12), time(14)), name="noon"))
    moment = begin + hour * HOUR
    told = shifts(office, arranged, begin, begin + 3 * DAY)
    listed = {each.person for each in told if each.since <= moment < each.until}
    assert listed == set(on_call(office, arranged, moment))
    empty = gaps(office, arranged, begin, begin + 3 * DAY)
    assert any(since <= moment < until for since, until in empty) == (not listed)
