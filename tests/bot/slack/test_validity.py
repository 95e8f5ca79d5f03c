"""Every message, however hostile what it holds, is one that Slack takes and that pings nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
import slackblocks._limits as theirs
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import QueueFacts, RoundFacts
from bot.incidents.events import Acknowledge, Open, Reassess, Resolve, Unacknowledge
from bot.incidents.model import Actor, Severity, State
from bot.slack.render import blocks
from bot.slack.render.answers import no_incident, which
from bot.slack.render.changed import changed_before
from bot.slack.render.help import unknown_verb
from bot.slack.render.incident import entry_line, incident_message
from bot.slack.render.links import Links
from bot.slack.render.lists import incident_list
from bot.slack.render.message import answer, fits, plain_version
from bot.slack.render.notice import notice, possible_repeat
from bot.slack.render.queue import queue_answer
from bot.slack.render.runbook import runbook_answer, runbook_topics
from bot.slack.render.show import incident_with_timeline
from bot.slack.render.status import status_answer
from bot.slack.verbs import COMMAND, verbs
from checks.model import Level, Measure, Subject
from checks.runs import Changed, Run, RunStatus, Waiting
from runbooks.book import About, Book, Rendered, Section
from tests.bot.slack import samples
from tests.bot.slack.scene import (
    ALEX,
    CHECK,
    MINUTE,
    NASTY,
    NOON,
    PRIYA,
    alert_of,
    all_blocks,
    assert_slack_takes,
    by_hand,
    hostile,
    texts_of,
    view_of,
)
from tests.bot.slack.sound import assert_sound, thorough

BOOK = Book()


@st.composite
def views(draw):
    """An incident about which everything foreign is hostile."""
    words = [draw(hostile) for _ in range(8)]
    actor = Actor(who=draw(hostile | st.just(PRIYA)), via="command")
    events = [
        (Acknowledge(), actor, 1),
        (Reassess(severity=Severity.CRITICAL, turned=words[0]), CHECK, 2),
        (Acknowledge(), Actor(who=ALEX, via="mention"), 3),
        (Unacknowledge(), actor, 4),
        (Reassess(severity=Severity.LOW, turned=words[1]), CHECK, 5),
        (Resolve(summary=words[2]), actor, 6),
    ][: draw(st.integers(0, 6))]
    alert = alert_of(
        check=draw(st.sampled_from(["stalled_queue", words[3]])),
        subject=Subject(kind="flow", id=words[4], name=words[5]),
        level=draw(st.sampled_from([Level.EARLY, Level.BREACH])),
        sentence=words[6],
        measures=tuple(
            Measure(label=words[7], measured=words[0], usual=words[1])
            for _ in range(draw(st.sampled_from([0, 1, 10, 11])))
        ),
        facts=draw(
            st.fixed_dictionaries(
                {}, optional=dict.fromkeys(("blocking_run_id", "run_id", "flow_id"), hostile)
            )
        ),
    )
    changes = [
        Changed(at=NOON - n * MINUTE, what=words[n], who=words[n + 1], flow_id=words[4])
        for n in range(draw(st.integers(0, 3)))
    ]
    known = replace(samples.INVENTORY, changes=tuple(changes), changes_blind=words[7])
    opening = Open(
        severity=draw(st.sampled_from(Severity)),
        previous_id=draw(st.sampled_from([None, 37])),
        standing=draw(st.booleans()),
        reason=words[6],
    )
    return view_of(
        events=events,
        opening=opening,
        alert=alert,
        times_lately=draw(st.integers(1, 9)),
        changed=changed_before([alert], NOON, draw(st.sampled_from([known, None])), NOON),
    )


@given(view=views())
@thorough
def test_an_incident_and_all_its_lines(view):
    assert_sound(incident_message(view))
    assert_sound(possible_repeat(incident_message(view)))
    assert_sound(incident_with_timeline(view))
    for entry in view.entries:
        assert_sound(entry_line(entry, view))


def test_an_incident_without_any_alert_can_still_be_shown():
    assert_sound(incident_message(view_of(alerts=())))


def test_an_incident_of_many_subjects_names_the_first():
    names = ["Orders to NetSuite", "Stock to Shopify", "Prices"]
    alerts = tuple(
        alert_of(id=n, subject=Subject(kind="flow", id=str(n), name=name))
        for n, name in enumerate(names)
    )
    message = incident_message(view_of(alerts=alerts))
    assert_sound(message)
    assert "Orders to NetSuite and 2 more" in message.text


def test_a_long_timeline_keeps_its_first_and_its_newest_entries():
    events = []
    for minute in range(300):
        event = Unacknowledge() if minute % 2 else Acknowledge()
        events.append((event, Actor(who=PRIYA, via="button"), minute))
    message = incident_with_timeline(view_of(events=events))
    assert_sound(message)
    shown = "\n".join(texts_of(message.blocks))
    assert "Opened, high" in shown
    assert f"{int((NOON + 299 * MINUTE).timestamp())}" in shown
    assert "are not shown" in shown


@given(
    word=hostile, names=st.lists(hostile, max_size=60), blind=hostile, total=st.integers(0, 10**9)
)
@thorough
def test_the_queue(word, names, blind, total):
    waiting = tuple(
        Waiting(id=name, flow_id="f", flow_name=name, queued_at=NOON - n * MINUTE)
        for n, name in enumerate(names)
    )
    running = tuple(
        Run(
            id=name,
            flow_id="f",
            flow_name=word,
            status=RunStatus.STARTED,
            started_at=NOON - n * MINUTE,
            summary=word,
        )
        for n, name in enumerate(names)
    )
    facts = QueueFacts(
        read_at=NOON,
        waiting_total=total,
        waiting=waiting,
        running=running,
        usual=word,
        sentence=word,
        blind=blind,
        blind_since=NOON,
    )
    assert_sound(queue_answer(facts, Links()))
    assert_sound(queue_answer(replace(facts, read_at=None), Links()))


@given(word=hostile, sources=st.lists(hostile, max_size=30), connection=hostile)
@thorough
def test_the_status(word, sources, connection):
    facts = RoundFacts(
        at=NOON,
        took_seconds=1.5,
        judged=3,
        troubled=1,
        unknown=2,
        blind=tuple(sources),
        unjudged=tuple(sources),
    )
    assert_sound(status_answer(facts, [view_of().incident], 10**6, connection, NOON))
    assert_sound(status_answer(None, [], 0, connection, NOON))


@given(word=hostile, count=st.sampled_from([0, 1, 10, 11, 1000]))
@thorough
def test_lists(word, count):
    incidents = [view_of().incident] * count
    resolved = [view_of(events=[by_hand(word)]).incident] * min(count, 10)
    alerts = {42: [alert_of(subject=Subject(kind="flow", id=word, name=word), sentence=word)]}
    assert_sound(incident_list(incidents, resolved, alerts, NOON))
    if count:
        assert_sound(which("ack", incidents, alerts))


@given(word=hostile, near=st.sampled_from([None, "ack"]))
@thorough
def test_what_was_typed_is_quoted_harmlessly(word, near):
    assert_sound(unknown_verb(word, near, verbs(), COMMAND))
    assert_sound(no_incident(word))
    assert_sound(runbook_topics(BOOK.topics(), word, near))
    assert_sound(notice(word, word, 3))
    assert_sound(notice("slack/C0CHANNEL: not_in_channel", word, 1))


@given(
    word=hostile, signal=st.sampled_from(["stall", "saturation", "ageing", "slot_hog", "", None])
)
@thorough
def test_runbooks(word, signal):
    page = BOOK.find("stalled_queue")
    facts = dict.fromkeys(("waiting", "blocking_flow", "blocking_run_id", "flow", "state"), word)
    rendered = BOOK.render(page, facts | {"signal": signal}, About(incident=42, read_at=NOON))
    message = runbook_answer(rendered, " (#42)")
    assert_slack_takes(message)
    assert "<!channel>" not in str(all_blocks(message))
    assert "<@U0PRIYA>" not in str(all_blocks(message))


def test_a_runbook_too_long_for_a_message_ends_where_it_is_full():
    long = Rendered(
        title="x" * 500, sections=tuple(Section(heading="h", body="b " * 1400) for _ in range(60))
    )
    message = runbook_answer(long, " (#42)")
    assert_sound(message)
    assert texts_of(message.blocks)[-1].endswith("…")


@pytest.mark.parametrize(
    ("times", "said"), [(1, "before: last #37"), (3, "Third time"), (21, "21 times in 30 days")]
)
def test_a_recurrence_says_how_often(times, said):
    opening = Open(severity=Severity.HIGH, previous_id=37)
    message = incident_message(view_of(opening=opening, times_lately=times))
    assert said in "\n".join(texts_of(all_blocks(message)))


@pytest.mark.parametrize("length", [0, 1, 149, 150, 151, 40_000])
@pytest.mark.parametrize("sign", ["x", "&", "😀"])
def test_at_each_limit(sign, length):
    text = sign * length
    subject = Subject(kind="flow", id="f", name=text)
    assert_sound(incident_message(view_of(alert=alert_of(subject=subject, sentence=text))))


def test_the_shorter_form_has_no_blocks_and_says_the_same():
    message = incident_message(view_of())
    short = plain_version(message)
    assert short.text == message.text
    assert short.as_arguments()["blocks"] == []
    assert short.as_arguments()["attachments"] == []


def test_a_message_as_a_whole_has_limits():
    assert fits(answer("x" * 2900))
    many = answer(*["y" * 2900] * 4)
    assert not fits(many)
    assert not fits(replace(answer("x"), blocks=answer("x").blocks * 51))
    assert not fits(replace(answer("x"), text="z" * 4001))


def test_our_numbers_are_those_of_a_published_table():
    """slackblocks keeps its own table of Slack's limits."""
    assert blocks.HEADER_LENGTH == theirs.HEADER_TEXT_MAX_LENGTH
    assert blocks.SECTION_LENGTH == theirs.SECTION_TEXT_MAX_LENGTH
    assert blocks.FIELD_LENGTH == theirs.SECTION_FIELDS_ITEM_MAX_LENGTH
    assert blocks.FIELDS == theirs.SECTION_FIELDS_MAX_ITEMS
    assert blocks.CONTEXT_ELEMENTS == theirs.CONTEXT_ELEMENTS_MAX_ITEMS
    assert blocks.BUTTON_LENGTH == theirs.BUTTON_TEXT_MAX_LENGTH
    assert blocks.BLOCKS == theirs.MESSAGE_BLOCKS_MAX_ITEMS


def test_the_nasty_examples_are_really_tried():
    for text in NASTY:
        view = view_of(events=[by_hand(text)], alert=alert_of(sentence=text))
        assert_sound(incident_message(view))
    assert view_of(State.RESOLVED).incident.state is State.RESOLVED
