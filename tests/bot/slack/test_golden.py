"""Every kind of message against a JSON file beside this test.

After a deliberate change: `SEAMWATCH_GOLDEN=write pytest tests/bot/slack/test_golden.py`, then read
the difference.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.facts import QueueFacts, RoundFacts, Trouble
from bot.foresight.foreseen import foreseen_of
from bot.incidents.events import (
    Acknowledge,
    Assign,
    Check,
    Escalate,
    Note,
    Open,
    Reassess,
    Remind,
    Snooze,
    Unacknowledge,
)
from bot.incidents.model import Actor, Severity, State
from bot.inventory import Limits
from bot.slack.render.answers import no_incident, no_such, none_open, resolved, which
from bot.slack.render.changed import changed_before
from bot.slack.render.chart import alt_text, chart_line, picture_message
from bot.slack.render.choice import none_named, several
from bot.slack.render.flow import flow_answer, not_named, not_read
from bot.slack.render.forecast import chosen_forecast, forecast_answer
from bot.slack.render.help import help_answer, unknown_verb
from bot.slack.render.home import Glance, HomeView, OnCall, home_answer
from bot.slack.render.incident import entry_line, incident_message
from bot.slack.render.limits import chosen_limits, limits_answer
from bot.slack.render.links import Links
from bot.slack.render.lists import Portion, incident_list
from bot.slack.render.notice import notice, possible_repeat
from bot.slack.render.queue import queue_answer
from bot.slack.render.runbook import checklist_answer, runbook_topics
from bot.slack.render.show import incident_with_timeline
from bot.slack.render.status import Handled, status_answer
from bot.slack.render.tokens import chosen_tokens, tokens_answer
from bot.slack.render.whatif import refusal, whatif_answer
from bot.slack.verbs import COMMAND, MENTION, verbs
from bot.store.ended_runs import Tally
from checks.model import Level, Subject
from checks.runs import Run, RunStatus, Waiting
from runbooks.book import Chapter, Page, Rendered
from runbooks.mrkdwn import Part
from tests.bot.slack import forecasts, rehearsals, samples
from tests.bot.slack.scene import (
    ALEX,
    CHECK,
    MINUTE,
    NOON,
    PRIYA,
    SENTENCE,
    alert_of,
    assert_slack_takes,
    by_hand,
    view_of,
)

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("SEAMWATCH_GOLDEN") == "write"

BY_PRIYA = Actor(who=PRIYA, via="button")
RULES = Actor(who="rules", via="timer")
STANDING = Open(severity=Severity.HIGH, previous_id=37, standing=True, reason=SENTENCE)
AGAIN = Open(severity=Severity.HIGH, previous_id=37, reason=SENTENCE)
BUSY_LIFE = [
    (Acknowledge(), BY_PRIYA, 3),
    (Reassess(severity=Severity.CRITICAL, turned="All 5 slots are taken."), CHECK, 5),
    (Acknowledge(), Actor(who=ALEX, via="mention"), 6),
    (Acknowledge(), BY_PRIYA, 7),
    (Unacknowledge(), Actor(who=ALEX, via="button"), 8),
    (Reassess(severity=Severity.HIGH), CHECK, 9),
    (Reassess(severity=Severity.HIGH, turned="The queue stands at its cap."), CHECK, 10),
    by_hand("Stopped r-77; it waited for <NetSuite> & never came back."),
]
JOBS = tuple(
    Waiting(id=f"j{n}", flow_id="f1", flow_name=name, queued_at=NOON - n * MINUTE)
    for n, name in enumerate(["Stock to Shopify", "Orders to NetSuite", "Prices"], start=1)
)
RUNS = (
    Run(
        id="r-77",
        flow_id="f1",
        flow_name="Orders to NetSuite",
        status=RunStatus.STARTED,
        started_at=NOON - 41 * MINUTE,
    ),
)
QUEUE = QueueFacts(
    read_at=NOON,
    waiting_total=14,
    waiting=JOBS,
    running=RUNS,
    allowance=5,
    usual="2, up to 6 on Saturdays at this hour",
    level=Level.BREACH,
    signal="stall",
    sentence=SENTENCE,
)
QUIET = QueueFacts(
    read_at=NOON,
    allowance=5,
    level=Level.OK,
    signal="clear",
    drains_at=NOON + 4 * MINUTE,
    sentence="Nothing waits; 0 of 5 slots are taken.",
)
ROUND = RoundFacts(
    at=NOON,
    took_seconds=1.24,
    judged=12,
    troubled=0,
    unknown=0,
    calls_last_minute=34,
    calls_per_minute=120,
)
LATER = NOON + timedelta(days=15)
NO_RUNS = Tally(ended=0, failed=0)
LADDER = "token_expiry"
RUNG = "7 days left: the certificate of NetSuite live (owner Omar) ends on 4 December."
AUDIT = "Nightly stock audit (has not been watched long enough to judge its schedule)"
BLIND = "Patchworks answers 503: the list of running flows could not be read."


def states():
    """Every state at every severity, and the early look."""
    for state in State:
        for severity in Severity:
            yield f"incident-{state}-{severity.word}", incident_message(view_of(state, severity))
    early = view_of(severity=Severity.LOW, alert=alert_of(level=Level.EARLY))
    yield "incident-early", incident_message(early)
    full = alert_of(signal="saturation", sentence="All 5 slots are taken.")
    yield "incident-saturated", incident_message(view_of(alert=full))
    by_person = view_of(events=[(Acknowledge(), BY_PRIYA, 3), by_hand("Stopped r-77.")])
    yield "incident-resolved-by-hand", incident_message(by_person)
    yield "incident-recurring", incident_message(view_of(opening=AGAIN, times_lately=3))
    ended = (view_of(events=[by_hand("Restarted the connector.")]).incident,)
    recurring = view_of(opening=AGAIN, times_lately=3, past=ended)
    yield "incident-recurring-ended", incident_message(recurring)
    held = [(Acknowledge(), BY_PRIYA, 3), (Remind(held_since=2), RULES, 63)]
    yield "incident-reminded", incident_message(view_of(events=held))
    before = view_of(events=[by_hand("")]).incident
    yield "incident-standing", incident_message(view_of(opening=STANDING, previous=before))
    yield "incident-repeat", possible_repeat(incident_message(view_of()))


def lines():
    view = view_of(events=BUSY_LIFE)
    for entry in view.entries[1:]:
        yield f"line-{entry.seq}-{entry.kind}", entry_line(entry, view)
    yield "show", incident_with_timeline(view)
    early = view_of(severity=Severity.LOW, alert=alert_of(level=Level.EARLY))
    yield "line-early", entry_line(early.entries[0], early)
    still = view_of(events=[by_hand("")], still_there_at=NOON + 49 * MINUTE)
    yield "show-standing", incident_with_timeline(still)
    yield "incident-not-gone", incident_message(still)
    yield "line-not-gone", entry_line(still.entries[-1], still)


def handling():
    """What people do about an incident: the runbook step by step, notes, escalation, App Home."""
    page = Page(name="look", title="Look", check="stalled_queue")
    steps = (Part(text="Open *run logs*", step=7), Part(text="Stop the run", step=8))
    filled = Rendered(
        title=page.title,
        sections=(),
        chapters=(Chapter(heading="Diagnosis", parts=(Part(text="Look twice."), *steps)),),
    )
    ticked = (Check(page="look", step=7, text="Open run logs"), BY_PRIYA, 4)
    step = Escalate(position=0, told="Alex (step 1 of 2 of normal)", mentions=ALEX, reason="Help")
    assigned = (Assign(to=ALEX), BY_PRIYA, 5)
    snooze = (Snooze(until=NOON + timedelta(hours=2), reason="They deploy."), BY_PRIYA, 6)
    told = (Note(text="The vendor <knows>."), Actor(who=PRIYA, via="modal"), 7)
    view = view_of(events=[ticked, (step, BY_PRIYA, 4), assigned, snooze, told])
    for entry in view.entries[1:]:
        yield f"line-handling-{entry.seq}-{entry.kind}", entry_line(entry, view)
    done = {7: view.entries[1]}
    yield "runbook-steps", checklist_answer(filled, view.incident, done, ["Filled in."])
    duty = OnCall(rota="integrations", people=("Alex",), since=NOON, until=NOON + MINUTE)
    yield (
        "home",
        home_answer(
            HomeView(
                estate="Acme Outdoors",
                user_id=ALEX,
                person="Alex",
                on_call=(duty,),
                mine=(view_of(events=[assigned]).incident,),
                others=(view.incident,),
                alerts={42: [alert_of()]},
                glances=(
                    Glance(title="Queue", said=queue_answer(QUIET, Links()).blocks[0], at=NOON),
                ),
                expiries=(samples.LATER,),
                now=NOON,
            )
        ),
    )


def answers():
    held, waiting = view_of(State.ACKNOWLEDGED).incident, view_of().incident
    done = view_of(State.RESOLVED).incident
    alerts = {42: [alert_of()]}
    blind = QUEUE.gone_blind(BLIND, NOON + MINUTE)
    yield "queue-stalled", queue_answer(QUEUE, Links())
    yield "queue-quiet", queue_answer(QUIET, Links())
    yield "queue-blind", queue_answer(blind, Links())
    never = QueueFacts(read_at=None).gone_blind(BLIND, NOON)
    yield "queue-never-read", queue_answer(never, Links())
    yield "queue-first-round", queue_answer(None, Links())
    well = "connected (Socket Mode)"
    yield "status-well", status_answer(ROUND, [], 0, well, NOON + MINUTE)
    young = replace(ROUND, unknown=1, unjudged=(AUDIT,))
    yield "status-not-judged", status_answer(young, [], 0, well, NOON + MINUTE)
    seen = RoundFacts(
        at=NOON, took_seconds=9.0, judged=3, troubled=1, unknown=1, blind=(f"the queue: {BLIND}",)
    )
    yield "status-blind", status_answer(seen, [held, waiting], 2, well, NOON)
    trouble = (Trouble(key="k", name="Orders", sentence="3 of 5 runs failed."),)
    named = replace(ROUND, troubled=1, trouble=trouble)
    told = {"k": Handled(incident_id=7, resolved=True)}
    yield "status-trouble", status_answer(named, [], 0, well, NOON + MINUTE, handled=told)
    yield "status-old", status_answer(ROUND, [], 0, well, NOON + 20 * MINUTE)
    yield "status-none", status_answer(None, [], 0, "not connected", NOON)
    yield "incidents", incident_list([waiting, held], [done], alerts, NOON)
    closed = view_of(events=[by_hand("")]).incident
    yield "incidents-standing", incident_list([], [closed], alerts, NOON, {42})
    hour = timedelta(hours=1)
    yield "resolved-standing", resolved(closed, stands=True, reopen_after=hour)
    yield "resolved-gone", resolved(closed, stands=False, reopen_after=hour)
    yield "no-incident", no_incident("frobnicate")
    yield "no-incident-several", no_incident("1 2 3")
    part = Portion(page=2, pages=3, total=23, open_in_all=40, typed="severity=high")
    yield "incidents-part", incident_list([waiting, held], [], alerts, NOON, (), part)
    yield "incidents-none", incident_list([], [], {}, NOON)
    yield "which", which("ack", [waiting, held], alerts)
    yield "no-such", no_such(7)
    yield "none-open", none_open()
    yield "help", help_answer(verbs(), COMMAND)
    yield "help-unknown", unknown_verb("akc", "ack", verbs(), COMMAND, "42")
    yield "help-unknown-far", unknown_verb("frobnicate", None, verbs(), COMMAND)
    yield "help-unknown-mention", unknown_verb("akc", "ack", verbs(), MENTION)
    yield "runbook-topics", runbook_topics(["stalled-queue"], "stalled-quue", "stalled-queue")
    reason = "not_in_channel: the bot is not in the channel; invite it with /invite"
    yield "notice", notice("slack/C0123456: not_in_channel", reason, 3)


def systems():
    """What is asked about systems and flows."""
    limits, register = samples.LIMITS, samples.REGISTER
    quiet = replace(limits, allowances=(samples.POINTS, samples.UNPUBLISHED))
    unread = replace(limits, allowances=(samples.BLIND,))
    yield "limits", limits_answer(limits, NOON)
    yield "limits-quiet", limits_answer(quiet, NOON)
    yield "limits-blind", limits_answer(unread, NOON)
    yield "limits-old", limits_answer(limits, NOON + 20 * MINUTE)
    yield "limits-none", limits_answer(None, NOON)
    yield "limits-one", chosen_limits([samples.NEARLY], NOON, NOON)
    yield "limits-own", chosen_limits([samples.OWN], NOON, NOON)
    yield "limits-unpublished", chosen_limits([samples.UNPUBLISHED], NOON, NOON)
    yield "tokens", tokens_answer(register, NOON)
    calm = replace(register, credentials=(samples.LATER, samples.RENEWED))
    yield "tokens-quiet", tokens_answer(calm, NOON)
    unknown = replace(register, credentials=(samples.LATER, samples.UNKNOWN))
    yield "tokens-unknown", tokens_answer(unknown, NOON)
    ended = replace(register, credentials=(samples.ENDING,))
    yield "tokens-ended", tokens_answer(replace(ended, at=LATER), LATER)
    yield "tokens-none", tokens_answer(None, NOON)
    both = [samples.REJECTED, samples.ENDING]
    yield "tokens-some", chosen_tokens("netsuite", both, NOON, NOON)
    yield "flow", flow_answer(samples.flow_view())
    never = samples.flow_view(flow=samples.STOCK, runs=(), recent=NO_RUNS, before=NO_RUNS)
    yield "flow-never-run", flow_answer(replace(never, last_good=None, failure=None))
    yield "flow-not-read", not_read()
    yield "flow-not-named", not_named("/seam flow")
    choices = [(each.id, each.name) for each in (samples.ORDERS, samples.ORDER_NOTES)]
    yield "flow-several", several("flow", "order", choices, "/seam flow")
    names = ["Orders to NetSuite", "Order notes"]
    yield "flow-none", none_named("flow", "ordres", names, names)
    yield "system-none", none_named("system", "xyz", [], ["dispatch", "shop"])


def causes():
    """Incidents that say what changed before them, and one rung of the ladder."""
    failing = alert_of(
        check="failing_flow",
        subject=Subject(kind="flow", id="3301", name="Orders to NetSuite"),
        signal="lasting",
        sentence="5 of the last 5 runs of Orders to NetSuite failed, the first 23 min ago; usually "
        '1 in 160 fails. The log says "HTTP 400: invalid reference key", which fails again until '
        "something is changed.",
        measures=(),
        facts={"flow_id": "3301", "run_id": "r-1"},
    )
    changed = changed_before([failing], NOON, samples.INVENTORY, NOON)
    yield "incident-failing-flow", incident_message(view_of(alert=failing, changed=changed))
    rung = (Reassess(severity=Severity.LOW, turned=RUNG), Actor(who=LADDER, via="check"), 9)
    view = view_of(severity=Severity.LOW, events=[rung], alert=alert_of(check=LADDER))
    yield "line-rung", entry_line(view.entries[1], view)


def foresight():
    """What is foreseen, asked for or told."""
    told = foreseen_of(forecasts.LIMITS)
    likely = foreseen_of(Limits(at=NOON, allowances=(forecasts.LIKELY,)))
    calm = foreseen_of(Limits(at=NOON, allowances=(forecasts.QUIET, forecasts.FAR)))
    held = foreseen_of(Limits(at=NOON, allowances=(forecasts.HELD,)))
    rest = foreseen_of(Limits(at=NOON, allowances=(forecasts.UNPROVEN, forecasts.NEW)))
    yield "forecast", forecast_answer(told, NOON, forecasts.RECORD)
    yield "forecast-calm", forecast_answer(calm, NOON)
    yield "forecast-withheld", forecast_answer(held, NOON)
    yield "forecast-old", forecast_answer(told, NOON + timedelta(hours=4), forecasts.RECORD)
    yield "forecast-none", forecast_answer((), NOON)
    yield "forecast-chart", chosen_forecast(likely, NOON, forecasts.CHART, native=True)
    yield "forecast-line", chosen_forecast(likely, NOON, forecasts.CHART, native=False)
    yield "forecast-unsure", chosen_forecast(rest, NOON, None, native=True)
    warning = forecasts.warning_view()
    yield "incident-foreseen", incident_message(replace(warning, draws_charts=True))
    yield "incident-foreseen-no-chart", incident_message(warning)
    yield "line-chart", chart_line(42, forecasts.CHART)
    yield "picture", picture_message(alt_text(forecasts.CHART), "F0123ABCD45")


def peaks():
    """Peaks rehearsed: one breaks a limit, one holds, one was not understood."""
    yield "whatif", whatif_answer(rehearsals.TOLD, rehearsals.LONDON)
    yield "whatif-holds", whatif_answer(rehearsals.of(rehearsals.HOLDS), rehearsals.LONDON)
    yield "whatif-refused", refusal('No system is called "netsute"; I know netsuite-live.')


CASES = {
    name: message
    for cases in (
        states(),
        lines(),
        handling(),
        answers(),
        systems(),
        causes(),
        foresight(),
        peaks(),
    )
    for name, message in cases
}


@pytest.mark.parametrize("name", CASES)
def test_message(name):
    message = CASES[name]
    assert_slack_takes(message)
    file = GOLDEN / f"{name}.json"
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        shown = json.dumps(message.as_arguments(), indent=1, ensure_ascii=False)
        file.write_text(f"{shown}\n", encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8")) == message.as_arguments()


def test_every_file_has_its_message():
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(CASES)
