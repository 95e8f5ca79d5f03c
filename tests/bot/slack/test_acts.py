"""The verbs that act on the platform: what they propose, offer, refuse and show."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from bot import acts
from bot.acting.proposal import Approval, Deed, Draft, Stage, Target
from bot.acting.routes import ActRules, read_route
from bot.acting.telling import tell
from bot.incidents.model import Actor, Kind
from bot.inventory import Inventory, save_inventory
from bot.outbox import Needless, TryLater
from bot.slack import acting
from bot.slack.letters import compose
from bot.slack.render import acts as render
from bot.slack.render.acts import APPROVE, REFUSE
from bot.slack.render.buttons import read_value
from bot.slack.verbs import Ask, by_button
from bot.store import acts as stored
from bot.store import failures, incidents, outbox
from bot.store.runs import save_runs
from checks.declare import Cause
from checks.failures import Failure
from checks.runs import Flow, Run, RunStatus
from tests.bot.slack.scene import (
    ALEX,
    MINUTE,
    NOON,
    PRIYA,
    all_blocks,
    ask,
    assert_slack_takes,
    desk_over,
    hostile,
    stall,
    words_of,
)

ORDERS = Flow(id="7", name="Orders to NetSuite", enabled=True, deployed=True)
STOCK = Flow(id="8", name="Stock to Shopify", enabled=True, deployed=True)
ROUTED = ActRules(routes={Deed.RETRY: read_route(Deed.RETRY, "POST /runs/{id}/retry")})


def run(run_id, minutes_ago, status=RunStatus.FAILURE, flow=ORDERS):
    started = NOON - minutes_ago * MINUTE
    return Run(
        id=run_id,
        flow_id=flow.id,
        flow_name=flow.name,
        status=status,
        started_at=started,
        finished_at=None if status is RunStatus.STARTED else started + MINUTE,
        trigger="Webhook",
    )


RUNS = (
    run("80", 300),
    run("81", 200, RunStatus.SUCCESS),
    run("82", 30),
    run("83", 20),
    run("84", 10, RunStatus.STARTED),
    run("85", 15, flow=STOCK),
    run("86", 80 * 60),
)


@pytest.fixture
def desk(store):
    if not store.db.table("proposals").exists():
        store.db.conn.executescript(stored.SCHEMA)
    made = desk_over(store)
    told = Failure(
        run_id="82",
        flow_id="7",
        at=NOON,
        status=RunStatus.FAILURE,
        cause=Cause.LASTING,
        line="Missing required field: locationId",
        records=4,
    )
    with store.writing() as db:
        save_inventory(db, Inventory(at=NOON, flows=(ORDERS, STOCK)))
        save_runs(db, RUNS)
        failures.save_failures(db, [told])
    stall(made, "7")
    return made


def newest(desk):
    return stored.newest(desk.store.db, 1)[0]


def press(desk, button, proposal, user=ALEX):
    pressed = read_value(f"{proposal.id}:{proposal.version}")
    asked = Ask(
        user_id=user, via="button", incident_id=pressed.incident_id, seen_version=pressed.version
    )
    return by_button()[button].answer(desk, asked)


def test_a_flow_is_proposed_with_its_name_in_quotes_or_without(desk):
    said = ask(desk, 'start "Orders to NetSuite" the evening run was missed')
    assert "Proposal 1 stands in the channel" in words_of(said)
    assert newest(desk).draft.reason == "the evening run was missed"
    ask(desk, "start stock to shopify nobody sent stock since noon")
    assert newest(desk).draft.targets[0].flow_id == "8"
    assert newest(desk).draft.reason == "nobody sent stock since noon"
    for each in outbox.due_rows(desk.store.db, 1e12, ()):
        assert each.topic.startswith(("act/", "incident/"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("start", "Which flow?"),
        ("start Orders to NetSuite", "Say why after the name"),
        ('start "to" because', "does not begin with the whole name of a flow"),
        ("start Returns now", "No flow is called"),
        ("priority Orders now", "Begin with the priority"),
        ("replay", "Which incident, or which run?"),
        ("replay 99", "There is no incident #99"),
        ("stop 81000001", "I know of no run 81000001. A run is known once a round has read it"),
        ("replay 81", "has not failed"),
        ("replay 84", "has not failed"),
        ("replay 86", "72 hours"),
        ("stop 82", "has ended"),
        ("approve", "Which proposal?"),
        ("approve 99", "There is no proposal 99"),
        ("refuse 99", "There is no proposal 99"),
        ("acts", "Nothing was proposed lately"),
    ],
)
def test_what_cannot_be_proposed_is_said_and_nothing_is_written(desk, typed, said):
    answered = ask(desk, typed)
    assert said in words_of(answered)
    assert_slack_takes(answered)
    assert stored.newest(desk.store.db, 1) == []


@pytest.mark.parametrize(
    ("typed", "menu"),
    [
        ("retry 82", "run logs, open the failed run, Retry"),
        ("stop 84 it hangs", "run logs &gt; active"),
        ("disable Orders to NetSuite it floods the queue", "the flow's switch"),
        ("priority 1 Orders to NetSuite it must not wait", "open the flow, settings"),
        ("disable Orders to NetSuite", "the flow's switch"),
    ],
)
def test_what_is_not_confirmed_shows_the_menu_instead(desk, typed, menu):
    answered = ask(desk, typed)
    assert menu in words_of(answered)
    assert "acts.routes" in words_of(answered)
    assert stored.newest(desk.store.db, 1) == []


def test_of_many_runs_a_few_are_named_whole_and_the_others_counted(desk):
    names = [f"run {number} of {'Klaviyo profiles ' * 3}" for number in range(8)]
    answered = words_of(render.by_menu(Deed.RETRY, names, desk.links))
    assert "run 3 of Klaviyo profiles Klaviyo profiles Klaviyo profiles and 4 more from" in answered
    assert "…" not in answered


def test_what_the_settings_route_is_proposed(desk):
    ask(replace(desk, acts=ROUTED), "retry 83 the time-out is over")
    assert newest(desk).draft.deed is Deed.RETRY


def test_a_replay_of_an_incident_takes_its_failed_runs_since_the_last_success(desk):
    said = ask(desk, "replay 1 the mapping is mended")
    proposal = newest(desk)
    assert [each.run_id for each in proposal.draft.targets] == ["82", "83"]
    assert proposal.draft.incident_id == 1
    assert proposal.draft.reason == "the mapping is mended"
    assert "the thread of its incident" in words_of(said)
    assert "Advised against (1 of 2 runs)" in words_of(said)
    entry = incidents.timeline(desk.store.db, 1)[-1]
    assert (entry.kind, entry.data["proposal"]) == (Kind.ACTED, proposal.id)


def test_the_line_in_the_thread_has_the_preview_and_the_buttons_while_it_waits(desk):
    ask(desk, "replay 1")
    entry = incidents.timeline(desk.store.db, 1)[-1]
    line = acting.line_of(desk, entry)
    assert_slack_takes(line)
    shown = words_of(line)
    assert "4 records failed in them, and 1 run whose log tells no number" in shown
    assert "A second person has to approve it" in shown
    assert "Patchworks forgets the first of these payloads" in shown
    pressed = [each for block in all_blocks(line) for each in block.get("elements", ())]
    ids = {each["action_id"]: each for each in pressed if "action_id" in each}
    assert set(ids) == {APPROVE, REFUSE}
    assert ids[APPROVE]["value"] == "1:1"
    assert "confirm" in ids[APPROVE]
    press(desk, APPROVE, newest(desk))
    after = acting.line_of(desk, entry)
    assert "Proposal 1 proposed" in words_of(after)
    assert "Advised against (1 of 2 runs)" in words_of(after)
    assert all(block["type"] != "actions" for block in all_blocks(after))


def test_a_press_approves_and_a_second_one_is_told_by_whom(desk):
    ask(desk, "replay 1")
    made = newest(desk)
    assert "It is being carried out" in words_of(press(desk, APPROVE, made))
    second = words_of(press(desk, APPROVE, made, user="U0MARA"))
    assert f"was approved by <@{ALEX}>" in second
    assert "Nothing was done twice" in second


def test_what_is_advised_against_is_approved_by_words_only_with_a_reason(desk):
    ask(desk, "replay 1")
    first = words_of(ask(desk, "approve 1", user_id=ALEX))
    assert "Proposal 1 is not approved yet" in first
    assert "Advised against (1 of 2 runs)" in first
    assert newest(desk).stage is Stage.PENDING
    then = words_of(ask(desk, "approve 1 the vendor mended it", user_id=ALEX))
    assert "It is being carried out" in then
    assert "Advised against (1 of 2 runs)" in then
    assert newest(desk).stage is Stage.APPROVED


def test_what_nothing_speaks_against_needs_no_reason(desk):
    ask(desk, "start Stock to Shopify it was missed")
    assert "⚠️" not in words_of(ask(desk, "approve 1", user_id=ALEX))
    assert newest(desk).stage is Stage.APPROVED


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("replay banana", "`banana` is neither an incident nor a run that I know, so nothing was"),
        ("stop banana", "For an incident say `/seam stop 42 why`"),
        ("replay", "Which incident, or which run?"),
    ],
)
def test_what_is_no_incident_and_no_run_is_said_plainly(desk, typed, said):
    assert said in words_of(ask(desk, typed))


def test_ones_own_press_is_refused_in_words(desk):
    ask(desk, "replay 1")
    said = words_of(press(desk, APPROVE, newest(desk), user=PRIYA))
    assert "a second person has to approve it" in said
    assert newest(desk).stage is Stage.PENDING


def test_alone_one_approves_with_a_reason_by_command(desk):
    alone = replace(desk, acts=ActRules(approval=Approval.CONFIRM_WITH_REASON))
    ask(alone, "replay 1")
    assert "say why in 8 characters" in words_of(press(alone, APPROVE, newest(desk), user=PRIYA))
    ask(alone, "approve 1 nobody else is awake")
    assert newest(desk).stage is Stage.APPROVED
    assert newest(desk).approval_reason == "nobody else is awake"


def test_in_a_thread_the_one_that_waits_there_is_meant(desk):
    ask(desk, "replay 1")
    by_mention = Ask(user_id=ALEX, via="mention", incident_id=1)
    assert "It is turned down" in words_of(by_button()[REFUSE].answer(desk, by_mention))
    assert newest(desk).stage is Stage.REFUSED


def test_a_run_that_was_replayed_is_not_offered_again_by_its_incident(desk):
    ask(desk, "replay 82")
    with desk.store.writing() as db:
        stored.decide(db, newest(desk), Stage.APPROVED, ALEX, "", NOON)
        for stage in (Stage.EXECUTING, Stage.EXECUTED):
            stored.advance(db, stored.find(db, 1), stage, "Began run 90.")
    ask(desk, "replay 1")
    assert [each.run_id for each in newest(desk).draft.targets] == ["83"]
    ask(desk, "replay 82")
    assert "Run 82 was repeated already, by proposal 1." in newest(desk).draft.preview


def test_the_list_shows_what_stands_with_its_buttons(desk):
    ask(desk, "replay 1")
    ask(desk, "start Stock to Shopify it was missed")
    press(desk, REFUSE, newest(desk))
    shown = ask(desk, "acts")
    assert_slack_takes(shown)
    assert "1 proposal waits for approval." in words_of(shown)
    assert "turned down" in words_of(shown)


def row_of(desk, topic, purpose):
    """The row that is next to be sent, once nothing else is."""
    db = desk.store.db
    db.execute(
        "UPDATE outbox SET state = 'sent', ts = number || '.0' WHERE state = 'pending'"
        " AND (topic <> ? OR purpose <> ?)",
        [topic, purpose],
    )
    [row] = outbox.due_rows(db, 1e12, ())
    return row


def test_a_proposal_without_an_incident_has_its_own_message_which_changes_in_place(desk):
    ask(desk, "start Stock to Shopify it was missed")
    first = acting.beside_of(desk, row_of(desk, "act/1", "root"))
    assert "Starts Stock to Shopify now" in words_of(first)
    assert "A second person has to approve it" in words_of(first)
    press(desk, REFUSE, newest(desk))
    changed = acting.beside_of(desk, row_of(desk, "act/1", "edit"))
    assert_slack_takes(changed)
    assert f"Turned down by <@{ALEX}>" in words_of(changed)
    assert "has to approve" not in words_of(changed)
    assert all(block["type"] != "actions" for block in all_blocks(changed))


def test_what_came_of_a_proposal_is_one_line_under_its_message(desk):
    ask(desk, "start Stock to Shopify it was missed")
    row_of(desk, "act/1", "root")
    press(desk, REFUSE, newest(desk))
    letter = compose(desk, row_of(desk, "act/1", "line"))
    assert "Proposal 1 turned down" in letter.message.text
    assert letter.root_ts == outbox.root_ts(desk.store.db, "act/1", desk.rules.destination)
    sql = "SELECT purpose FROM outbox WHERE topic = 'act/1' ORDER BY number"
    assert [each for (each,) in desk.store.db.execute(sql)] == ["root", "edit", "line"]


def test_the_line_of_a_thread_that_proposed_it_loses_its_buttons(desk):
    ask(desk, "replay 1")
    press(desk, REFUSE, newest(desk))
    row = row_of(desk, "decided/1", "notice")
    seq = next(e.seq for e in incidents.timeline(desk.store.db, 1) if e.data.get("proposal"))
    letter = compose(desk, row)
    ts, _ = outbox.find_line(desk.store.db, "incident/1", row.destination, seq)
    assert letter.replaces == ts
    assert all(block["type"] != "actions" for block in all_blocks(letter.message))


def test_a_line_that_was_not_sent_yet_needs_nothing_in_its_place(desk):
    ask(desk, "replay 1")
    press(desk, REFUSE, newest(desk))
    row = next(r for r in outbox.due_rows(desk.store.db, 1e12, ()) if r.topic == "decided/1")
    with pytest.raises(Needless):
        compose(desk, row)
    desk.store.db.execute("UPDATE outbox SET attempts = 1 WHERE purpose = 'line'")
    with pytest.raises(TryLater):
        compose(desk, row)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(hostile)
def test_foreign_words_reach_slack_escaped(desk, text):
    target = Target(flow_id="7", flow_name=text)
    draft = Draft(
        deed=Deed.START, targets=(target,), preview=(text, text), against=text, reason=text
    )
    now = desk.clock.now()
    with desk.store.writing() as db:
        until = now + timedelta(hours=1)
        held = stored.find_open(db, draft.subject)
        number = (
            held.id if held else stored.insert(db, draft, Approval.SECOND_PERSON, PRIYA, now, until)
        )
    proposal = replace(stored.find(desk.store.db, number), draft=draft)
    for message in (
        render.proposal_message(proposal),
        render.said_message(text, Stage.EXECUTED, now, PRIYA),
        render.listed([proposal]),
        render.proposed(proposal, is_new=True),
        render.by_menu(Deed.STOP, [text], desk.links),
    ):
        assert_slack_takes(message)
        assert "<!channel>" not in words_of(message)


def test_whoever_tells_first_tells_alone(desk):
    ask(desk, "replay 1")
    with desk.store.writing() as db:
        db.execute("UPDATE proposals SET told = 0")
        stored.decide(db, newest(desk), Stage.APPROVED, ALEX, "", NOON)
    proposal, ready = newest(desk), threading.Barrier(8)

    def tell_it():
        ready.wait()
        tell(desk.store, proposal, "command", desk.rules.destination, NOON)

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(tell_it) for _ in range(8)]:
            done.result()
    entries = incidents.timeline(desk.store.db, 1)
    assert [entry.reason for entry in entries if "approved" in entry.reason] == [
        "Proposal 1 approved, being carried out"
    ]


def test_an_incidents_end_is_no_end_of_what_may_be_done(desk):
    acts.propose(
        desk.store,
        Draft(
            deed=Deed.START,
            targets=(Target(flow_id="7", flow_name="Orders"),),
            preview=("Starts Orders.",),
            incident_id=1,
        ),
        Actor(who=PRIYA, via="command"),
        desk.acts,
        desk.rules.destination,
        NOON,
    )
    assert incidents.timeline(desk.store.db, 1)[-1].reason == "Proposal 1 proposed: Starts Orders."
