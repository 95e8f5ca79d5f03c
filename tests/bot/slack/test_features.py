"""What each verb answers, and what it does, on a desk over a real database."""

from __future__ import annotations

import pytest

from bot import facts
from bot.facts import QueueFacts, RoundFacts
from bot.incidents.model import Kind, State
from bot.slack.render.text import mention
from bot.slack.verbs import by_word, verbs
from bot.slack.words import read
from bot.store import incidents
from tests.bot.slack.scene import (
    ALEX,
    MINUTE,
    NOON,
    PRIYA,
    SENTENCE,
    ask,
    assert_slack_takes,
    desk_over,
    stall,
    words_of,
)


@pytest.fixture
def desk(store):
    return desk_over(store)


def state_of(desk, incident_id=1):
    return incidents.find_incident(desk.store.db, incident_id).state


def kinds_of(desk, incident_id=1):
    return [entry.kind for entry in incidents.timeline(desk.store.db, incident_id)]


def edits(desk):
    sql = "SELECT count(*) FROM outbox WHERE purpose = 'edit'"
    return desk.store.db.execute(sql).fetchone()[0]


def test_acknowledging_by_number(desk):
    stall(desk)
    said = ask(desk, "ack 1")
    assert "You have #1 in hand" in said.text
    assert incidents.find_incident(desk.store.db, 1).holder == PRIYA
    assert edits(desk) == 1


def test_acknowledging_without_a_number_takes_the_only_open_incident(desk):
    stall(desk)
    assert "#1" in ask(desk, "ack").text
    assert state_of(desk) is State.ACKNOWLEDGED


def test_acknowledging_without_a_number_offers_several(desk):
    stall(desk, "Orders", "Stock")
    said = ask(desk, "ack")
    assert_slack_takes(said)
    buttons = [block["accessory"] for block in said.blocks if "accessory" in block]
    assert [(each["action_id"], each["value"]) for each in buttons] == [
        ("incident_ack", "1:1"),
        ("incident_ack", "2:1"),
    ]
    assert state_of(desk) is State.TRIGGERED


@pytest.mark.parametrize("verb", ["ack", "unack", "resolve"])
def test_with_nothing_open_there_is_nothing_to_do(desk, verb):
    assert "No incident is open" in ask(desk, verb).text


@pytest.mark.parametrize("verb", ["ack", "unack", "resolve", "show", "runbook"])
def test_an_incident_that_is_not_there(desk, verb):
    stall(desk)
    assert "There is no incident #99" in ask(desk, f"{verb} 99").text


def test_a_second_person_is_told_who_has_it_and_is_noted(desk):
    stall(desk)
    ask(desk, "ack 1")
    said = ask(desk, "ack 1", ALEX)
    assert f"acknowledged by {mention(PRIYA)}" in said.text
    assert incidents.find_incident(desk.store.db, 1).holder == PRIYA
    assert kinds_of(desk)[-1] is Kind.SECONDED


def test_acknowledging_twice_changes_nothing(desk):
    stall(desk)
    ask(desk, "ack 1")
    assert "in hand already" in ask(desk, "ack 1").text
    assert len(kinds_of(desk)) == 2


def test_a_late_press_is_told_what_has_changed(desk):
    stall(desk)
    ask(desk, "ack 1")
    said = ask(desk, "resolve 1", ALEX, via="button", seen_version=1)
    assert "#1 has changed since you saw it" in said.text
    assert f"acknowledged by {mention(PRIYA)}" in said.text
    assert state_of(desk) is State.ACKNOWLEDGED


def test_withdrawing_an_acknowledgement(desk):
    stall(desk)
    assert "not acknowledged" in ask(desk, "unack 1").text
    ask(desk, "ack 1")
    assert "triggered again" in ask(desk, "unack 1").text
    assert state_of(desk) is State.TRIGGERED


def test_resolving_keeps_the_words_that_were_typed(desk):
    stall(desk)
    said = ask(desk, "resolve 1 stopped   the run; it was <b>stuck</b> & cold")
    assert "#1 is resolved" in said.text
    assert incidents.find_incident(desk.store.db, 1).resolution == (
        "stopped   the run; it was <b>stuck</b> & cold"
    )


def test_a_resolved_incident_stays_resolved(desk):
    stall(desk)
    ask(desk, "resolve 1", ALEX)
    for verb in ("ack", "unack", "resolve"):
        assert f"already resolved by {mention(ALEX)}" in ask(desk, f"{verb} 1").text
    assert kinds_of(desk)[-1] is Kind.RESOLVED


def test_a_resolve_while_it_still_stands_opens_nothing_in_the_next_round(desk):
    stall(desk)
    ask(desk, "resolve 1")
    desk.clock.at += MINUTE
    stall(desk)
    assert incidents.open_incidents(desk.store.db) == []


