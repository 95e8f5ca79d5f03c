"""What each verb answers, and what it does, on a desk over a real database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot import facts
from bot.facts import BackfillFacts, QueueFacts, RoundFacts, Trouble
from bot.incidents.model import Kind, State
from bot.slack.letters import view_of
from bot.slack.render.help import HEADINGS, unknown_verb
from bot.slack.render.modals import resolve_modal
from bot.slack.render.status import status_answer
from bot.slack.render.text import mention
from bot.slack.verbs import Ask, by_word, nearest, verbs
from bot.slack.words import read
from bot.store import incidents, runs
from checks.model import Level, Subject, Verdict
from tests.bot.slack.crew import crewed
from tests.bot.slack.proposals import proposal_waits
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
    texts_of,
    words_of,
)


@pytest.fixture
def desk(store):
    return desk_over(store)


def thread_ask(rest):
    """What is said by a mention in the thread of #1."""
    return Ask(user_id=PRIYA, via="mention", incident_id=1, rest=rest)


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


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ack x", "`x` is no incident; incidents are numbers such as 42"),
        ("ack frobnicate", "`frobnicate` is no incident"),
        ("ack 99999999999999999999999999", "`99999999999999999999999999` is no incident"),
        ("ack -1", "`-1` is no incident"),
        ("ack 1 2 3", "Only one incident at a time"),
        ("ack #1, #2 and 3", "Only one incident at a time"),
        ("ack 1,2", "Only one incident at a time"),
        ("ack 1 please", "`please` is no incident"),
        ("show x", "`x` is no incident"),
        ("show 1 2", "Only one incident at a time"),
        ("#1 #2", "Only one incident at a time"),
        ("resolve -1", "`-1` is no incident"),
        ("resolve 99999999999999999999999999 went away", "`99999999999999999999999999` is no"),
        ("resolve #x went away", "`#x` is no incident"),
        ("resolve 1 2 3", "Only one incident at a time"),
    ],
)
def test_nonsense_in_place_of_a_number_does_nothing(desk, typed, said):
    stall(desk)
    answered = ask(desk, typed)
    assert_slack_takes(answered)
    assert said in answered.text
    assert "nothing was done" in answered.text
    assert kinds_of(desk) == [Kind.OPENED]


@pytest.mark.parametrize("typed", ["unack x", "unack 1 2", "unack 99999999999999999999999999"])
def test_nonsense_takes_nothing_back(desk, typed):
    stall(desk)
    ask(desk, "ack 1")
    assert "nothing was done" in ask(desk, typed).text
    assert state_of(desk) is State.ACKNOWLEDGED


def test_in_a_thread_too_long_a_number_is_not_taken_for_how_it_was_resolved(desk):
    stall(desk)
    said = by_word()["resolve"].answer(desk, thread_ask("9" * 26))
    assert "is no incident" in said.text
    assert state_of(desk) is State.TRIGGERED


@pytest.mark.parametrize("number", ["show 0", "runbook 0"])
def test_incident_zero_is_not_the_only_open_one(desk, number):
    stall(desk)
    assert "There is no incident #0" in ask(desk, number).text


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


def test_resolving_without_a_number_keeps_the_words_too(desk):
    stall(desk)
    ask(desk, "resolve 3rd-party outage is over")
    assert incidents.find_incident(desk.store.db, 1).resolution == "3rd-party outage is over"


def test_resolving_what_is_still_there_says_so_and_what_follows(desk):
    stall(desk)
    said = ask(desk, "resolve 1").text
    follows = (
        "it stays quiet until it has gone; if it is still there after 1 h, a new incident says so"
    )
    assert "the last look still found the problem" in said
    assert follows in said


def test_the_modal_warns_in_the_words_of_the_answer(desk):
    stall(desk)
    asked = (
        "The last look still found the problem. If you resolve it now, it stays quiet until it has "
        "gone; if it is still there after 1 h, a new incident says so."
    )
    assert asked in "\n".join(texts_of(resolve_modal(view_of(desk, 1)).blocks))


def test_resolving_what_the_last_look_did_not_find_claims_nothing_else(desk):
    stall(desk)
    desk.clock.at += MINUTE / 2
    stall(desk, level=Level.OK)
    said = ask(desk, "resolve 1").text
    assert "The last look did not find the problem any more" in said
    assert "stays quiet" not in said


STILL = "till there when last looked at"


