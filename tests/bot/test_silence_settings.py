"""`[[silence]]` and `[[maintenance]]`: what they become, and what is refused in one sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.incidents.announcing import Held
from bot.incidents.matchers import say_matchers
from bot.muting import Mutes
from bot.silence_settings import MaintenanceSettings, SilenceSettings
from bot.store import silences

LONDON = ZoneInfo("Europe/London")
NEXT = datetime(2027, 7, 5, 9)  # noqa: DTZ001 (TOML's local time)


def quiet(**told):
    start = {"name": "freeze", "matchers": "system=netsuite", "reason": "sale", "until": NEXT}
    return SilenceSettings.model_validate(start | told)


def planned(**told):
    start = {"name": "Sunday backup", "reason": "weekly backup"}
    return MaintenanceSettings.model_validate(start | told)


def faults(make, **told):
    with pytest.raises(ValidationError) as refused:
        make(**told)
    return " ".join(error["msg"] for error in refused.value.errors())


def test_a_silence_ends_by_the_clocks_of_the_estate():
    found = quiet().silence(LONDON)
    assert found.until == datetime(2027, 7, 5, 8, tzinfo=UTC)
    assert found.since < datetime(2000, 1, 1, tzinfo=UTC)
    assert (found.label, say_matchers(found.matchers)) == ("silence freeze", "system=netsuite")


def test_a_time_with_an_offset_is_what_it_says():
    until = datetime(2027, 7, 5, 9, tzinfo=UTC)
    assert quiet(until=until).silence(LONDON).until == until


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"matchers": "sytem=a"}, "There is no label sytem; did you mean system?"),
        ({"matchers": "netsuite"}, "expected matchers such as"),
        ({"matchers": ""}, "would silence everything"),
        ({"matchers": "severity!=critical"}, "would silence everything"),
        ({"since": NEXT}, "expected until after since"),
        ({"since": NEXT.replace(tzinfo=UTC)}, "both with an offset, or both without"),
        ({"reason": ""}, "at least 1 character"),
        ({"until": "soon"}, "datetime"),
    ],
    ids=str,
)
def test_silences_that_are_refused(told, sentence):
    assert sentence in faults(quiet, **told)


@pytest.mark.parametrize("key", ["name", "matchers", "reason", "until"])
def test_a_silence_needs_its_reason_and_its_end(key):
    told = {"name": "x", "matchers": "id=1", "reason": "y", "until": NEXT}
    del told[key]
    with pytest.raises(ValidationError, match=key):
        SilenceSettings.model_validate(told)


@pytest.mark.parametrize(
    ("told", "on", "off"),
    [
        ({"hours": "Sun 01:00-05:00"}, (2026, 7, 5, 0, 30), (2026, 7, 5, 4)),
        ({"hours": "Sun 01:00-05:00", "timezone": "UTC"}, (2026, 7, 5, 4), (2026, 7, 5, 5)),
        ({"hours": "22:00-02:00"}, (2026, 7, 5, 0, 30), (2026, 7, 5, 12)),
        ({"cron": "0 1 * * SUN", "length": "4h"}, (2026, 7, 5, 0, 30), (2026, 7, 5, 4)),
        ({"since": datetime(2026, 7, 5, 1), "until": datetime(2026, 7, 5, 5)},  # noqa: DTZ001
         (2026, 7, 5, 0, 30), (2026, 7, 5, 4)),
    ],
    ids=["weekly", "in a zone", "daily", "cron", "once"],
)  # fmt: skip
def test_when_maintenance_is_on(told, on, off):
    found = planned(**told).maintenance(LONDON)
    assert found.label == "maintenance Sunday backup"
    assert found.window.under_way(datetime(*on, tzinfo=UTC)) is not None
    assert found.window.under_way(datetime(*off, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({}, "expected one of: hours; cron and length; since and until"),
        ({"hours": "01:00-02:00", "cron": "0 1 * * *", "length": "1h"}, "expected one of"),
        ({"cron": "0 1 * * *"}, "expected cron and length together"),
        ({"since": NEXT}, "expected since and until together"),
        ({"cron": "0 25 * * *", "length": "1h"}, "five fields"),
        ({"cron": "0 1 * * *", "length": "2d"}, "at most 24h"),
        ({"cron": "0 1 * * *", "length": "long"}, "expected a duration"),
        ({"hours": "Sunday night"}, "expected hours such as"),
        ({"hours": "01:00-02:00", "timezone": "Europe/Lodnon"}, "did you mean"),
        ({"hours": "01:00-02:00", "matchers": "flow"}, "expected matchers"),
    ],
    ids=str,
)
def test_maintenance_that_is_refused(told, sentence):
    assert sentence in faults(planned, **told)


def test_settings_and_people_hold_things_back_together(store, noon):
    mutes = Mutes(
        told_silences=(quiet().silence(LONDON),),
        told_windows=(planned(hours="Sat 10:00-15:00", matchers="flow=Stock").maintenance(LONDON),),
    )
    labels = {"system": "netsuite"}
    assert mutes.find(store.db, labels, noon).by == "silence freeze"
    assert mutes.hold(store.db, {"flow": "Stock"}, noon) == Held(
        reason="maintenance Sunday backup: weekly backup", until=noon + timedelta(hours=3)
    )
    assert mutes.hold(store.db, {"flow": "Orders"}, noon) is None
    with store.writing() as db:
        number = silences.add(
            db,
            "maintenance",
            matchers=(),
            by="U0PRIYA",
            reason="new mapping",
            since=noon,
            until=noon + timedelta(hours=4),
        )
    assert mutes.find(store.db, {"flow": "Stock"}, noon).by == f"maintenance {number}"
    assert [each.label for each in mutes.windows(store.db, noon)] == [
        f"maintenance {number}",
        "maintenance Sunday backup",
    ]
    after = datetime(2027, 8, 1, tzinfo=UTC)
    assert mutes.silences(store.db, after) == []
    assert len(mutes.windows(store.db, after)) == 1
