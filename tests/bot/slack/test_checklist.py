"""The runbook of an incident, step by step, and App Home: what they show, whatever is in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.incidents.events import Check
from bot.incidents.model import Actor, Kind, Severity, State
from bot.sandbox.workspace.blockkit.validate import view_problems
from bot.slack.checklist import done_of
from bot.slack.home import home_of
from bot.slack.modals import Carried, as_modal, told_modal
from bot.slack.pressing import OFFERED
from bot.slack.render.buttons import Pressed, buttons_of, read_value, value_of
from bot.slack.render.home import HomeView, OnCall, home_answer, home_tab
from bot.slack.render.incident import incident_message
from bot.slack.render.message import fits
from bot.slack.render.modals import (
    assign_modal,
    escalate_modal,
    note_modal,
    override_modal,
    resolve_modal,
    silence_modal,
    snooze_modal,
)
from bot.slack.render.runbook import checklist_answer
from bot.store import incidents
from checks.model import Subject
from runbooks.book import About, Book
from tests.bot.slack.crew import crewed
from tests.bot.slack.scene import (
    ALEX,
    MINUTE,
    NOON,
    PRIYA,
    alert_of,
    ask,
    assert_slack_takes,
    hostile,
    stall,
    view_of,
    words_of,
)
from tests.bot.slack.shapes import VIEW_SHAPE
from tests.bot.slack.sound import thorough

BOOK = Book()
BY_PRIYA = Actor(who=PRIYA, via="button")


@pytest.fixture
def desk(store):
    desk = crewed(store)
    stall(desk)
    return desk


def kinds_of(desk):
    return [entry.kind for entry in incidents.timeline(desk.store.db, 1)]


def buttons(message):
    return [block["accessory"] for block in message.blocks if "accessory" in block]


# the runbook


@pytest.mark.parametrize("topic", BOOK.topics())
def test_every_page_can_be_ticked_off_and_fits_a_message(topic):
    about = About(incident=42, incident_state="triggered", read_at=NOON)
    page = BOOK.render(BOOK.find_topic(topic), about=about)
    assert page.steps
    assert len({step.step for step in page.steps}) == len(page.steps)
    message = checklist_answer(page, view_of().incident, {})
    assert_slack_takes(message)
    assert len(buttons(message)) == len(page.steps)


@pytest.mark.parametrize("topic", BOOK.topics())
def test_step_by_step_a_page_says_what_it_says_as_a_whole(topic):
    page = BOOK.render(BOOK.find_topic(topic))
    whole = " ".join(section.body for section in page.sections)
    parts = [part.text for chapter in page.chapters for part in chapter.parts]
    assert all(step.text in whole for step in page.steps)
    assert sum(map(len, parts)) <= len(whole)
    assert not set(whole) & {"\ue002", "\ue003"}


def test_a_step_keeps_its_number_when_others_go():
    page = BOOK.find_topic("stalled queue")
    numbers = [
        {step.text: step.step for step in BOOK.render(page, about=about).steps}
        for about in (About(incident=42, incident_state="triggered"), About())
    ]
    common = numbers[0].keys() & numbers[1].keys()
    assert len(common) > 5
    assert all(numbers[0][text] == numbers[1][text] for text in common)


def test_a_step_is_ticked_off_once_and_can_be_taken_back(desk):
    for typed, done in (("check 1 step 2", True), ("done 1 2", True), ("check 1 2 undo", False)):
        assert (
            f"Step 2 of #1 is {'done' if done else 'not done after all'}" in ask(desk, typed).text
        )
    assert kinds_of(desk) == [Kind.OPENED, Kind.CHECKED, Kind.CHECKED]
    assert "A step of the runbook is not done after all, says <@U0PRIYA>" in words_of(
        ask(desk, "show 1")
    )


def test_a_step_that_another_did_stays_theirs(desk):
    ask(desk, "check 1 step 2", ALEX)
    shown = ask(desk, "runbook 1")
    key = buttons(shown)[1]["value"].split(":")[2].removesuffix(" undo")
    again = ask(desk, "check 1", PRIYA, via="button", rest=key)
    assert_slack_takes(again)
    assert "✅ ~2." in words_of(again)
    assert f"<@{ALEX}>" in words_of(again)
    assert kinds_of(desk).count(Kind.CHECKED) == 1


@pytest.mark.parametrize("typed", ["check 1", "check 1 step 99", "check 1 everything"])
def test_what_is_no_step_is_not_ticked_off(desk, typed):
    assert "`/seam runbook 42` numbers them" in ask(desk, typed).text
    assert kinds_of(desk) == [Kind.OPENED]


def test_the_newest_word_on_a_step_counts():
    page = "stalled-queue"
    events = [
        (Check(page=page, step=7, text="Look"), BY_PRIYA, 1),
        (Check(page=page, step=8, text="Stop"), BY_PRIYA, 2),
        (Check(page=page, step=7, text="Look", done=False), BY_PRIYA, 3),
        (Check(page="another", step=9, text="Ask"), BY_PRIYA, 4),
    ]
    assert list(done_of(view_of(events=events).entries, page)) == [8]


# buttons


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("severity", Severity)
def test_the_buttons_of_every_state_fit_and_carry_what_was_seen(state, severity):
    incident = view_of(state, severity).incident
    shown = [each.to_dict() for each in buttons_of(incident, has_runbook=True)]
    values = [each["value"] for each in shown if "value" in each]
    values += [option["value"] for each in shown for option in each.get("options", ())]
    assert len(shown) <= 5
    assert all(read_value(value).version == incident.version for value in values)
    assert len(values) == len(set(values)) + len([v for v in values if v == value_of(incident)]) - 1
    assert all(len(value) <= 75 for value in values)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("42:3", Pressed(incident_id=42, version=3)),
        ("42:3:30m", Pressed(incident_id=42, version=3, choice="30m")),
        ("42:3:", None),
        ("42", None),
        ("x:1", None),
        ("42:3:<!channel>", None),
        ("9" * 16 + ":1", None),
    ],
)
def test_only_values_of_ours_are_read(value, found):
    assert read_value(value) == found


def test_the_menu_more_offers_words_that_can_be_typed():
    assert {"take", "assign", "note", "runbook", "timeline", "silence", "wrong"} <= OFFERED


# modals and App Home


def assert_slack_takes_view(view):
    assert view_problems(view) == []
    assert VIEW_SHAPE.is_valid(view), list(VIEW_SHAPE.iter_errors(view))


@given(word=hostile, plan=hostile)
@thorough
def test_every_modal_is_one_that_slack_takes(word, plan):
    subject = Subject(kind="flow", id=word, name=word)
    about = view_of(alert=alert_of(subject=subject, sentence=word), plan=plan)
    views = (
        escalate_modal(about),
        resolve_modal(about),
        snooze_modal(about, "Europe/London"),
        assign_modal(about),
        note_modal(about),
        silence_modal(about, word),
        override_modal([word[:60] or "one"], NOON),
    )
    carried = Carried(incident_id=42, version=3, channel="C1", thread="1.2")
    for view in views:
        assert_slack_takes_view(as_modal(view, "resolve", carried))
    assert_slack_takes_view(told_modal(incident_message(about)))


@given(word=hostile, many=st.sampled_from([0, 1, 8, 9, 100]))
@thorough
def test_app_home_is_one_that_slack_takes_however_much_there_is(word, many):
    incident = view_of(State.SNOOZED).incident
    alerts = {42: [alert_of(subject=Subject(kind="flow", id=word, name=word), sentence=word)]}
    duty = OnCall(rota=word, people=(word,) * 3, since=NOON, until=NOON + MINUTE)
    view = HomeView(
        estate=word,
        user_id=ALEX,
        person=None,
        on_call=(duty,) * min(many, 9),
        mine=(incident,) * many,
        others=(view_of().incident,) * many,
        left=(view_of(State.RESOLVED).incident,) * many,
        alerts=alerts,
        glances=(),
        expiries=(),
        now=NOON,
    )
    assert_slack_takes_view(home_tab(view))
    assert fits(home_answer(view))
    assert_slack_takes(home_answer(view))


def test_app_home_names_what_is_mine_first(desk):
    ask(desk, "snooze 1 1h")
    view = home_of(desk, PRIYA)
    assert [each.id for each in view.mine] == [1]
    assert "Snoozed by you until" in words_of(home_answer(view))
    assert [each.id for each in home_of(desk, ALEX).others] == [1]


def test_app_home_says_when_one_is_on_call(desk):
    assert "you are on call until" in words_of(home_answer(home_of(desk, ALEX)))
    assert "your next shift begins" in words_of(home_answer(home_of(desk, PRIYA)))
    told = words_of(home_answer(home_of(desk, "U0OMAR")))
    assert "I do not know which person of the settings you are" in told


def test_the_runbook_of_what_is_resolved_says_first_that_it_tells_of_the_past(store):
    desk = crewed(store)
    stall(desk)
    past = "#1 is resolved"
    assert past not in words_of(ask(desk, "runbook 1"))
    ask(desk, "resolve 1")
    shown = ask(desk, "runbook 1")
    assert_slack_takes(shown)
    assert past in shown.blocks[1]["text"]["text"]
    assert "and not how it is now" in words_of(shown)
