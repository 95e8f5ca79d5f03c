"""Which messages an entry causes, and whom it is told in person."""

from __future__ import annotations

import pytest

from bot.incidents.events import (
    Acknowledge,
    Assign,
    Check,
    Confirm,
    Event,
    Hold,
    Join,
    Lapse,
    Note,
    Open,
    Reassess,
    Release,
    Remind,
    Resolve,
    Snooze,
    Take,
    Vote,
    Wake,
)
from bot.incidents.lifecycle import Change, advance, open_incident
from bot.incidents.model import Actor, Kind, Severity
from bot.saying import ASIDE, UNSAID, personal, say, speaks, told_again
from bot.store import outbox
from bot.store.outbox import Purpose
from tests.bot.response_scene import ALEX, HERE, HOUR, MINUTE, NOON, PRIYA, Scene, verdict

RULE = Actor(who="patience", via="timer")
BOTH = (Purpose.EDIT, Purpose.LINE)
OPENED = open_incident(1, Open(severity=Severity.HIGH), RULE, NOON)


def after(*deeds: tuple[Event, Actor]) -> Change:
    change = OPENED
    for event, actor in deeds:
        outcome = advance(change.incident, event, actor, NOON)
        assert isinstance(outcome, Change), outcome
        change = outcome
    return change


ACKED = (Acknowledge(), PRIYA)
SNOOZED = (Snooze(until=NOON + HOUR), PRIYA)
TRUE = Reassess(severity=Severity.HIGH, came_true=True)
CASES = {
    "opened": (OPENED, (Purpose.ROOT,), ()),
    "acknowledged": (after(ACKED), BOTH, ()),
    "taken from another": (after(ACKED, (Take(), ALEX)), BOTH, ()),
    "confirmed": (after(ACKED, (Confirm(), PRIYA)), (Purpose.EDIT,), ()),
    "seconded": (after(ACKED, (Acknowledge(), ALEX)), (), ()),
    "held": (after((Hold(reason="works"), RULE)), BOTH, ()),
    "let go": (after((Release(reason="works"), RULE)), BOTH, ()),
    "joined": (after((Join(reason="more"), RULE)), (), ()),
    "voted": (after((Vote(word="noisy"), ALEX)), (), ()),
    "milder": (after((Reassess(severity=Severity.LOW), RULE)), (Purpose.EDIT,), ()),
    "worse": (after((Reassess(severity=Severity.CRITICAL), RULE)), BOTH, ()),
    "a step of the runbook": (
        after((Check(page="p", step=1, text="x"), ALEX)), (Purpose.EDIT,), ()),
    "comes true": (after((TRUE, RULE)), BOTH, ()),
    "comes true in a hand": (after(ACKED, (TRUE, RULE)), BOTH, ("UPRIYA",)),
    "comes true while snoozed": (after(SNOOZED, (TRUE, RULE)), BOTH, ("UPRIYA",)),
    "a note": (after((Note(text="x"), ALEX)), (Purpose.LINE,), ()),
    "resolved": (after(ACKED, (Resolve(), ALEX)), BOTH, ()),
    "assigned": (after((Assign(to="UALEX"), PRIYA)), BOTH, ("UALEX",)),
    "assigned to oneself": (after((Assign(to="UALEX"), ALEX)), BOTH, ()),
    "the holder is asked": (after(ACKED, (Remind(held_since=2), RULE)), BOTH, ("UPRIYA",)),
    "lapsed": (after(ACKED, (Lapse(held_since=2), RULE)), BOTH, ("UPRIYA",)),
    "a snooze is over": (after(SNOOZED, (Wake(), RULE)), BOTH, ("UPRIYA",)),
    "a snooze was ended by another": (after(SNOOZED, (Wake(), ALEX)), BOTH, ("UPRIYA",)),
    "a snooze was ended by oneself": (after(SNOOZED, (Wake(), PRIYA)), BOTH, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_it_causes(name):
    change, purposes, people = CASES[name]
    assert (speaks(change.entry), personal(change)) == (purposes, people)


def test_every_kind_of_entry_has_a_place():
    for kind in Kind:
        assert not (kind in UNSAID and kind in ASIDE)
    changes_state = {Kind.RESOLVED, Kind.CLEARED, Kind.WORSENED, Kind.LAPSED, Kind.WOKEN}
    changes_state |= {Kind.CAME_TRUE}
    assert not changes_state & (UNSAID | ASIDE), "a change of state is always told"


def test_one_who_is_no_user_of_slack_gets_no_message(tmp_path):
    scene = Scene(tmp_path / "a.db")
    scene.see(verdict())
    scene.do(Acknowledge(), Actor(who="jo@example.com", via="api"))
    change = scene.do(Assign(to="dm/../x"))
    assert isinstance(change, Change)
    assert [each for each in scene.messages() if each.startswith("root dm/")] == ["root dm/UPRIYA"]
    scene.close()


def test_an_edit_goes_wherever_its_message_stands_and_a_line_only_home(tmp_path):
    scene = Scene(tmp_path / "a.db")
    scene.see(verdict())
    before = len(scene.messages())
    change = scene.do(Acknowledge())
    assert isinstance(change, Change)
    assert scene.messages()[before:] == [f"edit {HERE}", "edit dm/UPRIYA", f"line {HERE}"]
    with scene.store.writing() as db:
        say(db, after(ACKED, (Confirm(), PRIYA)), HERE, NOON)
    assert scene.messages()[before + 3 :] == [f"edit {HERE}", "edit dm/UPRIYA"]
    scene.close()


def test_a_channel_that_is_told_anew_keeps_one_live_message_too(tmp_path):
    scene = Scene(tmp_path / "a.db")
    scene.see(verdict())
    scene.pass_by(25 * MINUTE)
    scene.send_all()
    older = outbox.root_ts(scene.store.db, "incident/1", "slack/COPS")
    scene.pass_by(4 * HOUR, 10 * MINUTE)
    row = next(
        each
        for each in outbox.due_rows(scene.store.db, 1e12, ())
        if each.destination == "slack/COPS"
    )
    scene.send_all()
    with scene.store.writing() as db:
        told_again(db, row, NOON)
    assert scene.messages(f"told-again/1/{older}") == ["notice slack/COPS"]
    scene.close()


def test_a_person_who_is_told_anew_keeps_one_live_message_once_the_new_one_stands(tmp_path):
    scene = Scene(tmp_path / "a.db")
    scene.see(verdict())
    scene.send_all()
    scene.do(Assign(to="UPRIYA"), ALEX)
    row = next(
        each
        for each in outbox.due_rows(scene.store.db, 1e12, ())
        if each.destination == "dm/UPRIYA" and each.purpose is Purpose.ROOT
    )
    older = outbox.root_ts(scene.store.db, row.topic, row.destination)
    topic = f"told-again/1/{older}"
    for stands in (False, True, True):
        if stands:
            scene.send_all()
        with scene.store.writing() as db:
            told_again(db, row, NOON)
        assert scene.messages(topic) == (["notice dm/UPRIYA"] if stands else [])
    again = scene.restarted(tmp_path)
    with again.store.writing() as db:
        told_again(db, row, NOON)
    assert again.messages(topic) == ["notice dm/UPRIYA"]
    again.close()
    scene.close()
