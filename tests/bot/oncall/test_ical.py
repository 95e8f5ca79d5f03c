"""Calendars in and out: recurrences, zones, who is meant, and what is no calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.incidents.rota import Every, Layer, Override, Rota, shifts
from bot.oncall.ical_export import export
from bot.oncall.ical_import import BadCalendar, Person, read_shifts

LONDON = ZoneInfo("Europe/London")
PEOPLE = (
    Person(name="Priya Shah", email="priya@example.com"),
    Person(name="Alex"),
    Person(name="Alexander"),
)
SINCE, UNTIL = datetime(2026, 10, 20, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
DTSTART:19700329T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
DTSTART:19701025T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def calendar(*events, zone=""):
    told = "".join(
        f"BEGIN:VEVENT\nUID:{number}@x\nDTSTAMP:20261001T000000Z\n{event.strip()}\nEND:VEVENT\n"
        for number, event in enumerate(events)
    )
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{zone}{told}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def read(*events, **more):
    return read_shifts(calendar(*events, **more), PEOPLE, LONDON, SINCE, UNTIL)


def told(found):
    return [(shift.person, shift.since, shift.until) for shift in found.shifts]


ONE = "DTSTART:20261102T090000Z\nDTEND:20261102T170000Z\n"


@pytest.mark.parametrize(
    ("who", "people"),
    [
        ("ATTENDEE:mailto:priya@example.com", ["Priya Shah"]),
        ("ATTENDEE:MAILTO:Priya@Example.com", ["Priya Shah"]),
        ("ATTENDEE;CN=alex:mailto:al@other.example", ["Alex"]),
        ("SUMMARY:Alex", ["Alex"]),
        ("SUMMARY:On call: alexander", ["Alexander"]),
        ("SUMMARY:Alex and Priya Shah", ["Alex", "Priya Shah"]),
        ("SUMMARY:priya@example.com", ["Priya Shah"]),
        ("SUMMARY:Alex\nATTENDEE:mailto:priya@example.com", ["Priya Shah"]),
        ("SUMMARY:Alex\nATTENDEE;PARTSTAT=DECLINED:mailto:priya@example.com", ["Alex"]),
        (
            "ATTENDEE:mailto:priya@example.com\nATTENDEE;CN=Alex:mailto:a@b.example",
            ["Priya Shah", "Alex"],
        ),
        ("SUMMARY:Alexandra", []),
        ("SUMMARY:Bank holiday", []),
        ("DESCRIPTION:nobody", []),
    ],
)
def test_who_is_meant_is_a_guest_or_else_the_title(who, people):
    found = read(f"{ONE}{who}")
    assert sorted(shift.person for shift in found.shifts) == sorted(people)
    assert bool(found.strangers) == (not people)


def test_a_weekly_event_stays_on_the_wall_clock_over_the_change():
    found = read(
        "SUMMARY:Alex\nDTSTART;TZID=Europe/London:20261019T090000\n"
        "DTEND;TZID=Europe/London:20261019T170000\nRRULE:FREQ=WEEKLY;COUNT=3\n"
        "EXDATE;TZID=Europe/London:20261102T090000",
        zone=ZONE,
    )
    assert told(found) == [("Alex", at("2026-10-26 09:00"), at("2026-10-26 17:00"))]
    whole = read(
        "SUMMARY:Alex\nDTSTART;TZID=Europe/London:20261024T090000\n"
        "DTEND;TZID=Europe/London:20261024T170000\nRRULE:FREQ=DAILY;COUNT=2",
        zone=ZONE,
    )
    assert [since for _, since, _ in told(whole)] == [
        at("2026-10-24 08:00"),
        at("2026-10-25 09:00"),
    ]


def test_one_of_a_series_that_was_moved_is_where_it_was_moved_to():
    body = calendar(
        "SUMMARY:Alex\nDTSTART:20261102T090000Z\nDTEND:20261102T170000Z\nRRULE:FREQ=DAILY;COUNT=2",
        "SUMMARY:Priya Shah\nRECURRENCE-ID:20261103T090000Z\n"
        "DTSTART:20261103T120000Z\nDTEND:20261103T130000Z",
    ).replace(b"UID:1@x", b"UID:0@x")
    found = read_shifts(body, PEOPLE, LONDON, SINCE, UNTIL)
    assert told(found) == [
        ("Alex", at("2026-11-02 09:00"), at("2026-11-02 17:00")),
        ("Priya Shah", at("2026-11-03 12:00"), at("2026-11-03 13:00")),
    ]


def test_whole_days_and_times_without_a_zone_are_those_of_the_rota():
    day = read("SUMMARY:Alex\nDTSTART;VALUE=DATE:20261024\nDTEND;VALUE=DATE:20261026")
    assert told(day) == [("Alex", at("2026-10-23 23:00"), at("2026-10-26 00:00"))]
    floating = read("SUMMARY:Alex\nDTSTART:20261024T090000\nDURATION:PT8H")
    assert told(floating) == [("Alex", at("2026-10-24 08:00"), at("2026-10-24 16:00"))]


def test_cancelled_and_empty_events_do_not_count():
    found = read(f"{ONE}SUMMARY:Alex\nSTATUS:CANCELLED", "SUMMARY:Alex\nDTSTART:20261102T090000Z")
    assert found.shifts == ()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no calendar that can be read"),
        (b"<html><body>Sign in</body></html>", "no calendar that can be read"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "no calendar that can be read"),
        (b"\xff\xfe\x00", "no calendar that can be read"),
        (calendar(f"{ONE}SUMMARY:Alex\nRRULE:FREQ=SECONDLY"), "every minute or more often"),
        (calendar(f"{ONE}SUMMARY:Alex\nRRULE:BYDAY=MO;F\n REQ=MINUTELY"), "every minute"),
        (b"x" * 6_000_000, "larger than 5 MB"),
    ],
    ids=["empty", "a page", "cut off", "bytes", "every second", "folded", "huge"],
)
def test_what_is_no_calendar_is_refused_in_a_sentence(body, why):
    with pytest.raises(BadCalendar, match=why):
        read_shifts(body, PEOPLE, LONDON, SINCE, UNTIL)


ROTA = Rota(
    name="integrations",
    zone=LONDON,
    layers=(
        Layer(
            name="days",
            members=("Priya Shah", "Alex"),
            every=Every.DAILY,
            start=date(2026, 10, 1),
            handover=time(1, 30),
        ),
    ),
)
COVER = Override(
    id=1,
    rota="integrations",
    person="Alexander",
    replaces=None,
    since=at("2026-11-05 12:00"),
    until=at("2026-11-05 14:00"),
    by="U0",
)


def test_what_is_written_reads_back_as_the_same_shifts():
    since, until = at("2026-10-20 00:00"), at("2026-11-20 00:00")
    found = read_shifts(export(ROTA, [COVER], since, until), PEOPLE, LONDON, since, until)
    wanted = shifts(ROTA, [COVER], since - timedelta(days=9), until + timedelta(days=9))
    assert told(found) == [
        (each.person, each.since, each.until)
        for each in wanted
        if each.since < until and since < each.until
    ]


def test_the_same_shift_keeps_its_identity_from_feed_to_feed():
    def uids(since):
        body = export(ROTA, [COVER], since, at("2026-11-20 00:00")).decode()
        return {line for line in body.splitlines() if line.startswith("UID")}

    first, second = uids(at("2026-11-01 00:00")), uids(at("2026-11-03 12:00"))
    assert second < first
    assert len(first) - len(second) == 3


def test_hostile_names_do_not_end_the_line():
    nasty = Rota(name="x\r\nEND:VCALENDAR", zone=LONDON, layers=ROTA.layers)
    body = export(nasty, [], at("2026-11-01 00:00"), at("2026-11-03 00:00")).decode()
    assert body.split("\r\n").count("END:VCALENDAR") == 1
