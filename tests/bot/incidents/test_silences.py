"""What holds an alert back, and until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.hours import read_hours
from bot.incidents.matchers import match_all, read_matchers, say_matchers
from bot.incidents.model import Severity
from bot.incidents.routing import labels_of
from bot.incidents.silences import Maintenance, Mute, Silence, matchers_of, muted
from bot.incidents.windows import Once, Weekly
from checks.model import Subject

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday
HOUR = timedelta(hours=1)
LABELS = {
    "check": "failing_flow",
    "kind": "flow",
    "subject": "Orders",
    "id": "4021",
    "system": "netsuite",
    "flow": "Orders",
    "severity": "high",
}


def silence(text="system=netsuite", since=NOON, until=NOON + 2 * HOUR, **changes):
    told = {
        "id": 7,
        "matchers": read_matchers(text)[0],
        "by": "U0PRIYA",
        "reason": "they upgrade",
        "since": since,
        "until": until,
    }
    return Silence(**(told | changes))


def maintenance(hours="Sat 10:00-15:00", text="", **changes):
    window = Weekly(hours=read_hours(hours, ZoneInfo("Europe/London")))
    told = {"name": "backup", "window": window, "reason": "weekly backup"}
    return Maintenance(**(told | {"matchers": read_matchers(text)[0]} | changes))


def test_a_silence_holds_what_matches_until_its_end():
    held = Mute(by="silence 7", until=NOON + 2 * HOUR, reason="they upgrade", who="U0PRIYA")
    assert muted(LABELS, [silence()], [], NOON) == held
    assert str(held) == "silence 7: they upgrade"


@pytest.mark.parametrize(
    "silences",
    [
        [],
        [silence("system=shopify")],
        [silence(since=NOON + timedelta(seconds=1))],
        [silence(since=NOON - HOUR, until=NOON)],
        [silence("system=netsuite severity=critical")],
    ],
    ids=["none", "about another", "not begun", "just over", "partly"],
)
def test_what_is_not_held_speaks(silences):
    assert muted(LABELS, silences, [], NOON) is None


def test_maintenance_holds_everything_or_what_matches_while_it_is_on():
    [held] = [muted(LABELS, [], [maintenance()], NOON)]
    assert held == Mute(by="maintenance backup", until=NOON + 3 * HOUR, reason="weekly backup")
    assert muted(LABELS, [], [maintenance(text="flow=Stock")], NOON) is None
    assert muted(LABELS, [], [maintenance()], NOON + 3 * HOUR) is None
    assert muted({}, [], [maintenance()], NOON) is not None


def test_one_that_a_person_began_goes_by_its_number():
    begun = maintenance(name="", id=9, window=Once(since=NOON, until=NOON + HOUR))
    assert muted(LABELS, [], [begun], NOON).by == "maintenance 9"
    assert silence(id=0, name="freeze").label == "silence freeze"


@given(
    st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 9)), max_size=6),
    st.lists(st.tuples(st.integers(-5, 5), st.integers(1, 9)), max_size=6),
    st.integers(-6, 16),
)
def test_what_holds_longest_is_told_and_nothing_else_holds_longer(quiet, planned, hours):
    at = NOON + hours * HOUR
    spans = [(NOON + begin * HOUR, NOON + (begin + long) * HOUR) for begin, long in quiet + planned]
    silences = [silence(since=since, until=until) for since, until in spans[: len(quiet)]]
    windows = [
        maintenance(window=Once(since=since, until=until)) for since, until in spans[len(quiet) :]
    ]
    found = muted(LABELS, silences, windows, at)
    ends = [until for since, until in spans if since <= at < until]
    assert (found.until if found else None) == max(ends, default=None)


def test_the_matchers_of_an_incident_name_its_subject_and_check():
    matchers = matchers_of([LABELS])
    assert say_matchers(matchers) == "check=failing_flow kind=flow subject=Orders id=4021"
    assert match_all(matchers, LABELS)
    assert not match_all(matchers, LABELS | {"id": "4022"})


def test_several_alerts_of_one_subject_are_named_by_the_subject():
    both = [LABELS, LABELS | {"check": "odd_flow"}]
    assert say_matchers(matchers_of(both)) == "kind=flow subject=Orders id=4021"


def test_alerts_of_several_subjects_are_named_by_nothing():
    assert matchers_of([LABELS, LABELS | {"id": "7", "subject": "Stock"}]) == ()
    assert matchers_of([]) == ()


def test_a_name_too_long_for_a_matcher_is_left_to_the_id():
    matchers = matchers_of([LABELS | {"subject": "x" * 300}])
    assert say_matchers(matchers) == "check=failing_flow kind=flow id=4021"


def test_a_system_is_also_called_by_its_kind_and_its_instance():
    facts = {"system": "NetSuite ERP", "system_kind": "netsuite", "instance": "netsuite-production"}
    subject = Subject(kind="flow", id="1", name="Orders")
    labels = labels_of("failing_flow", subject, facts, Severity.LOW)
    for name in ("netsuite", "NetSuite-Production", "netsuite erp"):
        [equal], _ = read_matchers(f'system="{name}"')
        [other], _ = read_matchers(f'system!="{name}"')
        assert equal.matches(labels)
        assert not other.matches(labels)
    [elsewhere], _ = read_matchers("system=shopify")
    assert not elsewhere.matches(labels)
