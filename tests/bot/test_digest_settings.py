"""`[digest]`: when it is told and to whom, and what is refused."""

from __future__ import annotations

from datetime import time
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.digest_settings import DigestSettings, digest_faults

PARIS = ZoneInfo("Europe/Paris")


def test_nothing_set_is_half_past_eight_each_day_by_the_estates_clocks():
    told = DigestSettings().timetable(PARIS)
    assert (told.at, told.zone, told.days) == (time(8, 30), PARIS, frozenset(range(7)))
    assert (told.weekly, told.monthly) == (None, None)


def test_everything_set():
    told = DigestSettings.model_validate(
        {
            "time": "17:45",
            "days": ["mon", "fri"],
            "timezone": "Asia/Kolkata",
            "channels": ["#managers"],
            "people": ["Dana"],
            "pagers": ["mail"],
            "weekly": "mon",
            "monthly": 1,
        }
    ).timetable(PARIS)
    assert (told.at, told.zone.key, told.days) == (time(17, 45), "Asia/Kolkata", frozenset({0, 4}))
    assert (told.weekly, told.monthly) == (0, 1)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"time": "25:00"}, "expected a time of day"),
        ({"days": []}, "at least 1 item"),
        ({"days": ["mon", "mon"]}, "days names one more than once"),
        ({"people": ["Dana", "dana"]}, "people names one more than once"),
        ({"weekly": "Monday"}, "'mon', 'tue'"),
        ({"monthly": 31}, "less than or equal to 28"),
        ({"timezone": "London"}, "IANA time zone"),
        ({"recipients": []}, "Extra inputs"),
    ],
)
def test_what_is_refused(told, sentence):
    with pytest.raises(ValidationError, match=sentence):
        DigestSettings.model_validate(told)


def test_recipients_have_to_stand_in_the_file():
    told = {
        "person": [{"name": "Dana"}],
        "pager": [{"name": "mail", "kind": "email"}, {"name": "pd", "kind": "pagerduty"}],
        "digest": {"people": ["dana", "Omar"], "pagers": ["mail", "pd", "none"]},
    }
    assert list(digest_faults(told)) == [
        "[digest] people names 'Omar'; expected a [[person]] of that name",
        "[digest] pagers names 'pd'; expected a [[pager]] of kind \"email\"",
        "[digest] pagers names 'none'; expected a [[pager]] of kind \"email\"",
    ]


def test_a_file_without_the_section_has_no_fault():
    assert list(digest_faults({})) == []
    assert list(digest_faults({"digest": "08:30"})) == []
