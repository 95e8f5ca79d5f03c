"""Hand-overs are told once each: at the hour, across a restart, and where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.incidents.handovers import due_handovers
from bot.incidents.rota import Every, Layer, Rota
from bot.incidents.routing import Routing, Team
from bot.oncall.handovers import (
    begin_looking,
    place_of,
    read_topic,
    tell_handovers,
    topic_of,
)
from bot.oncall.rotas import Rotas
from bot.outbox import Needless
from bot.rota_settings import LayerSettings, RotaSettings
from bot.rules import Rules
from bot.slack.handing_over import handover_of
from bot.slack.letters import compose
from bot.store import open_store, outbox, overrides, runs
from bot.store.overrides import Arranged
from bot.timers import Timers
from checks.model import Level
from tests.bot.slack.scene import (
    ALEX,
    StillClock,
    ask,
    assert_slack_takes,
    desk_over,
    stall,
    words_of,
)
from tests.databases import new_store

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LONDON = ZoneInfo("Europe/London")
RULES = Rules(policies={}, destination="slack/C1")
START = date(2026, 11, 2)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def rotas_over(store, *names, zone=LONDON, **layer):
    told = {"members": ["Priya", "Alex"], "every": Every.DAILY, "start": START} | layer
    made = [RotaSettings(name=name, layer=[LayerSettings(**told)]) for name in names or ("stores",)]
    return Rotas(made, zone=zone, store=store, clock=StillClock())


def look(store, rotas, *moments, rules=RULES):
    for moment in moments:
        with store.writing() as db:
            tell_handovers(db, rotas, rules, moment)


def told(store):
    """The topics of the hand-overs, and where each is told."""
    rows = store.db.execute("SELECT topic, destination FROM outbox ORDER BY number").fetchall()
    return [(*read_topic(topic), place) for topic, place in rows]


def moments(since, until, every=5 * MINUTE):
    count = int((until - since) / every)
    return [since + step * every for step in range(count + 1)]


def test_the_first_look_of_all_tells_nothing(store):
    look(store, rotas_over(store), at("2026-11-21 09:00"))
    assert told(store) == []


def test_a_hand_over_between_the_start_and_the_first_look_is_told(store):
    with store.writing() as db:
        begin_looking(db, at("2026-11-21 08:59"))
    look(store, rotas_over(store), at("2026-11-21 09:01"))
    assert [topic[:2] for topic in told(store)] == [("stores", at("2026-11-21 09:00"))]


def test_a_second_start_does_not_begin_anew(store):
    for moment in ("2026-11-21 08:59", "2026-11-21 09:30"):
        with store.writing() as db:
            begin_looking(db, at(moment))
    look(store, rotas_over(store), at("2026-11-21 09:31"))
    assert len(told(store)) == 1


def test_a_hand_over_is_told_once_at_its_hour(store):
    rotas = rotas_over(store)
    look(store, rotas, *moments(at("2026-11-21 08:30"), at("2026-11-21 10:30"), MINUTE))
    assert told(store) == [("stores", at("2026-11-21 09:00"), "slack/C1")]


def test_a_restart_neither_repeats_nor_loses_one(tmp_path):
    path = tmp_path / "seamwatch.db"
    before = [*moments(at("2026-11-21 08:50"), at("2026-11-21 08:59"), MINUTE)]
    after = [at("2026-11-21 09:40"), at("2026-11-21 09:41")]
    for batch in (before, after, [at("2026-11-21 09:42")]):
        store = open_store(path)
        look(store, rotas_over(store), *batch)
        found = told(store)
        store.close()
    assert found == [("stores", at("2026-11-21 09:00"), "slack/C1")]


def test_a_look_whose_transaction_was_lost_is_made_up_for(store):
    rotas = rotas_over(store)
    look(store, rotas, at("2026-11-21 08:59"))
    store.db.execute("BEGIN IMMEDIATE")
    tell_handovers(store.db, rotas, RULES, at("2026-11-21 09:00"))
    store.db.rollback()
    assert told(store) == []
    look(store, rotas, at("2026-11-21 09:01"))
    assert len(told(store)) == 1


def test_after_long_absence_only_the_newest_of_each_rota_is_told(store):
    rotas = rotas_over(store, "stores", "web", every=Every.HOURLY, handover="00:15")
    look(store, rotas, at("2026-11-21 08:00"), at("2026-11-21 14:00"))
    newest = at("2026-11-21 13:15")
    assert told(store) == [("stores", newest, "slack/C1"), ("web", newest, "slack/C1")]


def test_after_a_short_absence_all_are_told(store):
    rotas = rotas_over(store, every=Every.HOURLY, handover="00:15")
    look(store, rotas, at("2026-11-21 08:10"), at("2026-11-21 09:10"), at("2026-11-21 09:16"))
    assert [when for _, when, _ in told(store)] == [at("2026-11-21 08:15"), at("2026-11-21 09:15")]


def test_a_clock_that_went_back_tells_nothing_again(store):
    rotas = rotas_over(store)
    for _ in range(2):
        look(store, rotas, *moments(at("2026-11-21 08:30"), at("2026-11-21 09:30")))
    assert len(told(store)) == 1


def test_a_cover_that_begins_while_somebody_looks_is_told(store):
    rotas = rotas_over(store)
    now = at("2026-11-21 12:00:05")
    look(store, rotas, at("2026-11-21 11:59"), now)
    arrange(store, "Omar", None, now - timedelta(seconds=1), now + HOUR)
    look(store, rotas, now + timedelta(seconds=5))
    assert [when for _, when, _ in told(store)] == [now - timedelta(seconds=1)]


def arrange(store, person, replaces, since, until):
    with store.writing() as db:
        arranged = Arranged(
            rota="stores",
            person=person,
            replaces=replaces,
            since=since,
            until=until,
            by="U0PRIYA",
        )
        [made] = overrides.save_overrides(db, [arranged], since)
        return made


def test_a_cover_that_is_cancelled_is_a_hand_over_back(store):
    rotas = rotas_over(store)
    noon = at("2026-11-21 12:00")
    look(store, rotas, at("2026-11-21 11:55"))
    made = arrange(store, "Omar", None, noon, noon + 4 * HOUR)
    look(store, rotas, *moments(noon, noon + HOUR))
    with store.writing() as db:
        assert overrides.cancel(db, made.id, "U0OMAR", noon + HOUR + MINUTE)
    look(store, rotas, *moments(noon + HOUR, noon + 6 * HOUR))
    assert [when for _, when, _ in told(store)] == [noon, noon + HOUR + MINUTE]


def test_a_cover_that_is_cancelled_before_it_begins_is_none(store):
    rotas = rotas_over(store)
    noon = at("2026-11-21 12:00")
    look(store, rotas, at("2026-11-21 11:50"))
    made = arrange(store, "Omar", None, noon, noon + 4 * HOUR)
    with store.writing() as db:
        overrides.cancel(db, made.id, "U0OMAR", noon - MINUTE)
    look(store, rotas, *moments(noon - MINUTE, noon + 6 * HOUR))
    assert told(store) == []


@pytest.mark.parametrize(
    ("day", "wanted"),
    [
        ("2026-03-29", ["2026-03-29 01:00"]),
        ("2026-10-25", ["2026-10-25 00:30", "2026-10-25 01:30"]),
    ],
    ids=["the hour is skipped in spring", "the hour comes twice in autumn"],
)
def test_where_the_clocks_change_each_change_of_people_is_told_once(store, day, wanted):
    """Turns end at 01:30 local time. In spring there is none: the first instant after the gap. In
    autumn it comes twice: the next begins at the first, the last ends at the second."""
    start = date.fromisoformat(day) - timedelta(days=2)
    rotas = rotas_over(store, start=start, handover="01:30")
    midnight = at(f"{day} 00:00") - HOUR
    look(store, rotas, *moments(midnight, midnight + 6 * HOUR, MINUTE))
    assert [when for _, when, _ in told(store)] == [at(each) for each in wanted]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(1, 3300), min_size=1, max_size=40))
def test_however_often_one_looks_each_hand_over_is_told_once(tmp_path, gaps):
    """In steps of less than an hour, with a restart before each."""
    store = new_store(tmp_path / f"{uuid4()}.db")
    rotas = rotas_over(store, every=Every.HOURLY, handover="00:15")
    now = since = at("2026-10-24 22:00")
    look(store, rotas, now)
    for gap in gaps:
        now += timedelta(seconds=gap)
        look(store, rotas_over(store, every=Every.HOURLY, handover="00:15"), now)
    expected = [each.at for each in due_handovers(rotas.all, [], since, now)]
    found = [when for _, when, _ in told(store)]
    store.close()
    assert found == expected


TEAMS = {
    "web": Team(name="web", members=("Omar",), home="slack/CWEB"),
    "all": Team(name="all", members=("Priya", "Alex", "Omar"), home="slack/CALL"),
    "poor": Team(name="poor", members=("Priya", "Alex")),
}


@pytest.mark.parametrize(
    ("name", "members", "place"),
    [
        ("Web", ("Priya",), "slack/CWEB"),
        ("stores", ("priya", "Alex"), "slack/CALL"),
        ("stores", ("Priya", "Dana"), "slack/C1"),
        ("poor", ("Dana",), "slack/C1"),
        ("calendar", (), "slack/C1"),
    ],
    ids=[
        "the team called like it",
        "the team that all are in",
        "no team has them all",
        "the team has no channel",
        "nobody is known to be on it",
    ],
)
def test_a_rota_is_spoken_to_in_the_channel_of(name, members, place):
    layer = Layer(name="x", members=members, every=Every.DAILY, start=START, handover=time(9))
    rota = Rota(name=name, zone=LONDON, layers=(layer,) if members else ())
    routing = Routing(home="slack/C1", policies={}, teams=TEAMS)
    assert place_of(rota, Rules(policies={}, destination="slack/C1", routing=routing)) == place


def row_of(store):
    [row] = outbox.due_rows(store.db, 4e9, ())
    return row


@pytest.fixture
def desk(store):
    """Looked at since 08:59, and an incident since noon."""
    made = desk_over(store, rotas=rotas_over(store))
    stall(made)
    store.db.execute("UPDATE outbox SET state = 'sent', ts = '1.0'")
    look(store, made.rotas, at("2026-11-22 08:59"), at("2026-11-22 09:00:03"))
    return made


def test_the_message_tells_the_state_when_it_is_sent(desk, store):
    letter = compose(desk, row_of(store))
    assert "Alex takes over *stores* from Priya" in words_of(letter.message) or (
        "Priya takes over *stores* from Alex" in words_of(letter.message)
    )
    assert "1 open incident" in letter.message.text
    assert letter.root_ts is None
    assert_slack_takes(letter.message)


def test_it_tells_what_a_person_resolved_and_is_still_there(desk, store):
    ask(desk, "resolve 1", ALEX)
    letter = compose(desk, row_of_handover(store))
    assert "0 open incidents, 1 resolved and still there, 0 silences" in letter.message.text
    words = words_of(letter.message)
    assert "*Resolved by a person, and still there*" in words
    assert f"• *#1* high, resolved by <@{ALEX}> <!date^" in words
    assert "and still there when last looked at: Nothing has started" in words
    assert_slack_takes(letter.message)
    for _ in range(2):
        desk.clock.at += 2 * MINUTE
        stall(desk, level=Level.OK)
    assert "still there" not in words_of(compose(desk, row_of_handover(store)).message)


def row_of_handover(store):
    return next(each for each in outbox.due_rows(store.db, 4e9, ()) if "handover" in each.topic)


def test_what_was_arranged_otherwise_before_it_was_sent_is_not_told(desk, store):
    leaves, comes = _people(desk)
    arrange(store, leaves, comes, at("2026-11-22 08:00"), at("2026-11-22 12:00"))
    with pytest.raises(Needless):
        handover_of(desk, row_of(store))


def test_a_rota_that_is_gone_has_no_hand_over(desk, store):
    row = row_of(store)
    gone = desk_over(store)
    with pytest.raises(Needless):
        handover_of(gone, row)


def _people(desk):
    since, until = at("2026-11-22 08:59"), at("2026-11-22 09:01")
    [found] = due_handovers(desk.rotas.all, [], since, until)
    assert read_topic(topic_of(found)) == ("stores", at("2026-11-22 09:00"))
    return found.ending[0], found.starting[0]


def test_the_timers_tell_them(store):
    clock = StillClock(at("2026-11-21 08:59:58"))
    timers = Timers(store, clock, RULES, lambda: None, rotas_over(store))
    timers.run_due()
    clock.at += timedelta(seconds=5)
    timers.run_due()
    assert [when for _, when, _ in told(store)] == [at("2026-11-21 09:00")]
    assert runs.find_snapshot(store.db, "handovers") is not None