def test_showing_an_incident_with_its_timeline(desk):
    stall(desk)
    ask(desk, "ack 1")
    for text in ("show 1", "#1", "show", "timeline 1"):
        said = ask(desk, text)
        assert_slack_takes(said)
        assert "Stalled Queue Syndrome" in words_of(said)
        assert "Opened, high" in words_of(said)
        assert f"Acknowledged by {mention(PRIYA)}" in words_of(said)


def test_showing_needs_a_number_when_several_are_open(desk):
    stall(desk, "Orders", "Stock")
    assert "Which incident?" in ask(desk, "show").text


def test_listing_what_is_open_and_what_was_resolved(desk):
    assert "No incident is open" in ask(desk, "incidents").text
    stall(desk, "Orders", "Stock")
    ask(desk, "resolve 1")
    said = words_of(ask(desk, "incidents"))
    assert "1 incident is open" in said
    assert "*#2*" in said
    assert "Resolved in the last 24 hours" in said


def test_the_queue_is_as_old_as_its_facts(desk):
    assert "has not been read yet" in ask(desk, "queue").text
    known = QueueFacts(read_at=NOON, waiting_total=14, allowance=5, sentence=SENTENCE)
    with desk.store.writing() as db:
        facts.save_queue(db, known, NOON)
    said = words_of(ask(desk, "queue"))
    assert "14 runs" in said
    assert "0 of 5 allowed" in said
    assert f"Read <!date^{int(NOON.timestamp())}" in said


def test_a_blind_queue_is_never_green(desk):
    blind = QueueFacts(read_at=NOON, sentence="Nothing waits.").gone_blind("HTTP 503.", NOON)
    with desk.store.writing() as db:
        facts.save_queue(db, blind, NOON)
    said = ask(desk, "queue")
    assert "cannot be seen" in said.text
    assert "HTTP 503" in said.text
    assert "🟢" not in words_of(said)


@pytest.mark.parametrize(
    ("known", "first"),
    [
        (None, "No round has been finished"),
        ({}, "in order"),
        ({"troubled": 2}, "2 conditions in trouble"),
        ({"unknown": 1}, "cannot see everything"),
        ({"blind": ("the queue: HTTP 503",)}, "cannot see everything"),
        ({"at": NOON - 20 * MINUTE}, "is old"),
    ],
    ids=["no round", "well", "trouble", "unknown", "blind", "old"],
)
def test_the_status_is_green_only_when_all_is_known_and_fresh(desk, known, first):
    told = {"at": NOON, "took_seconds": 1.0, "judged": 3, "troubled": 0, "unknown": 0}
    if known is not None:
        with desk.store.writing() as db:
            facts.save_round(db, RoundFacts(**(told | known)))
    said = ask(desk, "status")
    assert_slack_takes(said)
    assert first in said.text
    assert ("🟢" in said.text) == (first == "in order")
    assert "connected (Socket Mode)" in words_of(said)


def test_the_runbook_of_an_incident_has_its_facts(desk):
    stall(desk)
    for text in ("runbook 1", "rb #1", "runbook"):
        said = ask(desk, text)
        assert_slack_takes(said)
        assert "Stalled Queue Syndrome (#1)" in said.text
        assert "r-77" in words_of(said)


def test_a_runbook_by_topic_and_the_topics(desk):
    assert "Stalled Queue Syndrome" in ask(desk, "runbook stalled queue").text
    assert "Did you mean `/seam runbook stalled-queue`?" in ask(desk, "runbook stalled-quue").text
    assert "`stalled-queue`" in ask(desk, "runbook").text


def test_help_names_every_verb_with_its_examples(desk):
    said = words_of(ask(desk, "help"))
    for verb in verbs():
        for example in verb.examples:
            assert f"`/seam {example.typed}`" in said
    assert_slack_takes(ask(desk, "help"))


def test_help_on_one_verb_and_on_none(desk):
    assert "/seam queue" not in words_of(ask(desk, "help ack"))
    assert "Did you mean `/seam ack`?" in ask(desk, "help akc").text


@pytest.mark.parametrize("typed", [example.typed for verb in verbs() for example in verb.examples])
def test_every_example_of_the_help_does_what_it_says(desk, typed):
    with desk.store.writing() as db:
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('incidents', 41)")
    stall(desk)
    if typed.startswith("unack"):
        ask(desk, "ack 42")
    said = ask(desk, typed)
    assert_slack_takes(said)
    assert by_word()[read(typed).word].name == typed.split()[0]
    for failure in ("I do not know", "There is no", "No incident is open", "nothing was"):
        assert failure not in said.text