def test_a_resolved_incident_says_that_it_was_still_there_at_the_last_look(desk):
    stall(desk)
    assert STILL not in words_of(ask(desk, "show 1"))
    ask(desk, "resolve 1")
    assert STILL in words_of(ask(desk, "show 1"))
    desk.clock.at += MINUTE
    stall(desk)
    for typed in ("show 1", "incidents"):
        said = ask(desk, typed)
        assert_slack_takes(said)
        assert STILL in words_of(said)
    assert f"{int(desk.clock.at.timestamp())}" in words_of(ask(desk, "show 1")).partition(STILL)[2]


def test_once_a_look_no_longer_finds_it_nothing_is_claimed(desk):
    stall(desk)
    ask(desk, "resolve 1")
    for _ in range(3):
        desk.clock.at += MINUTE
        stall(desk, level=Level.OK)
        assert STILL not in words_of(ask(desk, "show 1")) + words_of(ask(desk, "incidents"))


def test_blindness_after_a_resolve_does_not_count_as_gone(desk):
    stall(desk)
    seen_at = desk.clock.at
    ask(desk, "resolve 1")
    desk.clock.at += MINUTE
    stall(desk, level=Level.UNKNOWN)
    shown = words_of(ask(desk, "show 1")).partition(STILL)[2]
    assert shown.startswith(f": <!date^{int(seen_at.timestamp())}^")


def test_an_early_incident_is_listed_in_its_own_colour(desk):
    stall(desk, level=Level.EARLY)
    assert "🟣 *#1* [LOW] Triggered early" in words_of(ask(desk, "incidents"))


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


@pytest.mark.parametrize("told", ["HTTP 503", "HTTP 503."])
def test_a_blind_queue_is_never_green(desk, told):
    blind = QueueFacts(read_at=NOON, sentence="Nothing waits.").gone_blind(told, NOON)
    with desk.store.writing() as db:
        facts.save_queue(db, blind, NOON)
    said = ask(desk, "queue")
    assert "cannot be seen" in said.text
    assert "HTTP 503. It has been out of sight since" in said.text
    assert "🟢" not in words_of(said)


AUDIT = ("Nightly stock audit (has not been watched long enough to judge its schedule)",)
BLIND = ("the queue: HTTP 503",)


@pytest.mark.parametrize(
    ("known", "first"),
    [
        (None, "No round has been finished"),
        ({}, "in order"),
        ({"troubled": 2}, "2 conditions in trouble"),
        ({"troubled": 1, "unknown": 1, "unjudged": AUDIT}, "1 condition in trouble.* Seen"),
        ({"troubled": 1, "blind": BLIND}, "1 condition in trouble.* And I cannot see everything."),
        ({"unknown": 1}, "cannot see everything"),
        ({"unknown": 2, "unjudged": AUDIT}, "cannot see everything"),
        ({"unknown": 1, "unjudged": AUDIT}, "in order"),
        ({"blind": BLIND}, "cannot see everything"),
        ({"judged": 0}, "judged nothing"),
        ({"at": NOON - 20 * MINUTE}, "is old"),
    ],
    ids=[
        "no round",
        "well",
        "trouble",
        "trouble before unjudged",
        "trouble before blind",
        "unknown",
        "unknown for another reason too",
        "not judged yet",
        "blind",
        "nothing judged",
        "old",
    ],
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


def test_the_status_names_the_first_that_are_not_judged_yet(desk):
    names = tuple(f"Flow {n} (not watched long enough)" for n in range(1, 6))
    known = RoundFacts(at=NOON, took_seconds=1.0, judged=9, troubled=0, unknown=5, unjudged=names)
    with desk.store.writing() as db:
        facts.save_round(db, known)
    said = words_of(ask(desk, "status"))
    assert "Not judged: Flow 1 (not watched long enough), Flow 2" in said
    assert "Flow 3 (not watched long enough), and 2 more." in said
    assert "Flow 4" not in said


def test_the_status_names_what_is_in_trouble_and_in_which_incident_it_is(desk):
    stall(desk, "Orders", "Stock")
    ask(desk, "resolve 2")
    trouble = [
        Trouble(key=f"flow/{name}/stalled_queue/queue", name=name, sentence=f"{name} <hangs>.")
        for name in ("Orders", "Stock", "Prices")
    ]
    told = RoundFacts(
        at=NOON, took_seconds=1.0, judged=9, troubled=4, unknown=0, trouble=tuple(trouble)
    )
    with desk.store.writing() as db:
        facts.save_round(db, told)
    said = ask(desk, "status")
    assert_slack_takes(said)
    assert (
        "*Stock* (#2, which a person resolved while it stood): Stock &lt;hangs&gt;.\n"
        "• *Prices* (no incident yet: it has to be seen again first): Prices &lt;hangs&gt;.\n"
        "• *Orders* (#1): Orders &lt;hangs&gt;.\n"
        "and 1 more"
    ) in words_of(said)


def test_a_round_keeps_the_names_of_what_is_in_trouble(desk):
    def found(name, level):
        subject = Subject(kind="flow", id=name, name=name)
        told = {"check": "stalled_queue", "condition": "queue", "signal": "stall"}
        return Verdict(subject=subject, level=level, sentence=f"{name}.", **told)

    levels = {"A": Level.OK, "B": Level.EARLY, "C": Level.UNKNOWN, "D": Level.BREACH}
    kept = facts.in_trouble(found(name, level) for name, level in levels.items())
    assert [each.name for each in kept] == ["D", "B"]


def test_a_round_stored_before_an_update_can_still_be_told(desk):
    old = {"at": "2026-11-21T12:00:00Z", "took_seconds": 1, "judged": 3, "troubled": 0}
    with desk.store.writing() as db:
        runs.save_snapshot(db, "round", NOON, old | {"unknown": 0})
    assert "Everything I look at is in order" in ask(desk, "status").text


TAKE_IT = "Nobody has it yet? Take it"


def test_the_runbook_bids_nobody_take_what_is_taken_or_over(desk):
    stall(desk)
    assert TAKE_IT in words_of(ask(desk, "runbook 1"))
    ask(desk, "ack 1")
    assert TAKE_IT not in words_of(ask(desk, "runbook 1"))
    ask(desk, "unack 1")
    assert TAKE_IT in words_of(ask(desk, "runbook 1"))
    ask(desk, "resolve 1")
    assert TAKE_IT not in words_of(ask(desk, "runbook 1"))
    assert "green by itself" not in words_of(ask(desk, "runbook 1"))


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


def test_the_help_names_incidents_in_one_way():
    typed = [example.typed for verb in verbs() for example in verb.examples]
    assert not [each for each in typed if "#" in each]
    assert {"show 42", "runbook 42"} <= set(typed)


def test_in_a_mention_the_help_speaks_of_mentions(desk):
    said = words_of(ask(desk, "help ack", via="mention"))
    assert "`@Seamwatch ack 42`" in said
    assert "/seam" not in said


def test_every_verb_stands_under_one_heading_of_the_help():
    told = [name for _, names in HEADINGS for name in names]
    assert sorted(told) == sorted(verb.name for verb in verbs())


def test_a_typo_brings_the_verb_that_was_meant_and_not_the_whole_help(desk):
    near = words_of(unknown_verb("aknowledge", nearest("aknowledge"), verbs(), "/seam", "1"))
    assert "Did you mean `/seam ack 1`?" in near
    assert "take #42 in hand" in near
    assert "/seam queue" not in near
    assert near.count("\n") < 8
    far = words_of(unknown_verb("frobnicate", None, verbs(), "/seam"))
    assert "*What is coming:* forecast, whatif" in far
    assert far.count("\n") < 14


def test_help_on_one_verb_and_on_none(desk):
    assert "/seam queue" not in words_of(ask(desk, "help ack"))
    assert "Did you mean `/seam ack`?" in ask(desk, "help akc").text


FAILURES = ("I do not know", "There is no", "No incident is open", "nothing was", "Nobody was")
FAILURES += ("Until when?", "Which", "nobody left", "not snoozed", "not acknowledged")


@pytest.mark.parametrize("typed", [example.typed for verb in verbs() for example in verb.examples])
def test_every_example_of_the_help_does_what_it_says(store, typed):
    desk = crewed(store)
    with desk.store.writing() as db:
        db.execute("UPDATE sqlite_sequence SET seq = 41 WHERE name = 'incidents'")
    stall(desk)
    if typed.startswith(("unack", "confirm")):
        ask(desk, "ack 42")
    if typed.startswith("unsnooze"):
        ask(desk, "snooze 42 1h")
    if typed.startswith(("approve", "refuse")):
        proposal_waits(desk, 7)
    said = ask(desk, typed)
    assert_slack_takes(said)
    assert by_word()[read(typed).word].name == typed.split()[0]
    for failure in FAILURES:
        assert failure not in said.text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "not read yet"),
        ({"total": 14_000, "done": 3_500}, "3,500 of about 14,000 runs read (25%)"),
        ({"waiting": "401"}, "it waits: 401"),
    ],
    ids=["not begun", "a quarter", "waiting"],
)
def test_the_status_tells_how_far_the_past_is_read_until_it_is(changes, said):
    began = BackfillFacts(began_at=NOON, since=NOON, reached=NOON, **changes)
    told = [
        words_of(status_answer(None, [], 0, "connected", NOON, past=past))
        for past in (began, replace(began, finished_at=NOON))
    ]
    assert [said in each for each in told] == [True, False]
